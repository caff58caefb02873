-- The oldest schema whose programs can work with this one; each later migration states it (CONTRIBUTING.md).
INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

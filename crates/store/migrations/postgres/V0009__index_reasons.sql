-- PostgreSQL has had the index by reason from the first schema on; the number is taken so that both count alike.
INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- PostgreSQL packs large values by itself: nothing is changed here.
INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

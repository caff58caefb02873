-- A file keeps its cards in the order in which they are due: nothing is changed here.
INSERT INTO meta (name, value) VALUES ('oldest_schema', 13)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

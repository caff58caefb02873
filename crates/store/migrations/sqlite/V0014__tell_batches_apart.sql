-- A file has one writer, who is told what became of a batch: nothing is changed here.
INSERT INTO meta (name, value) VALUES ('oldest_schema', 13)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

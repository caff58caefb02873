-- What people do about causes: one row a cause that was ever open. `look_at` is when it is to be looked at again; the
-- largest number: not by time alone; nothing: it is closed.
CREATE TABLE exception (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    cause       TEXT NOT NULL,
    look_at     INTEGER,
    body        BLOB NOT NULL,
    PRIMARY KEY (practice, integration, cause)
) WITHOUT ROWID;
CREATE INDEX exception_open ON exception (practice, integration, cause) WHERE look_at IS NOT NULL;
CREATE INDEX exception_by_time ON exception (look_at) WHERE look_at IS NOT NULL;

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

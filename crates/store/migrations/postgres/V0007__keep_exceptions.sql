-- What people do about causes: one row a cause that was ever open. `look_at` is when it is to be looked at again; the
-- largest number: not by time alone; nothing: it is closed.
CREATE TABLE exception (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    cause       TEXT COLLATE "C" NOT NULL,
    look_at     BIGINT,
    body        BYTEA NOT NULL,
    PRIMARY KEY (practice, integration, cause)
);
CREATE INDEX exception_open ON exception (practice, integration, cause) WHERE look_at IS NOT NULL;
CREATE INDEX exception_by_time ON exception (look_at) WHERE look_at IS NOT NULL;

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

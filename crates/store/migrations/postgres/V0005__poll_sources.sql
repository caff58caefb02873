-- Reading sources by asking: one row an integration that is read so. `due_at` is when somebody should look at it; while
-- a process reads, the end of its lease. The largest number: never.
CREATE TABLE poll (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    -- Raised with every change: whoever changes the row names the number it has seen.
    revision    BIGINT NOT NULL,
    -- Raised with every claim: a process whose lease ran out is told so.
    fence       BIGINT NOT NULL,
    body        BYTEA NOT NULL,
    PRIMARY KEY (practice, integration)
);
CREATE INDEX poll_by_due ON poll (due_at);

-- Where the limits of vendors stand, shared by all processes.
CREATE TABLE pace (
    scope    TEXT COLLATE "C" PRIMARY KEY,
    revision BIGINT NOT NULL,
    body     BYTEA NOT NULL
);

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- What runs of data-quality checks found. `slot` is the full hour of a run: there is one of each hour.
CREATE TABLE check_run (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    slot        BIGINT NOT NULL,
    body        BYTEA NOT NULL,
    PRIMARY KEY (practice, integration, slot)
);

-- How queues are used, counted by day (days since 1970-01-01, at the practice). Each process counts in a slot of its
-- own, so that none waits for another; the sum counts.
CREATE TABLE queue_use (
    practice BIGINT NOT NULL,
    day      BIGINT NOT NULL,
    what     SMALLINT NOT NULL,
    count    BIGINT NOT NULL,
    slot     SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (practice, day, what, slot)
);

-- What was said of one visit. Rows of before have the visit in their body only.
ALTER TABLE feedback ADD COLUMN source_id TEXT COLLATE "C";
CREATE INDEX feedback_by_visit ON feedback (practice, integration, source_id, id);

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- What runs of data-quality checks found. `slot` is the full hour of a run: there is one of each hour.
CREATE TABLE check_run (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    slot        INTEGER NOT NULL,
    body        BLOB NOT NULL,
    PRIMARY KEY (practice, integration, slot)
) WITHOUT ROWID;

-- How queues are used, counted by day (days since 1970-01-01, at the practice).
CREATE TABLE queue_use (
    practice INTEGER NOT NULL,
    day      INTEGER NOT NULL,
    what     INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (practice, day, what)
) WITHOUT ROWID;

-- What was said of one visit. Rows of before have the visit in their body only.
ALTER TABLE feedback ADD COLUMN source_id TEXT;
CREATE INDEX feedback_by_visit ON feedback (practice, integration, source_id, id);

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

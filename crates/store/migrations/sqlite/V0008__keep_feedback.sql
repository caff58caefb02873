-- Whether explanations were right, as people said. `reason` is the primary one that was given; 0: none.
CREATE TABLE feedback (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    reason      INTEGER NOT NULL,
    was_right   INTEGER NOT NULL,
    body        BLOB NOT NULL,
    PRIMARY KEY (practice, integration, id)
) WITHOUT ROWID;
CREATE INDEX feedback_by_time ON feedback (practice, integration, at, reason, was_right);

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

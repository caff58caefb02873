-- Whether explanations were right, as people said. `reason` is the primary one that was given; 0: none.
CREATE TABLE feedback (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    reason      SMALLINT NOT NULL,
    was_right   BOOLEAN NOT NULL,
    body        BYTEA NOT NULL,
    PRIMARY KEY (practice, integration, id)
);
CREATE INDEX feedback_by_time ON feedback (practice, integration, at, reason, was_right);

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

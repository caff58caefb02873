-- Events that platforms are told besides cards. A row stands until it was told, or given up.
CREATE TABLE event (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    body        BYTEA NOT NULL,
    PRIMARY KEY (practice, integration, id)
);
CREATE INDEX event_by_time ON event (due_at);

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- Events that platforms are told besides cards. A row stands until it was told, or given up.
CREATE TABLE event (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    body        BLOB NOT NULL,
    PRIMARY KEY (practice, integration, id)
) WITHOUT ROWID;
CREATE INDEX event_by_time ON event (due_at);

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- What people are to be told, and what became of it. `once`: no second notice of the integration has this key.
-- `due_at`: when it is to be sent, or when whoever is sending it is given up; empty when it is closed.
CREATE TABLE notice (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    subject     TEXT NOT NULL,
    once        TEXT NOT NULL,
    due_at      INTEGER,
    body        BLOB NOT NULL,
    PRIMARY KEY (practice, integration, id),
    UNIQUE (practice, integration, once)
) WITHOUT ROWID;
CREATE INDEX notice_by_subject ON notice (practice, integration, subject, id);
CREATE INDEX notice_due ON notice (due_at) WHERE due_at IS NOT NULL;

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- What people are to be told, and what became of it. `once`: no second notice of the integration has this key.
-- `due_at`: when it is to be sent, or when whoever is sending it is given up; empty when it is closed.
CREATE TABLE notice (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    subject     TEXT COLLATE "C" NOT NULL,
    once        TEXT COLLATE "C" NOT NULL,
    due_at      BIGINT,
    body        BYTEA NOT NULL,
    PRIMARY KEY (practice, integration, id),
    UNIQUE (practice, integration, once)
);
CREATE INDEX notice_by_subject ON notice (practice, integration, subject, id);
CREATE INDEX notice_due ON notice (due_at) WHERE due_at IS NOT NULL;

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

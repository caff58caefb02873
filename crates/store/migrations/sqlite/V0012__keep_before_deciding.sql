-- Messages that are kept, acknowledged and not decided on yet: a row for each visit and patient that one speaks of.
-- A service on SQLite decides before it acknowledges; rows come here with a copy of a store that several processes
-- worked on, and are worked off by the next service.
CREATE TABLE undecided (
    turn        INTEGER PRIMARY KEY,
    practice    INTEGER NOT NULL,
    subject     INTEGER NOT NULL,
    envelope    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    control_id  TEXT,
    UNIQUE (practice, subject, envelope)
);

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

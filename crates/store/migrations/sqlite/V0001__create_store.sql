-- Every key leads with the practice, so that the same schema can be spread over machines by practice.
-- Times are microseconds since 1970-01-01T00:00:00Z. Bodies are CBOR with numbered fields: a newer version of the
-- program adds fields, an older one skips what it does not know.

-- Settings of the store itself: the set-up's epoch, the node counter.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('setup_epoch', 0), ('boot', 0);

-- ---- Set-up -------------------------------------------------------------------------------------------------------

CREATE TABLE practice (
    practice   INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    document   TEXT NOT NULL,
    changed_at INTEGER NOT NULL
);

CREATE TABLE integration (
    practice        INTEGER NOT NULL,
    integration     INTEGER NOT NULL,
    id              TEXT NOT NULL UNIQUE,
    document        TEXT NOT NULL,
    lifecycle       INTEGER NOT NULL,
    lifecycle_since INTEGER NOT NULL,
    -- Since when the platform's endpoint answers that it is gone (410).
    gone_since      INTEGER,
    version         INTEGER NOT NULL,
    changed_at      INTEGER NOT NULL,
    PRIMARY KEY (practice, integration)
) WITHOUT ROWID;

-- Links made by people; those of patients stand with the patient.
CREATE TABLE link (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    author      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (practice, integration, kind, source_id)
) WITHOUT ROWID;

-- ---- What arrived -------------------------------------------------------------------------------------------------

-- Messages exactly as they came. Append-only; retention removes the oldest.
CREATE TABLE envelope (
    id          INTEGER PRIMARY KEY,
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    channel     TEXT NOT NULL,
    format      INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    note        TEXT,
    digest      BLOB NOT NULL,
    body        BLOB NOT NULL
);

-- Message ids, to answer a repeated message as the first time.
CREATE TABLE control (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    control_id  TEXT NOT NULL,
    envelope    INTEGER NOT NULL,
    answer      BLOB NOT NULL,
    source_id   TEXT,
    PRIMARY KEY (practice, integration, control_id)
) WITHOUT ROWID;

-- Envelopes that could not be applied, for whoever looks after the feed.
CREATE INDEX envelope_set_aside ON envelope (practice, integration, id) WHERE state <> 0;

-- ---- What is held -------------------------------------------------------------------------------------------------

-- The columns are those that lists search by; everything else is in the body. An unknown start is the largest number.
CREATE TABLE appointment (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    source_id   TEXT NOT NULL,
    start_at    INTEGER NOT NULL,
    verdict     INTEGER NOT NULL,
    reason      INTEGER,
    body        BLOB NOT NULL,
    PRIMARY KEY (practice, integration, source_id)
) WITHOUT ROWID;
CREATE INDEX appointment_by_start ON appointment (practice, integration, start_at);
-- Everything but "in sync" and "on its way": what somebody might have to look at.
CREATE INDEX appointment_unsettled ON appointment (practice, integration, verdict, start_at) WHERE verdict > 1;

-- Everything that happened, entry by entry. Each entry points to the one before it of the same appointment.
CREATE TABLE entry (
    id          INTEGER PRIMARY KEY,
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    source_id   TEXT NOT NULL,
    prev        INTEGER,
    at          INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    body        BLOB NOT NULL
);

-- Patients of the source, with their link to the platform. A row without `visit` is the person; right behind stand the
-- visits that person takes part in, so that one page serves both.
CREATE TABLE patient (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    source_id   TEXT NOT NULL,
    visit       TEXT NOT NULL,
    email_key   TEXT,
    name_key    TEXT,
    linked      INTEGER,
    body        BLOB,
    PRIMARY KEY (practice, integration, source_id, visit)
) WITHOUT ROWID;
CREATE INDEX patient_by_email ON patient (practice, email_key) WHERE email_key IS NOT NULL;
CREATE INDEX patient_by_name ON patient (practice, integration, name_key) WHERE name_key IS NOT NULL;

-- Accounts of the platform that a document names. An account without source_id is not linked.
CREATE TABLE account (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    platform_id TEXT NOT NULL,
    source_id   TEXT,
    email_key   TEXT,
    name_key    TEXT,
    birth_date  TEXT,
    body        TEXT NOT NULL,
    PRIMARY KEY (practice, integration, platform_id)
) WITHOUT ROWID;
CREATE INDEX account_by_email ON account (practice, email_key) WHERE email_key IS NOT NULL;
CREATE INDEX account_unlinked_by_birth ON account (practice, integration, birth_date) WHERE source_id IS NULL;
CREATE INDEX account_unlinked_by_name ON account (practice, integration, name_key) WHERE source_id IS NULL;
CREATE INDEX account_by_source ON account (practice, integration, source_id) WHERE source_id IS NOT NULL;

-- ---- What waits ---------------------------------------------------------------------------------------------------

-- Appointments under the facts they wait for.
CREATE TABLE wait (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    wake_key    TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    PRIMARY KEY (practice, integration, wake_key, source_id)
) WITHOUT ROWID;

-- Appointments under the instants they wait for.
CREATE TABLE timer (
    due_at      INTEGER NOT NULL,
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    source_id   TEXT NOT NULL,
    PRIMARY KEY (due_at, practice, integration, source_id)
) WITHOUT ROWID;

-- Facts that changed, until every appointment under them has been decided again.
CREATE TABLE fired (
    id          INTEGER PRIMARY KEY,
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    wake_key    TEXT NOT NULL,
    scope       INTEGER NOT NULL,
    why         TEXT NOT NULL,
    at          INTEGER NOT NULL,
    after       TEXT
);

-- Appointments under what stops them: one reason and subject is one cause.
CREATE TABLE stop (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    reason      INTEGER NOT NULL,
    subject     TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    start_at    INTEGER NOT NULL,
    PRIMARY KEY (practice, integration, reason, subject, source_id)
) WITHOUT ROWID;

CREATE TABLE cause (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    reason      INTEGER NOT NULL,
    subject     TEXT NOT NULL,
    id          TEXT NOT NULL UNIQUE,
    opened_at   INTEGER NOT NULL,
    closed_at   INTEGER,
    decision    TEXT,
    PRIMARY KEY (practice, integration, reason, subject)
) WITHOUT ROWID;
CREATE INDEX cause_open ON cause (practice, integration) WHERE closed_at IS NULL;

-- ---- What is under way --------------------------------------------------------------------------------------------

-- Cards to be delivered; one row an appointment at most, named by the entry that wished for it.
-- One tree in the order in which cards become due: a row is put in and taken out once or twice in its short life.
CREATE TABLE outbox (
    visible_at  INTEGER NOT NULL,
    entry       INTEGER NOT NULL,
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    source_id   TEXT NOT NULL,
    version     INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    PRIMARY KEY (visible_at, entry)
) WITHOUT ROWID;

-- ---- What was read ------------------------------------------------------------------------------------------------

CREATE TABLE coverage (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    feed        TEXT NOT NULL,
    from_at     INTEGER NOT NULL,
    to_at       INTEGER NOT NULL,
    read_at     INTEGER NOT NULL,
    complete    INTEGER NOT NULL,
    PRIMARY KEY (practice, integration, feed, from_at)
) WITHOUT ROWID;
-- Stretches are asked for from some moment on, mostly a recent one.
CREATE INDEX coverage_by_end ON coverage (practice, integration, to_at);

-- Appointments by verdict, kept in step with every change, so that counting does not grow with history.
CREATE TABLE tally (
    practice    INTEGER NOT NULL,
    integration INTEGER NOT NULL,
    verdict     INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (practice, integration, verdict)
) WITHOUT ROWID;

-- ---- Who did what -------------------------------------------------------------------------------------------------

-- Each row's hash covers the row and the hash before it: taking one out or changing it shows.
CREATE TABLE audit (
    id       INTEGER PRIMARY KEY,
    practice INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    role     TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    hash     BLOB NOT NULL
);
CREATE INDEX audit_by_practice ON audit (practice, id);
CREATE INDEX audit_by_subject ON audit (practice, subject, id);
-- What was done to one thing, whoever's it is.
CREATE INDEX audit_by_subject_alone ON audit (subject, id);

CREATE TABLE token (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    practice   TEXT,
    digest     BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) WITHOUT ROWID;

CREATE TABLE session (
    digest     BLOB PRIMARY KEY,
    token      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    purpose    TEXT
) WITHOUT ROWID;

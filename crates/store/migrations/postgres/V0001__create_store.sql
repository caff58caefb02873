-- The same schema as the embedded store's, for PostgreSQL 14 and newer. Every primary key leads with the practice, so
-- that a distributed PostgreSQL can spread the tables by practice. Times are microseconds since 1970-01-01T00:00:00Z.
-- Bodies are CBOR with numbered fields: a newer version of the program adds fields, an older one skips what it does not
-- know. Texts compare byte by byte (COLLATE "C"), as they do in the embedded store.

-- Settings of the store itself: the set-up's epoch, the node counter.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO meta (name, value) VALUES ('setup_epoch', 0), ('boot', 0);

-- ---- Set-up -------------------------------------------------------------------------------------------------------

CREATE TABLE practice (
    practice   BIGINT PRIMARY KEY,
    id         TEXT COLLATE "C" NOT NULL UNIQUE,
    document   TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE integration (
    practice        BIGINT NOT NULL,
    integration     BIGINT NOT NULL,
    id              TEXT COLLATE "C" NOT NULL UNIQUE,
    document        TEXT NOT NULL,
    lifecycle       SMALLINT NOT NULL,
    lifecycle_since BIGINT NOT NULL,
    -- Since when the platform's endpoint answers that it is gone (410).
    gone_since      BIGINT,
    version         BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (practice, integration)
);

-- Links made by people; those of patients stand with the patient.
CREATE TABLE link (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    source_id   TEXT COLLATE "C" NOT NULL,
    platform_id TEXT NOT NULL,
    author      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (practice, integration, kind, source_id)
);

-- ---- What arrived -------------------------------------------------------------------------------------------------

-- Messages exactly as they came. Append-only; retention removes the oldest.
CREATE TABLE envelope (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    format      SMALLINT NOT NULL,
    state       SMALLINT NOT NULL,
    channel     TEXT NOT NULL,
    note        TEXT,
    digest      BYTEA NOT NULL,
    body        BYTEA NOT NULL,
    PRIMARY KEY (practice, id)
);
-- An id is found without its practice, and the oldest are found for retention.
CREATE UNIQUE INDEX envelope_by_id ON envelope (id);
-- Envelopes that could not be applied, for whoever looks after the feed.
CREATE INDEX envelope_set_aside ON envelope (practice, integration, id) WHERE state <> 0;

-- Message ids, to answer a repeated message as the first time.
CREATE TABLE control (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    envelope    BIGINT NOT NULL,
    control_id  TEXT COLLATE "C" NOT NULL,
    source_id   TEXT COLLATE "C",
    answer      BYTEA NOT NULL,
    PRIMARY KEY (practice, integration, control_id)
);
-- Retention finds the message ids of old envelopes: they lie in the order in which they came, so a summary of each
-- range of pages is enough and costs an insert next to nothing.
CREATE INDEX control_by_envelope ON control USING brin (envelope) WITH (pages_per_range = 32, autosummarize = on);

-- ---- What is held -------------------------------------------------------------------------------------------------

-- The columns are those that lists search by; everything else is in the body. An unknown start is the largest number.
-- `revision` is raised with every change: whoever replaces a row names the one it read.
CREATE TABLE appointment (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    start_at    BIGINT NOT NULL,
    decided     BIGINT NOT NULL,
    revision    BIGINT NOT NULL,
    verdict     SMALLINT NOT NULL,
    reason      SMALLINT,
    source_id   TEXT COLLATE "C" NOT NULL,
    body        BYTEA NOT NULL,
    PRIMARY KEY (practice, integration, source_id)
);
CREATE INDEX appointment_by_start ON appointment (practice, integration, start_at, source_id);
-- All but those in sync, which are most of everything and are found by start.
CREATE INDEX appointment_by_verdict ON appointment (practice, integration, verdict, start_at, source_id)
    WHERE verdict <> 0;
CREATE INDEX appointment_by_reason ON appointment (practice, integration, reason, start_at, source_id)
    WHERE reason IS NOT NULL;

-- Which patients take part in which visits.
CREATE TABLE participant (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    patient     TEXT COLLATE "C" NOT NULL,
    source_id   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice, integration, patient, source_id)
);

-- Everything that happened, entry by entry. Each entry points to the one before it of the same appointment.
CREATE TABLE entry (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    prev        BIGINT,
    at          BIGINT NOT NULL,
    kind        SMALLINT NOT NULL,
    source_id   TEXT COLLATE "C" NOT NULL,
    body        BYTEA NOT NULL,
    PRIMARY KEY (practice, integration, id)
);
-- An id is found without its practice.
CREATE UNIQUE INDEX entry_by_id ON entry (id);

-- Patients of the source, with their link to the platform.
CREATE TABLE patient (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    revision    BIGINT NOT NULL,
    linked      BOOLEAN NOT NULL,
    source_id   TEXT COLLATE "C" NOT NULL,
    email_key   TEXT COLLATE "C",
    name_key    TEXT COLLATE "C",
    body        BYTEA NOT NULL,
    PRIMARY KEY (practice, integration, source_id)
);
CREATE INDEX patient_by_email ON patient (practice, email_key, integration, source_id) WHERE email_key IS NOT NULL;
CREATE INDEX patient_by_name ON patient (practice, integration, name_key, source_id) WHERE name_key IS NOT NULL;

-- Accounts of the platform that a document names. An account without source_id is not linked.
CREATE TABLE account (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    platform_id TEXT COLLATE "C" NOT NULL,
    source_id   TEXT COLLATE "C",
    email_key   TEXT COLLATE "C",
    name_key    TEXT COLLATE "C",
    birth_date  TEXT COLLATE "C",
    body        TEXT NOT NULL,
    PRIMARY KEY (practice, integration, platform_id)
);
CREATE INDEX account_by_email ON account (practice, email_key, integration, platform_id) WHERE email_key IS NOT NULL;
CREATE INDEX account_unlinked_by_birth ON account (practice, integration, birth_date) WHERE source_id IS NULL;
CREATE INDEX account_unlinked_by_name ON account (practice, integration, name_key) WHERE source_id IS NULL;
CREATE INDEX account_by_source ON account (practice, integration, source_id, platform_id) WHERE source_id IS NOT NULL;

-- ---- What waits ---------------------------------------------------------------------------------------------------

-- Appointments under the facts they wait for.
CREATE TABLE wait (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    wake_key    TEXT COLLATE "C" NOT NULL,
    source_id   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice, integration, wake_key, source_id)
);

-- Appointments under the instants they wait for.
CREATE TABLE timer (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    source_id   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice, integration, source_id, due_at)
);
CREATE INDEX timer_due ON timer (due_at, practice, integration, source_id);

-- Facts that changed, until every appointment under them has been decided again.
CREATE TABLE fired (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    id          BIGINT GENERATED ALWAYS AS IDENTITY,
    at          BIGINT NOT NULL,
    scope       SMALLINT NOT NULL,
    wake_key    TEXT COLLATE "C" NOT NULL,
    why         TEXT NOT NULL,
    after       TEXT,
    PRIMARY KEY (practice, id)
);
CREATE INDEX fired_in_order ON fired (id);

-- Appointments under what stops them: one reason and subject is one cause.
CREATE TABLE stop (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    reason      SMALLINT NOT NULL,
    start_at    BIGINT NOT NULL,
    subject     TEXT COLLATE "C" NOT NULL,
    source_id   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice, integration, reason, subject, source_id)
);

CREATE TABLE cause (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    reason      SMALLINT NOT NULL,
    opened_at   BIGINT NOT NULL,
    closed_at   BIGINT,
    subject     TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    decision    TEXT,
    PRIMARY KEY (practice, integration, reason, subject)
);
CREATE INDEX cause_by_id ON cause (id);
CREATE INDEX cause_open ON cause (practice, integration) WHERE closed_at IS NULL;

-- ---- What is under way --------------------------------------------------------------------------------------------

-- Cards to be delivered; one row an appointment at most, named by the entry that wished for it.
CREATE TABLE outbox (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    visible_at  BIGINT NOT NULL,
    entry       BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    since       BIGINT NOT NULL,
    source_id   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice, visible_at, entry)
);
CREATE INDEX outbox_due ON outbox (visible_at, entry);

-- ---- What was read ------------------------------------------------------------------------------------------------

CREATE TABLE coverage (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    from_at     BIGINT NOT NULL,
    to_at       BIGINT NOT NULL,
    read_at     BIGINT NOT NULL,
    complete    BOOLEAN NOT NULL,
    feed        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice, integration, feed, from_at)
);
CREATE INDEX coverage_by_end ON coverage (practice, integration, to_at);

-- Appointments by verdict, kept in step with every change. Writers count in slots of their own, so that no two of them
-- wait for the same row; the count is the sum.
CREATE TABLE tally (
    practice    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    verdict     SMALLINT NOT NULL,
    slot        SMALLINT NOT NULL,
    count       BIGINT NOT NULL,
    PRIMARY KEY (practice, integration, verdict, slot)
) WITH (fillfactor = 50);

-- ---- Who did what -------------------------------------------------------------------------------------------------

-- Each row's hash covers the row and the hash before it: taking one out or changing it shows.
CREATE TABLE audit (
    practice BIGINT NOT NULL,
    id       BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    actor    TEXT NOT NULL,
    role     TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT COLLATE "C" NOT NULL,
    detail   TEXT NOT NULL,
    hash     BYTEA NOT NULL,
    PRIMARY KEY (practice, id)
);
CREATE INDEX audit_in_order ON audit (id);
CREATE INDEX audit_by_subject ON audit (practice, subject, id);
CREATE INDEX audit_by_subject_alone ON audit (subject, id);

CREATE TABLE token (
    id         TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    practice   TEXT,
    digest     BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE session (
    digest     BYTEA PRIMARY KEY,
    token      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    purpose    TEXT
);
CREATE INDEX session_by_end ON session (expires_at);

-- Messages that are kept, acknowledged and not decided on yet: a row for each visit and patient that one speaks of.
-- `subject` is a number made of that, so that whoever keeps a later message about the same finds what must come first.
-- `turn` tells which was kept first, whatever the clocks of processes say: whoever sends a second message after the
-- answer to the first gets a later turn. Rows are gone as soon as their message is decided on; the table is as long as
-- what is on its way.
CREATE TABLE undecided (
    practice    BIGINT NOT NULL,
    subject     BIGINT NOT NULL,
    envelope    BIGINT NOT NULL,
    integration BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    control_id  TEXT COLLATE "C",
    turn        BIGINT GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (practice, subject, envelope)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

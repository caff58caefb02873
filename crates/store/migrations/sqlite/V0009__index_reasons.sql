-- Visits by why they are not there. Those in sync have no reason, so that most changes do not touch it.
CREATE INDEX appointment_by_reason ON appointment (practice, integration, reason, start_at) WHERE reason IS NOT NULL;

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- Messages that were set aside, by time: "it was never received" must not be said where one of them may hold the visit.
CREATE INDEX envelope_not_applied ON envelope (practice, integration, at) WHERE state = 2;

-- Message ids by the envelope they stand for: retention removes both, and must not look through all of them.
CREATE INDEX control_by_envelope ON control (envelope);

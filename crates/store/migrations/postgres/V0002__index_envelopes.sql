-- Messages that were set aside, by time: "it was never received" must not be said where one of them may hold the visit.
CREATE INDEX envelope_not_applied ON envelope (practice, integration, at) WHERE state = 2;

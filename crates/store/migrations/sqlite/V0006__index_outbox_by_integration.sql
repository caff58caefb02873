-- Cards that wait, by integration: those of one whose endpoint rests must not stand before those of all others.
CREATE INDEX outbox_by_integration ON outbox (practice, integration, visible_at, entry);

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- What each connection committed last. After a crash the server gives numbers of transactions again that it has lost:
-- by the number alone, somebody else's batch would be taken for one that was lost.
CREATE TABLE latest_batch (
    connection UUID PRIMARY KEY,
    number     BIGINT NOT NULL,
    at         TIMESTAMPTZ NOT NULL
);

INSERT INTO meta (name, value) VALUES ('oldest_schema', 2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- Bodies of messages and of ledger entries may be packed; here stands with which dictionary. 0: they are as they were
-- given, as all of before are.
ALTER TABLE envelope ADD COLUMN packed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN packed INTEGER NOT NULL DEFAULT 0;

-- A program of before cannot read what is packed.
INSERT INTO meta (name, value) VALUES ('oldest_schema', 13)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

//! The tables, in the order in which they are copied, and what of each engine's form is the same.

use crate::copy::value::Kind::{self, Bytes, Flag, Number, Small, Text};

/// A column by its name and what it holds.
pub(super) type Column = (&'static str, Kind);

/// A table as both engines keep it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    /// Its name, which both engines share but for what [`Table::sqlite`] says.
    pub(super) name: &'static str,
    /// Its columns.
    pub(super) columns: &'static [Column],
    /// How many of the columns, from the first one on, make the order in which it is read: each engine has an index for
    /// it, and no two rows are the same in them.
    pub(super) key: usize,
    /// Where SQLite keeps it: what stands behind FROM, as a question with these columns.
    pub(super) sqlite: Option<&'static str>,
    /// The same for PostgreSQL.
    pub(super) postgres: Option<&'static str>,
}

const fn table(name: &'static str, key: usize, columns: &'static [Column]) -> Table {
    Table { name, columns, key, sqlite: None, postgres: None }
}

/// All tables. Those that others point to come first.
pub(super) const TABLES: &[Table] = &[
    table("meta", 1, &[("name", Text), ("value", Number)]),
    table("practice", 1, &[("practice", Number), ("id", Text), ("document", Text), ("changed_at", Number)]),
    table(
        "integration",
        2,
        &[
            ("practice", Number),
            ("integration", Number),
            ("id", Text),
            ("document", Text),
            ("lifecycle", Small),
            ("lifecycle_since", Number),
            ("gone_since", Number),
            ("version", Number),
            ("changed_at", Number),
        ],
    ),
    table(
        "link",
        4,
        &[
            ("practice", Number),
            ("integration", Number),
            ("kind", Text),
            ("source_id", Text),
            ("platform_id", Text),
            ("author", Text),
            ("at", Number),
        ],
    ),
    table(
        "account",
        3,
        &[
            ("practice", Number),
            ("integration", Number),
            ("platform_id", Text),
            ("source_id", Text),
            ("email_key", Text),
            ("name_key", Text),
            ("birth_date", Text),
            ("body", Text),
        ],
    ),
    table(
        "envelope",
        1,
        &[
            ("id", Number),
            ("practice", Number),
            ("integration", Number),
            ("at", Number),
            ("channel", Text),
            ("format", Small),
            ("state", Small),
            ("note", Text),
            ("digest", Bytes),
            ("body", Bytes),
        ],
    ),
    table(
        "control",
        3,
        &[
            ("practice", Number),
            ("integration", Number),
            ("control_id", Text),
            ("envelope", Number),
            ("answer", Bytes),
            ("source_id", Text),
        ],
    ),
    table(
        "entry",
        1,
        &[
            ("id", Number),
            ("practice", Number),
            ("integration", Number),
            ("source_id", Text),
            ("prev", Number),
            ("at", Number),
            ("kind", Small),
            ("body", Bytes),
        ],
    ),
    Table {
        // SQLite keeps a patient's visits behind the patient.
        sqlite: Some("(SELECT * FROM patient WHERE visit = '') AS patient"),
        ..table(
            "patient",
            3,
            &[
                ("practice", Number),
                ("integration", Number),
                ("source_id", Text),
                ("email_key", Text),
                ("name_key", Text),
                ("linked", Flag),
                ("body", Bytes),
            ],
        )
    },
    Table {
        sqlite: Some(
            "(SELECT practice, integration, source_id AS patient, visit AS source_id FROM patient WHERE visit <> '')
             AS participant",
        ),
        ..table(
            "participant",
            4,
            &[("practice", Number), ("integration", Number), ("patient", Text), ("source_id", Text)],
        )
    },
    table(
        "appointment",
        3,
        &[
            ("practice", Number),
            ("integration", Number),
            ("source_id", Text),
            ("start_at", Number),
            ("verdict", Small),
            ("reason", Small),
            ("body", Bytes),
        ],
    ),
    table("wait", 4, &[("practice", Number), ("integration", Number), ("wake_key", Text), ("source_id", Text)]),
    table("timer", 4, &[("due_at", Number), ("practice", Number), ("integration", Number), ("source_id", Text)]),
    table(
        "fired",
        1,
        &[
            ("id", Number),
            ("practice", Number),
            ("integration", Number),
            ("wake_key", Text),
            ("scope", Small),
            ("why", Text),
            ("at", Number),
            ("after", Text),
        ],
    ),
    table(
        "stop",
        5,
        &[
            ("practice", Number),
            ("integration", Number),
            ("reason", Small),
            ("subject", Text),
            ("source_id", Text),
            ("start_at", Number),
        ],
    ),
    table(
        "cause",
        4,
        &[
            ("practice", Number),
            ("integration", Number),
            ("reason", Small),
            ("subject", Text),
            ("id", Text),
            ("opened_at", Number),
            ("closed_at", Number),
            ("decision", Text),
        ],
    ),
    table(
        "exception",
        3,
        &[("practice", Number), ("integration", Number), ("cause", Text), ("look_at", Number), ("body", Bytes)],
    ),
    table(
        "feedback",
        3,
        &[
            ("practice", Number),
            ("integration", Number),
            ("id", Number),
            ("at", Number),
            ("reason", Small),
            ("was_right", Flag),
            ("body", Bytes),
            ("source_id", Text),
        ],
    ),
    table("check_run", 3, &[("practice", Number), ("integration", Number), ("slot", Number), ("body", Bytes)]),
    Table {
        // PostgreSQL counts in slots, as with tallies.
        postgres: Some(
            "(SELECT practice, day, what, sum(count)::bigint AS count FROM queue_use
              GROUP BY practice, day, what) AS queue_use",
        ),
        ..table("queue_use", 3, &[("practice", Number), ("day", Number), ("what", Small), ("count", Number)])
    },
    table(
        "event",
        3,
        &[("practice", Number), ("integration", Number), ("id", Number), ("due_at", Number), ("body", Bytes)],
    ),
    table(
        "outbox",
        2,
        &[
            ("visible_at", Number),
            ("entry", Number),
            ("practice", Number),
            ("integration", Number),
            ("source_id", Text),
            ("version", Number),
            ("since", Number),
        ],
    ),
    table(
        "coverage",
        4,
        &[
            ("practice", Number),
            ("integration", Number),
            ("feed", Text),
            ("from_at", Number),
            ("to_at", Number),
            ("read_at", Number),
            ("complete", Flag),
        ],
    ),
    table(
        "notice",
        3,
        &[
            ("practice", Number),
            ("integration", Number),
            ("id", Number),
            ("subject", Text),
            ("once", Text),
            ("due_at", Number),
            ("body", Bytes),
        ],
    ),
    table(
        "poll",
        2,
        &[
            ("practice", Number),
            ("integration", Number),
            ("due_at", Number),
            ("revision", Number),
            ("fence", Number),
            ("body", Bytes),
        ],
    ),
    table("pace", 1, &[("scope", Text), ("revision", Number), ("body", Bytes)]),
    Table {
        // PostgreSQL counts in slots; a count of none is the same as no count.
        sqlite: Some("(SELECT * FROM tally WHERE count <> 0) AS tally"),
        postgres: Some(
            "(SELECT practice, integration, verdict, sum(count)::bigint AS count FROM tally
              GROUP BY practice, integration, verdict HAVING sum(count) <> 0) AS tally",
        ),
        ..table("tally", 3, &[("practice", Number), ("integration", Number), ("verdict", Small), ("count", Number)])
    },
    table(
        "audit",
        1,
        &[
            ("id", Number),
            ("practice", Number),
            ("at", Number),
            ("actor", Text),
            ("role", Text),
            ("action", Text),
            ("subject", Text),
            ("detail", Text),
            ("hash", Bytes),
        ],
    ),
    table(
        "token",
        1,
        &[
            ("id", Text),
            ("name", Text),
            ("role", Text),
            ("practice", Text),
            ("digest", Bytes),
            ("created_at", Number),
            ("revoked_at", Number),
        ],
    ),
    table(
        "session",
        1,
        &[("digest", Bytes), ("token", Text), ("created_at", Number), ("expires_at", Number), ("purpose", Text)],
    ),
    table(
        "undecided",
        1,
        &[
            ("turn", Number),
            ("practice", Number),
            ("subject", Number),
            ("envelope", Number),
            ("integration", Number),
            ("at", Number),
            ("control_id", Text),
        ],
    ),
];

impl Table {
    /// The names of all columns, one after another.
    pub(super) fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The columns that make the order.
    pub(super) fn key_columns(&self) -> &'static [Column] {
        self.columns.get(..self.key).unwrap_or(self.columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{SqliteOptions, SqliteStore};
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn every_column_of_every_table_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("punctual.db");
        drop(SqliteStore::open(&path, SqliteOptions::default()).unwrap());
        let connection = rusqlite::Connection::open(&path).unwrap();
        let all = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
                   WHERE t.type = 'table' AND t.name <> 'refinery_schema_history'";
        let mut asked = connection.prepare(all).unwrap();
        let pairs = asked.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let mut there = BTreeMap::<String, BTreeSet<String>>::new();
        for (table, column) in pairs.map(Result::<(String, String), _>::unwrap) {
            there.entry(table).or_default().insert(column);
        }
        // The visits of patients are a table of their own in a copy.
        there.get_mut("patient").unwrap().remove("visit");
        // How a body stands in a file is the file's own: a copy has the body itself.
        for table in ["envelope", "entry"] {
            assert!(there.get_mut(table).unwrap().remove("packed"));
        }
        let visits = ["practice", "integration", "patient", "source_id"].map(str::to_owned);
        there.insert("participant".to_owned(), visits.into());
        let columns = |table: &Table| table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let copied = TABLES.iter().map(|table| (table.name.to_owned(), columns(table)));
        assert_eq!(copied.collect::<BTreeMap<String, BTreeSet<String>>>(), there);
    }
}

//! Messages that are not decided on yet, in SQLite.

use crate::sqlite::session::{Session, column, integration_at, text_or_null};
use crate::sqlite::values::{id_column, id_of, limit_column};
use crate::{EnvelopeState, Error, Result, Subject, UndecidedReads, UndecidedRow, UndecidedWrites};
use domain::ids::{EnvelopeId, IntegrationKey, PracticeNo};
use domain::time::Moment;
use std::collections::BTreeSet;

fn undecided_row(row: &rusqlite::Row<'_>) -> Result<UndecidedRow> {
    Ok(UndecidedRow {
        envelope: EnvelopeId(id_of(column(row, 0)?)),
        integration: integration_at(row, 1)?,
        at: Moment::from_micros(column(row, 3)?),
        control_id: text_or_null(row, 4)?,
    })
}

impl UndecidedReads for Session {
    fn undecided(&mut self, before: Moment, limit: usize) -> Result<Vec<UndecidedRow>> {
        self.all(
            "SELECT envelope, practice, integration, at, control_id FROM undecided WHERE at < ?1
             GROUP BY envelope, practice, integration, at, control_id ORDER BY min(turn) LIMIT ?2",
            (before.micros(), limit_column(limit)),
            undecided_row,
        )
    }

    fn undecided_about(&mut self, practice: PracticeNo, subjects: &[Subject]) -> Result<Vec<EnvelopeId>> {
        let mut turns = BTreeSet::new();
        for subject in subjects {
            turns.extend(self.all(
                "SELECT turn, envelope FROM undecided WHERE practice = ?1 AND subject = ?2",
                (practice.0, subject),
                |row| Ok((column::<i64>(row, 0)?, EnvelopeId(id_of(column(row, 1)?)))),
            )?);
        }
        let mut found = Vec::new();
        for (_, envelope) in turns {
            if !found.contains(&envelope) {
                found.push(envelope);
            }
        }
        Ok(found)
    }

    fn undecided_up_to(&mut self, practice: PracticeNo, envelope: EnvelopeId) -> Result<Vec<EnvelopeId>> {
        self.all(
            "SELECT o.envelope FROM undecided u
             JOIN undecided o ON o.practice = u.practice AND o.subject = u.subject AND o.turn <= u.turn
             WHERE u.practice = ?1 AND u.envelope = ?2 GROUP BY o.envelope ORDER BY min(o.turn)",
            (practice.0, id_column(envelope.0)),
            |row| Ok(EnvelopeId(id_of(column(row, 0)?))),
        )
    }
}

impl UndecidedWrites for Session {
    fn put_undecided(&mut self, row: &UndecidedRow, subjects: &[Subject]) -> Result<()> {
        let IntegrationKey { practice, integration } = row.integration;
        for subject in subjects {
            self.change(
                "INSERT INTO undecided (practice, subject, envelope, integration, at, control_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (
                    practice.0,
                    subject,
                    id_column(row.envelope.0),
                    integration,
                    row.at.micros(),
                    row.control_id.as_deref(),
                ),
            )?;
        }
        Ok(())
    }

    fn decided(&mut self, practice: PracticeNo, envelope: EnvelopeId, subjects: &[Subject]) -> Result<()> {
        for subject in subjects {
            let gone = self.change(
                "DELETE FROM undecided WHERE practice = ?1 AND subject = ?2 AND envelope = ?3",
                (practice.0, subject, id_column(envelope.0)),
            )?;
            if gone == 0 {
                return Err(Error::Conflict("the message is decided on".into()));
            }
        }
        Ok(())
    }

    fn take_over(&mut self, practice: PracticeNo, envelope: EnvelopeId) -> Result<Option<UndecidedRow>> {
        let key = (practice.0, id_column(envelope.0));
        let found = self.one(
            "SELECT envelope, practice, integration, at, control_id FROM undecided
             WHERE practice = ?1 AND envelope = ?2 LIMIT 1",
            key,
            undecided_row,
        )?;
        self.change("DELETE FROM undecided WHERE practice = ?1 AND envelope = ?2", key)?;
        Ok(found)
    }

    fn set_aside(&mut self, practice: PracticeNo, envelope: EnvelopeId, note: &str) -> Result<()> {
        self.change(
            "UPDATE envelope SET state = ?3, note = ?4 WHERE practice = ?1 AND id = ?2",
            (practice.0, id_column(envelope.0), EnvelopeState::SetAside.number(), note),
        )
        .map(drop)
    }
}

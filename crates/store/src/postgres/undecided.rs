//! Messages that are not decided on yet, in PostgreSQL.

use crate::postgres::pending::Table;
use crate::postgres::session::Session;
use crate::postgres::values::{column, id_column, id_of, integration_at, key_columns, limit_column, text_or_null};
use crate::{EnvelopeState, Result, Subject, UndecidedReads, UndecidedRow, UndecidedWrites};
use domain::ids::{EnvelopeId, PracticeNo};
use domain::time::Moment;
use std::collections::BTreeSet;
use tokio_postgres::Row;

pub(super) fn envelope_id(row: &Row) -> Result<EnvelopeId> {
    Ok(EnvelopeId(id_of(column(row, 0)?)))
}

fn undecided_row(row: &Row) -> Result<UndecidedRow> {
    Ok(UndecidedRow {
        envelope: envelope_id(row)?,
        integration: integration_at(row, 1)?,
        at: Moment::from_micros(column(row, 3)?),
        control_id: text_or_null(row, 4)?,
    })
}

impl UndecidedReads for Session {
    fn undecided(&mut self, before: Moment, limit: usize) -> Result<Vec<UndecidedRow>> {
        let rows = self.all(
            &[Table::Undecided],
            "SELECT envelope, practice, integration, at, control_id FROM undecided WHERE at < $1
             GROUP BY envelope, practice, integration, at, control_id ORDER BY min(turn) LIMIT $2",
            &[&before.micros(), &limit_column(limit)],
        )?;
        rows.iter().map(undecided_row).collect()
    }

    fn undecided_about(&mut self, practice: PracticeNo, subjects: &[Subject]) -> Result<Vec<EnvelopeId>> {
        if let Some(batch) = &self.batch
            && let Some(held) = subjects.iter().map(|it| batch.held.undecided.get(&(practice, *it))).collect()
        {
            let held: Vec<&BTreeSet<(i64, EnvelopeId)>> = held;
            let decided = |id: &EnvelopeId| batch.pending.decided.iter().any(|(_, _, envelope)| envelope == id);
            let turns: BTreeSet<(i64, EnvelopeId)> = held.into_iter().flatten().copied().collect();
            let mut left: Vec<EnvelopeId> = Vec::new();
            for (_, id) in turns {
                if !left.contains(&id) && !decided(&id) {
                    left.push(id);
                }
            }
            return Ok(left);
        }
        let rows = self.all(
            &[Table::Undecided],
            "SELECT n.envelope FROM unnest($2::bigint[]) AS u (subject)
             CROSS JOIN LATERAL
               (SELECT envelope, turn FROM undecided WHERE practice = $1 AND subject = u.subject OFFSET 0) AS n
             GROUP BY n.envelope ORDER BY min(n.turn)",
            &[&i64::from(practice.0), &subjects],
        )?;
        rows.iter().map(envelope_id).collect()
    }

    fn undecided_up_to(&mut self, practice: PracticeNo, envelope: EnvelopeId) -> Result<Vec<EnvelopeId>> {
        let rows = self.all(
            &[Table::Undecided],
            "SELECT o.envelope FROM undecided u
             JOIN undecided o ON o.practice = u.practice AND o.subject = u.subject AND o.turn <= u.turn
             WHERE u.practice = $1 AND u.envelope = $2 GROUP BY o.envelope ORDER BY min(o.turn)",
            &[&i64::from(practice.0), &id_column(envelope.0)],
        )?;
        rows.iter().map(envelope_id).collect()
    }
}

impl UndecidedWrites for Session {
    fn put_undecided(&mut self, row: &UndecidedRow, subjects: &[Subject]) -> Result<()> {
        let (practice, integration) = key_columns(row.integration);
        self.batch()?.held.undecided.clear();
        self.change(
            &[],
            "INSERT INTO undecided (practice, subject, envelope, integration, at, control_id)
             SELECT $1, subject, $3, $4, $5, $6 FROM unnest($2::bigint[]) AS subject",
            &[
                &practice,
                &subjects,
                &id_column(row.envelope.0),
                &integration,
                &row.at.micros(),
                &row.control_id.as_ref().map(|id| id.as_str()),
            ],
        )
        .map(drop)
    }

    fn decided(&mut self, practice: PracticeNo, envelope: EnvelopeId, subjects: &[Subject]) -> Result<()> {
        let rows = subjects.iter().map(|subject| (practice, *subject, envelope));
        self.batch()?.pending.decided.extend(rows);
        Ok(())
    }

    fn take_over(&mut self, practice: PracticeNo, envelope: EnvelopeId) -> Result<Option<UndecidedRow>> {
        let gone = self.change(
            &[Table::Undecided],
            "DELETE FROM undecided WHERE practice = $1 AND envelope = $2
             RETURNING envelope, practice, integration, at, control_id",
            &[&i64::from(practice.0), &id_column(envelope.0)],
        )?;
        self.batch()?.held.undecided.clear();
        gone.first().map(undecided_row).transpose()
    }

    fn set_aside(&mut self, practice: PracticeNo, envelope: EnvelopeId, note: &str) -> Result<()> {
        self.change(
            &[Table::Envelopes],
            "UPDATE envelope SET state = $4, note = $3 WHERE practice = $1 AND id = $2",
            &[&i64::from(practice.0), &id_column(envelope.0), &note, &i16::from(EnvelopeState::SetAside.number())],
        )
        .map(drop)
    }
}

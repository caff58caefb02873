//! Envelopes in SQLite.

use crate::packing::MESSAGES;
use crate::sqlite::session::{Session, column, integration_at, plain_body, text, text_or_null};
use crate::sqlite::values::{digest_of, id_column, id_of, limit_column};
use crate::{
    ControlRow, EnvelopeFormat, EnvelopeReads, EnvelopeRow, EnvelopeState, EnvelopeWrites, NewEnvelope, Result,
};
use domain::ids::{EnvelopeId, IntegrationKey, PracticeNo};
use domain::time::Moment;

fn envelope_row(row: &rusqlite::Row<'_>) -> Result<EnvelopeRow> {
    Ok(EnvelopeRow {
        id: EnvelopeId(id_of(column(row, 0)?)),
        integration: integration_at(row, 1)?,
        at: Moment::from_micros(column(row, 3)?),
        channel: text(row, 4)?,
        format: EnvelopeFormat::from_number(column(row, 5)?),
        state: EnvelopeState::from_number(column(row, 6)?),
        note: text_or_null(row, 7)?,
        digest: digest_of("envelope", &column::<Vec<u8>>(row, 8)?)?,
        body: plain_body("envelope", &MESSAGES, row, 9)?.into_owned(),
    })
}

impl EnvelopeReads for Session {
    fn envelope(&mut self, id: EnvelopeId) -> Result<Option<EnvelopeRow>> {
        self.one(
            "SELECT id, practice, integration, at, channel, format, state, note, digest, body, packed FROM envelope WHERE id = ?1",
            [id_column(id.0)],
            envelope_row,
        )
    }

    fn envelope_digest(&mut self, id: EnvelopeId) -> Result<Option<[u8; 16]>> {
        self.one("SELECT digest FROM envelope WHERE id = ?1", [id_column(id.0)], |row| {
            digest_of("envelope", &column::<Vec<u8>>(row, 0)?)
        })
    }

    fn control(&mut self, integration: IntegrationKey, control_id: &str) -> Result<Option<ControlRow>> {
        self.one(
            "SELECT envelope, answer, source_id FROM control WHERE practice = ?1 AND integration = ?2 AND control_id = ?3",
            (integration.practice.0, integration.integration, control_id),
            |row| {
                Ok(ControlRow {
                    envelope: EnvelopeId(id_of(column(row, 0)?)),
                    answer: column(row, 1)?,
                    source_id: text_or_null(row, 2)?,
                })
            },
        )
    }

    fn envelopes_set_aside(
        &mut self,
        integration: IntegrationKey,
        before: Option<EnvelopeId>,
        limit: usize,
    ) -> Result<Vec<EnvelopeRow>> {
        self.all(
            "SELECT id, practice, integration, at, channel, format, state, note, digest, x'', 0
             FROM envelope INDEXED BY envelope_set_aside
             WHERE practice = ?1 AND integration = ?2 AND id < ?3 AND state <> 0 ORDER BY id DESC LIMIT ?4",
            (
                integration.practice.0,
                integration.integration,
                before.map_or(i64::MAX, |id| id_column(id.0)),
                limit_column(limit),
            ),
            envelope_row,
        )
    }

    fn envelopes_not_applied(
        &mut self,
        integration: IntegrationKey,
        since: Moment,
        limit: usize,
    ) -> Result<Vec<EnvelopeRow>> {
        self.all(
            "SELECT id, practice, integration, at, channel, format, state, note, digest, x'', 0
             FROM envelope INDEXED BY envelope_not_applied
             WHERE practice = ?1 AND integration = ?2 AND at >= ?3 AND state = 2 ORDER BY at DESC, id DESC LIMIT ?4",
            (integration.practice.0, integration.integration, since.micros(), limit_column(limit)),
            envelope_row,
        )
    }

    fn envelopes_behind(
        &mut self,
        integration: IntegrationKey,
        after: EnvelopeId,
        up_to: EnvelopeId,
        limit: usize,
    ) -> Result<Vec<(EnvelopeId, Moment)>> {
        let (after, up_to) = (id_column(after.0), id_column(up_to.0));
        self.all(
            "SELECT id, at FROM envelope
             WHERE practice = ?1 AND integration = ?2 AND id > ?3 AND id <= ?4 ORDER BY id LIMIT ?5",
            (integration.practice.0, integration.integration, after, up_to, limit_column(limit)),
            |row| Ok((EnvelopeId(id_of(column(row, 0)?)), Moment::from_micros(column(row, 1)?))),
        )
    }

    fn oldest_envelope(&mut self) -> Result<Option<(EnvelopeId, Moment)>> {
        self.one("SELECT id, at FROM envelope ORDER BY id LIMIT 1", (), |row| {
            Ok((EnvelopeId(id_of(column(row, 0)?)), Moment::from_micros(column(row, 1)?)))
        })
    }
}

impl EnvelopeWrites for Session {
    fn put_envelope(&mut self, envelope: &NewEnvelope<'_>) -> Result<()> {
        self.with_packed(&MESSAGES, envelope.body, |session, packed, body| {
            session.change(
                "INSERT INTO envelope (id, practice, integration, at, channel, format, state, note, digest, body, packed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                (
                    id_column(envelope.id.0),
                    envelope.integration.practice.0,
                    envelope.integration.integration,
                    envelope.at.micros(),
                    envelope.channel,
                    envelope.format.number(),
                    envelope.state.number(),
                    envelope.note,
                    envelope.digest.as_slice(),
                    body,
                    packed,
                ),
            )
        })
    }

    fn put_control(&mut self, integration: IntegrationKey, control_id: &str, row: &ControlRow) -> Result<()> {
        self.change(
            "INSERT INTO control (practice, integration, control_id, envelope, answer, source_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET envelope = excluded.envelope, answer = excluded.answer, source_id = excluded.source_id",
            (
                integration.practice.0,
                integration.integration,
                control_id,
                id_column(row.envelope.0),
                &row.answer,
                row.source_id.as_deref(),
            ),
        )
        .map(|_| ())
    }

    fn forget_envelopes(&mut self, before: Moment, limit: usize) -> Result<Vec<(PracticeNo, usize)>> {
        // Envelopes are stored in order of arrival: when the oldest are not old enough, none is.
        let counts = self.all(
            "SELECT practice, count(*) FROM (SELECT practice, at FROM envelope ORDER BY id LIMIT ?2) WHERE at < ?1
             GROUP BY practice ORDER BY practice",
            (before.micros(), limit_column(limit)),
            |row| Ok((PracticeNo(column(row, 0)?), usize::try_from(column::<i64>(row, 1)?).unwrap_or(0))),
        )?;
        if counts.is_empty() {
            return Ok(counts);
        }
        self.change(
            "DELETE FROM control
             WHERE envelope IN (SELECT id FROM (SELECT id, at FROM envelope ORDER BY id LIMIT ?2) WHERE at < ?1)",
            (before.micros(), limit_column(limit)),
        )?;
        self.change(
            "DELETE FROM envelope
             WHERE id IN (SELECT id FROM (SELECT id, at FROM envelope ORDER BY id LIMIT ?2) WHERE at < ?1)",
            (before.micros(), limit_column(limit)),
        )?;
        Ok(counts)
    }
}

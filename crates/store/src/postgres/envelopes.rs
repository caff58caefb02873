//! Envelopes in PostgreSQL.

use crate::postgres::pending::{OwnedControl, OwnedEnvelope, Table};
use crate::postgres::session::Session;
use crate::postgres::values::{
    column, digest_of, id_column, id_of, integration_at, key_columns, limit_column, number, small, text, text_or_null,
};
use crate::{
    ControlRow, EnvelopeFormat, EnvelopeReads, EnvelopeRow, EnvelopeState, EnvelopeWrites, Error, NewEnvelope, Result,
};
use domain::ids::{EnvelopeId, IntegrationKey, PracticeNo};
use domain::text::Text;
use domain::time::Moment;
use std::collections::BTreeMap;
use tokio_postgres::Row;

fn envelope_row(row: &Row) -> Result<EnvelopeRow> {
    Ok(EnvelopeRow {
        id: EnvelopeId(id_of(column(row, 0)?)),
        integration: integration_at(row, 1)?,
        at: Moment::from_micros(column(row, 3)?),
        channel: text(row, 4)?,
        format: EnvelopeFormat::from_number(small("envelope", row, 5)?),
        state: EnvelopeState::from_number(small("envelope", row, 6)?),
        note: text_or_null(row, 7)?,
        digest: digest_of("envelope", column(row, 8)?)?,
        body: column(row, 9)?,
    })
}

impl EnvelopeReads for Session {
    fn envelope(&mut self, id: EnvelopeId) -> Result<Option<EnvelopeRow>> {
        let row = self.one(
            &[Table::Envelopes],
            "SELECT id, practice, integration, at, channel, format, state, note, digest, body FROM envelope WHERE id = $1",
            &[&id_column(id.0)],
        )?;
        row.as_ref().map(envelope_row).transpose()
    }

    fn envelope_digest(&mut self, id: EnvelopeId) -> Result<Option<[u8; 16]>> {
        if let Some(batch) = &self.batch {
            let pending = batch.pending.envelopes.get(&id).map(|envelope| envelope.digest);
            if let Some(digest) = pending.or_else(|| batch.held.digests.get(&id).copied()) {
                return Ok(Some(digest));
            }
        }
        let row = self.one(&[Table::Envelopes], "SELECT digest FROM envelope WHERE id = $1", &[&id_column(id.0)])?;
        row.map(|row| digest_of("envelope", column(&row, 0)?)).transpose()
    }

    fn control(&mut self, integration: IntegrationKey, control_id: &str) -> Result<Option<ControlRow>> {
        let key = (integration, Text::from(control_id));
        if let Some(batch) = &self.batch {
            if let Some(put) = batch.pending.controls.get(&key) {
                return Ok(Some(put.row.clone()));
            }
            if let Some(held) = batch.held.controls.get(&key) {
                return Ok(held.clone());
            }
        }
        let (practice, number) = key_columns(integration);
        let row = self.one(
            &[],
            "SELECT envelope, answer, source_id FROM control WHERE practice = $1 AND integration = $2 AND control_id = $3",
            &[&practice, &number, &control_id],
        )?;
        let read = |row: Row| {
            let envelope = EnvelopeId(id_of(column(&row, 0)?));
            Ok(ControlRow { envelope, answer: column(&row, 1)?, source_id: text_or_null(&row, 2)? })
        };
        let held = row.map(read).transpose()?;
        if let Some(batch) = &mut self.batch {
            batch.held.controls.insert(key, held.clone());
        }
        Ok(held)
    }

    fn envelopes_set_aside(
        &mut self,
        integration: IntegrationKey,
        before: Option<EnvelopeId>,
        limit: usize,
    ) -> Result<Vec<EnvelopeRow>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[Table::Envelopes],
            "SELECT id, practice, integration, at, channel, format, state, note, digest, ''::bytea FROM envelope
             WHERE practice = $1 AND integration = $2 AND id < $3 AND state <> 0 ORDER BY id DESC LIMIT $4",
            &[&practice, &number, &before.map_or(i64::MAX, |id| id_column(id.0)), &limit_column(limit)],
        )?;
        rows.iter().map(envelope_row).collect()
    }

    fn envelopes_not_applied(
        &mut self,
        integration: IntegrationKey,
        since: Moment,
        limit: usize,
    ) -> Result<Vec<EnvelopeRow>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[Table::Envelopes],
            "SELECT id, practice, integration, at, channel, format, state, note, digest, ''::bytea FROM envelope
             WHERE practice = $1 AND integration = $2 AND at >= $3 AND state = 2 ORDER BY at DESC, id DESC LIMIT $4",
            &[&practice, &number, &since.micros(), &limit_column(limit)],
        )?;
        rows.iter().map(envelope_row).collect()
    }

    fn envelopes_behind(
        &mut self,
        integration: IntegrationKey,
        after: EnvelopeId,
        up_to: EnvelopeId,
        limit: usize,
    ) -> Result<Vec<(EnvelopeId, Moment)>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[Table::Envelopes],
            "SELECT id, at FROM envelope
             WHERE practice = $1 AND integration = $2 AND id > $3 AND id <= $4 ORDER BY id LIMIT $5",
            &[&practice, &number, &id_column(after.0), &id_column(up_to.0), &limit_column(limit)],
        )?;
        rows.iter().map(|row| Ok((EnvelopeId(id_of(column(row, 0)?)), Moment::from_micros(column(row, 1)?)))).collect()
    }

    fn oldest_envelope(&mut self) -> Result<Option<(EnvelopeId, Moment)>> {
        let row = self.one(&[Table::Envelopes], "SELECT id, at FROM envelope ORDER BY id LIMIT 1", &[])?;
        row.map(|row| Ok((EnvelopeId(id_of(column(&row, 0)?)), Moment::from_micros(column(&row, 1)?)))).transpose()
    }
}

impl EnvelopeWrites for Session {
    fn put_envelope(&mut self, envelope: &NewEnvelope<'_>) -> Result<()> {
        let owned = OwnedEnvelope {
            id: envelope.id,
            integration: envelope.integration,
            at: envelope.at,
            channel: envelope.channel.to_owned(),
            format: envelope.format.number(),
            state: envelope.state.number(),
            note: envelope.note.map(str::to_owned),
            digest: *envelope.digest,
            body: envelope.body.to_vec(),
        };
        match self.batch()?.pending.envelopes.insert(envelope.id, owned) {
            None => Ok(()),
            Some(_) => Err(Error::Conflict("the envelope is there already".into())),
        }
    }

    fn put_control(&mut self, integration: IntegrationKey, control_id: &str, row: &ControlRow) -> Result<()> {
        let key = (integration, Text::from(control_id));
        let batch = self.batch()?;
        let was_pending = batch.pending.controls.get(&key).map(|put| put.new);
        let new = was_pending.unwrap_or_else(|| matches!(batch.held.controls.get(&key), Some(None)));
        batch.pending.controls.insert(key, OwnedControl { row: row.clone(), new });
        Ok(())
    }

    fn forget_envelopes(&mut self, before: Moment, limit: usize) -> Result<Vec<(PracticeNo, usize)>> {
        // Envelopes are stored in order of arrival: when the oldest are not old enough, none is.
        let rows = self.change(
            &[Table::Envelopes, Table::Controls],
            "SELECT id, practice FROM (SELECT id, practice, at FROM envelope ORDER BY id LIMIT $2) AS oldest
             WHERE at < $1 ORDER BY id",
            &[&before.micros(), &limit_column(limit)],
        )?;
        let ids: Vec<i64> = rows.iter().map(|row| column(row, 0)).collect::<Result<_>>()?;
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(Vec::new()) };
        let mut counts = BTreeMap::new();
        for row in &rows {
            *counts.entry(PracticeNo(number("practice number", row, 1)?)).or_insert(0) += 1;
        }
        self.change(
            &[],
            "DELETE FROM control WHERE envelope BETWEEN $1 AND $2 AND envelope = ANY ($3)",
            &[first, last, &ids],
        )?;
        self.batch()?.held.controls.clear();
        self.change_counted(&[], "DELETE FROM envelope WHERE id = ANY ($1)", &[&ids])?;
        Ok(counts.into_iter().collect())
    }
}

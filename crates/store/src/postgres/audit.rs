//! The audit log in PostgreSQL.

use crate::postgres::batch::Batch;
use crate::postgres::pending::{Change, Table};
use crate::postgres::session::{Session, params};
use crate::postgres::values::{column, digest_of, id_column, id_of, limit_column, number, text};
use crate::{AuditReads, AuditRow, AuditWrites, Error, NewAudit, Result, audit_hash};
use domain::ids::{AuditId, PracticeNo};
use domain::time::Moment;
use tokio_postgres::Row;

fn audit_row(row: &Row) -> Result<AuditRow> {
    Ok(AuditRow {
        audit: NewAudit {
            id: AuditId(id_of(column(row, 0)?)),
            practice: PracticeNo(number("practice number", row, 1)?),
            at: Moment::from_micros(column(row, 2)?),
            actor: text(row, 3)?,
            role: text(row, 4)?,
            action: text(row, 5)?,
            subject: text(row, 6)?,
            detail: text(row, 7)?,
        },
        hash: digest_of("audit row", column(row, 8)?)?,
    })
}

impl AuditReads for Session {
    fn audit(
        &mut self,
        practice: Option<PracticeNo>,
        subject: Option<&str>,
        before: Option<AuditId>,
        limit: usize,
    ) -> Result<Vec<AuditRow>> {
        const COLUMNS: &str =
            "SELECT id, practice, at, actor, role, action, subject, detail, hash FROM audit WHERE id < $1";
        // Said so that only the index by subject gives the order: the one by id leads through what everybody else did.
        const OF_SUBJECT: &str = "subject >= $3 AND (subject, id) < ($3, $1)";
        let before = before.map_or(i64::MAX, |id| id_column(id.0));
        let limit = limit_column(limit);
        let practice = practice.map(|practice| i64::from(practice.0));
        let tables = [Table::Audit];
        let rows = match (&practice, &subject) {
            (None, None) => self.all(&tables, &format!("{COLUMNS} ORDER BY id DESC LIMIT $2"), &[&before, &limit]),
            (None, Some(subject)) => {
                let sql = format!("{COLUMNS} AND {OF_SUBJECT} ORDER BY subject DESC, id DESC LIMIT $2");
                self.all(&tables, &sql, &[&before, &limit, subject])
            }
            (Some(practice), None) => {
                let sql = format!("{COLUMNS} AND practice = $3 ORDER BY id DESC LIMIT $2");
                self.all(&tables, &sql, &[&before, &limit, practice])
            }
            (Some(practice), Some(subject)) => {
                let sql =
                    format!("{COLUMNS} AND practice = $4 AND {OF_SUBJECT} ORDER BY subject DESC, id DESC LIMIT $2");
                self.all(&tables, &sql, &[&before, &limit, subject, practice])
            }
        }?;
        rows.iter().map(audit_row).collect()
    }

    fn audit_chain(&mut self, after: AuditId, limit: usize) -> Result<Vec<AuditRow>> {
        let rows = self.all(
            &[Table::Audit],
            "SELECT id, practice, at, actor, role, action, subject, detail, hash FROM audit WHERE id > $1 ORDER BY id LIMIT $2",
            &[&id_column(after.0), &limit_column(limit)],
        )?;
        rows.iter().map(audit_row).collect()
    }
}

impl AuditWrites for Session {
    fn put_audit(&mut self, audit: &NewAudit) -> Result<()> {
        self.batch()?.pending.audit.push(audit.clone());
        Ok(())
    }
}

impl Session {
    /// Chains the deeds of the batch to the end of the log. From here to its end the batch holds the end of the log
    /// alone.
    pub(super) fn chain_audit(&mut self) -> Result<()> {
        let Some(batch) = self.batch.as_mut().filter(|batch| !batch.pending.audit.is_empty()) else { return Ok(()) };
        let deeds = std::mem::take(&mut batch.pending.audit);
        let rows = self.all_under_lock(
            |locks| locks.audit(),
            &[],
            "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1",
            &[],
        )?;
        let end = rows.first().map(|row| Ok((id_of(column(row, 0)?), digest_of("audit row", column(row, 1)?)?)));
        let (mut last, mut hash) = end.transpose()?.unwrap_or((0, [0; 32]));
        let batch = self.batch()?;
        for deed in deeds {
            if deed.id.0 <= last {
                batch.failed = true;
                return Err(Error::Conflict("a later row of the audit log is there already".into()));
            }
            (last, hash) = (deed.id.0, audit_hash(&hash, &deed));
            batch.pending.chained.push((deed, hash));
        }
        Ok(())
    }
}

impl Batch {
    pub(super) fn take_audit(&mut self, changes: &mut Vec<Change>) {
        let (mut practices, mut ids, mut ats, mut actors) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut roles, mut actions, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
        let (mut details, mut hashes) = (Vec::new(), Vec::new());
        for (deed, hash) in std::mem::take(&mut self.pending.chained) {
            practices.push(i64::from(deed.practice.0));
            ids.push(id_column(deed.id.0));
            ats.push(deed.at.micros());
            actors.push(deed.actor.to_string());
            roles.push(deed.role.to_string());
            actions.push(deed.action.to_string());
            subjects.push(deed.subject.to_string());
            details.push(deed.detail.to_string());
            hashes.push(hash.to_vec());
        }
        if !ids.is_empty() {
            changes.push(Change::rows("INSERT INTO audit (practice, id, at, actor, role, action, subject, detail, hash)
                      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                                           $8::text[], $9::bytea[])", params![practices, ids, ats, actors, roles, actions, subjects, details, hashes]));
        }
    }
}

//! The audit log in SQLite.

use crate::sqlite::session::{Session, column, text};
use crate::sqlite::values::{digest_of, id_column, id_of, limit_column};
use crate::{AuditReads, AuditRow, AuditWrites, Error, NewAudit, Result, audit_hash};
use domain::ids::{AuditId, PracticeNo};
use domain::time::Moment;

fn audit_row(row: &rusqlite::Row<'_>) -> Result<AuditRow> {
    Ok(AuditRow {
        audit: NewAudit {
            id: AuditId(id_of(column(row, 0)?)),
            practice: PracticeNo(column(row, 1)?),
            at: Moment::from_micros(column(row, 2)?),
            actor: text(row, 3)?,
            role: text(row, 4)?,
            action: text(row, 5)?,
            subject: text(row, 6)?,
            detail: text(row, 7)?,
        },
        hash: digest_of("audit row", &column::<Vec<u8>>(row, 8)?)?,
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
        let before = before.map_or(i64::MAX, |id| id_column(id.0));
        let limit = limit_column(limit);
        match (practice, subject) {
            (None, None) => self.all(
                "SELECT id, practice, at, actor, role, action, subject, detail, hash FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
                (before, limit),
                audit_row,
            ),
            (None, Some(subject)) => self.all(
                "SELECT id, practice, at, actor, role, action, subject, detail, hash FROM audit
                 WHERE subject = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
                (subject, before, limit),
                audit_row,
            ),
            (Some(practice), None) => self.all(
                "SELECT id, practice, at, actor, role, action, subject, detail, hash FROM audit
                 WHERE practice = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
                (practice.0, before, limit),
                audit_row,
            ),
            (Some(practice), Some(subject)) => self.all(
                "SELECT id, practice, at, actor, role, action, subject, detail, hash FROM audit
                 WHERE practice = ?1 AND subject = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4",
                (practice.0, subject, before, limit),
                audit_row,
            ),
        }
    }

    fn audit_chain(&mut self, after: AuditId, limit: usize) -> Result<Vec<AuditRow>> {
        self.all(
            "SELECT id, practice, at, actor, role, action, subject, detail, hash FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2",
            (id_column(after.0), limit_column(limit)),
            audit_row,
        )
    }
}

impl AuditWrites for Session {
    fn put_audit(&mut self, audit: &NewAudit) -> Result<()> {
        let last = self.one("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", (), |row| {
            Ok((id_of(column(row, 0)?), digest_of("audit row", &column::<Vec<u8>>(row, 1)?)?))
        })?;
        let (last, before) = last.unwrap_or((0, [0; 32]));
        if audit.id.0 <= last {
            return Err(Error::Conflict("a later row of the audit log is there already".into()));
        }
        let hash = audit_hash(&before, audit);
        self.change(
            "INSERT INTO audit (id, practice, at, actor, role, action, subject, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                id_column(audit.id.0),
                audit.practice.0,
                audit.at.micros(),
                audit.actor.as_str(),
                audit.role.as_str(),
                audit.action.as_str(),
                audit.subject.as_str(),
                audit.detail.as_str(),
                hash.as_slice(),
            ),
        )
        .map(|_| ())
    }
}

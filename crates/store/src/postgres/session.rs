//! One session: a connection, made anew when it is lost, and the batch that is open on it.

use crate::postgres::batch::Batch;
use crate::postgres::bells::notifications;
use crate::postgres::connection::{Link, Server, Told, wait};
use crate::postgres::error::{store_error, surely_not_stored};
use crate::postgres::here::Here;
use crate::postgres::latest_batch::{Batched, Outcome, leave, outcome};
use crate::postgres::locks::Locks;
use crate::postgres::merged::{Statement, merged};
use crate::postgres::pending::{Change, Table};
use crate::postgres::values::Param;
use crate::{Bells, Error, Hints, Reader, Result, Writer};
use futures_util::future::{join, join_all};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// A parameter of a question.
pub(crate) type Value<'a> = &'a (dyn ToSql + Sync);

/// So long it is tried to find out what became of a commit.
const LOOK_UP: Duration = Duration::from_secs(10);

/// A session. Readers and writers are the same type; only writers are given batches.
pub(super) struct Session {
    server: Arc<Server>,
    link: Option<Link>,
    /// Its bytes are moved by the thread that waits, where that is possible.
    prefers_here: bool,
    pub(super) batch: Option<Batch>,
}

impl Session {
    /// A session for looking, from any thread.
    pub(super) fn for_looking(server: Arc<Server>) -> Result<Session> {
        let link = Some(server.connect(false)?);
        Ok(Session { server, link, prefers_here: false, batch: None })
    }

    /// A session for changes, which stays on one thread as soon as it is at work.
    pub(super) fn for_changes(server: Arc<Server>) -> Result<Session> {
        let mut session = Session::for_looking(server)?;
        session.prefers_here = true;
        Ok(session)
    }

    /// The connection; a new one when it was lost and no batch was open on it.
    fn link(&mut self) -> Result<&mut Link> {
        let here = self.prefers_here && Here::is_possible();
        let alive = |link: &Link| !link.client.is_closed() && link.patience.is_here() == here;
        if !self.link.as_ref().is_some_and(alive) {
            if self.batch.is_some() {
                return Err(Error::Unavailable("the connection was lost in the middle of a batch".into()));
            }
            self.link = None;
            self.link = Some(self.server.connect(here)?);
        }
        let link = self.link.as_mut().ok_or_else(|| Error::Unavailable("there is no connection".into()))?;
        link.patience.attend();
        Ok(link)
    }

    /// The open batch; a change needs one.
    pub(super) fn batch(&mut self) -> Result<&mut Batch> {
        self.batch.as_mut().ok_or_else(|| Error::Refused("a change outside of a batch".into()))
    }

    /// In which slot this session counts.
    pub(super) fn slot(&self) -> i16 {
        self.link.as_ref().map_or(0, |link| link.slot)
    }

    /// Sends changes and a question in one go, and hears all answers.
    fn send(&mut self, changes: &[Change], question: Option<(&str, &[Value<'_>])>) -> Result<Vec<Row>> {
        let link = self.link()?;
        let statements = merged(changes, &mut link.merged);
        let answers = wait(async {
            let all = statements.iter().map(|statement| &*statement.sql).chain(question.map(|(sql, _)| sql));
            link.prepare_all(all).await?;
            let link = &*link;
            // Each is sent when it is first looked at: in this order.
            let changing = join_all(statements.iter().map(|statement| send(link, statement)));
            let asking = async {
                match question {
                    Some((sql, params)) => link.query(sql, params).await,
                    None => Ok(Vec::new()),
                }
            };
            let (changed, rows) = join(changing, asking).await;
            changed.into_iter().collect::<std::result::Result<(), _>>()?;
            rows
        });
        let answers = answers.map_err(store_error);
        if answers.is_err()
            && let Some(batch) = &mut self.batch
        {
            batch.failed = true;
        }
        answers
    }

    /// Asks for rows of `tables`, after the batch's own changes to them.
    pub(super) fn all(&mut self, tables: &[Table], sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>> {
        if self.batch.is_none() {
            return match self.send(&[], Some((sql, params))) {
                // The database was restarted, or an idle connection cut: nothing is lost by asking again.
                Err(Error::Unavailable(_)) if self.link.as_ref().is_none_or(|link| link.client.is_closed()) => {
                    self.send(&[], Some((sql, params)))
                }
                answer => answer,
            };
        }
        let changes = self.changes_of(tables)?;
        self.send(&changes, Some((sql, params)))
    }

    /// Asks for at most one row.
    pub(super) fn one(&mut self, tables: &[Table], sql: &str, params: &[Value<'_>]) -> Result<Option<Row>> {
        Ok(self.all(tables, sql, params)?.into_iter().next())
    }

    /// The same after taking a lock that ends with the batch; outside of a batch without it. What is asked sees
    /// everything that was committed before the lock was given.
    pub(super) fn all_under_lock(
        &mut self,
        lock: impl FnOnce(Locks) -> i64,
        tables: &[Table],
        sql: &str,
        params: &[Value<'_>],
    ) -> Result<Vec<Row>> {
        if self.batch.is_none() {
            return self.all(tables, sql, params);
        }
        let lock = lock(self.link()?.locks);
        let mut changes = self.changes_of(tables)?;
        changes.push(Change::lock(lock));
        self.send(&changes, Some((sql, params)))
    }

    /// Changes something at once, after the batch's own changes to `tables`; the rows it tells of.
    pub(super) fn change(&mut self, tables: &[Table], sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>> {
        self.batch()?.changed = true;
        let changes = self.changes_of(tables)?;
        self.send(&changes, Some((sql, params)))
    }

    /// Changes something at once; how many rows.
    pub(super) fn change_counted(&mut self, tables: &[Table], sql: &str, params: &[Value<'_>]) -> Result<usize> {
        let rows =
            self.change(tables, &format!("WITH changed AS ({sql} RETURNING 1) SELECT count(*) FROM changed"), params)?;
        let count = rows.first().map_or(Ok(0), |row| row.try_get::<_, i64>(0).map_err(store_error))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Sends the batch's changes to these tables now.
    fn changes_of(&mut self, tables: &[Table]) -> Result<Vec<Change>> {
        let slot = self.slot();
        if tables.contains(&Table::Audit) {
            self.chain_audit()?;
        }
        let batch = match &mut self.batch {
            Some(batch) if batch.failed => {
                return Err(Error::Refused("the batch has failed; it can only be rolled back".into()));
            }
            Some(batch) => batch,
            None => return Ok(Vec::new()),
        };
        let mut changes = Vec::new();
        for table in tables {
            batch.take_changes(*table, slot, &mut changes)?;
        }
        Ok(changes)
    }

    /// What became of a batch whose commit was not answered: the server is asked.
    fn look_up(&mut self, batch: &Batched) -> Result<()> {
        let began = Instant::now();
        for round in 0..10 {
            // Connecting to nobody takes its time, and senders wait meanwhile.
            if began.elapsed() > LOOK_UP {
                break;
            }
            if round > 0 {
                std::thread::sleep(Duration::from_millis(200 * round));
            }
            let Ok(link) = self.link() else { continue };
            match outcome(link, batch) {
                Ok(Outcome::Stored) => {
                    tracing::warn!("the answer to a commit was lost; the batch is in the database");
                    return Ok(());
                }
                Ok(Outcome::Lost) => {
                    return Err(Error::Unavailable("the connection was lost; the batch was not stored".into()));
                }
                Ok(Outcome::Open) => {}
                Err(error) => tracing::debug!(%error, "what became of a batch was asked in vain"),
            }
        }
        Err(Error::OutcomeUnknown("the answer to a commit was lost, and the database cannot be asked".into()))
    }

    fn finish(&mut self) -> Result<()> {
        if self.batch()?.failed {
            return Err(Error::Refused("the batch has failed; it can only be rolled back".into()));
        }
        let mut changes = self.changes_of(Table::ALL)?;
        let bells = std::mem::take(&mut self.batch()?.bells);
        if !self.batch()?.changed && bells.is_empty() {
            return self.commit_with(&changes, None);
        }
        let link = self.link()?;
        let connection = link.name.clone();
        changes.extend(connection.as_deref().map(leave));
        if !bells.is_empty() {
            changes.extend(notifications(&link.locks.channel(), &bells));
        }
        let number = match self.batch()?.number.take() {
            Some(number) => number,
            None => self.number()?,
        };
        self.commit_with(&changes, Some(Batched { number, connection }))
    }

    /// The transaction's number.
    fn number(&mut self) -> Result<String> {
        let numbered = self.send(&[], Some(("SELECT pg_current_xact_id()::text", &[])))?;
        let row = numbered.first().ok_or_else(|| Error::Refused("the batch has no number".into()))?;
        row.try_get(0).map_err(store_error)
    }

    /// Sends changes and the commit in one go. A change that fails makes of the commit a rollback.
    fn commit_with(&mut self, changes: &[Change], batched: Option<Batched>) -> Result<()> {
        let link = self.link()?;
        let statements = merged(changes, &mut link.merged);
        wait(link.prepare_all(statements.iter().map(|statement| &*statement.sql))).map_err(store_error)?;
        let link = &*link;
        let (changed, committed) = wait(async {
            // Each is sent when it is first looked at: in this order.
            let changing = join_all(statements.iter().map(|statement| send(link, statement)));
            join(changing, link.client.batch_execute("COMMIT")).await
        });
        let visits = self.batch.take().map_or(0, |batch| batch.visits);
        let failed = changed.into_iter().find_map(|changed| changed.err()).or(committed.err());
        match (failed, batched) {
            (None, _) => {
                self.server.changed(visits);
                Ok(())
            }
            (Some(error), _) if surely_not_stored(&error) => Err(store_error(error)),
            (Some(error), None) => Err(store_error(error)),
            (Some(error), Some(batched)) => {
                tracing::warn!(error = %store_error(error), "a commit was not answered");
                self.link = None;
                self.look_up(&batched)
            }
        }
    }
}

impl Reader for Session {}

impl Writer for Session {
    fn begin(&mut self, hints: &mut dyn FnMut(&mut Hints)) -> Result<()> {
        if self.batch.is_some() {
            return Err(Error::Refused("a batch inside a batch".into()));
        }
        let mut asked = Hints::default();
        hints(&mut asked);
        let hints = &asked;
        let known = self.link.as_ref().is_some_and(|link| !link.client.is_closed());
        let opened = self.link().and_then(|link| Batch::open(link, hints));
        let opened = match opened {
            // The database was restarted since: nothing was sent that could be lost.
            Err(Error::Unavailable(_)) if known => {
                self.link = None;
                self.link().and_then(|link| Batch::open(link, hints))
            }
            opened => opened,
        };
        match opened {
            Ok(batch) => {
                self.batch = Some(batch);
                Ok(())
            }
            Err(error) => {
                // Something may have begun: the connection's end ends it.
                self.link = None;
                Err(error)
            }
        }
    }

    fn ring(&mut self, bells: Bells) -> Result<()> {
        self.batch()?.bells = bells;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.finish()
    }

    fn rollback(&mut self) {
        if self.batch.take().is_none() {
            return;
        }
        let Some(link) = self.link.as_ref() else { return };
        if link.patience.is_here() && !Here::is_possible() {
            // The end of the connection is the end of the batch, too.
            self.link = None;
            return;
        }
        link.patience.attend();
        if let Err(error) = wait(link.client.batch_execute("ROLLBACK")) {
            tracing::debug!(error = %store_error(error), "rollback");
            self.link = None;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.rollback();
    }
}

/// Keeps parameters of different types for later.
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$(Box::new($value) as $crate::postgres::values::Param),*] };
}
pub(super) use params;

/// Sends changes.
async fn send(link: &Link, statement: &Statement<'_>) -> Told<()> {
    link.execute(&statement.sql, &statement.params).await
}

/// Parameters that were kept.
pub(super) type Params = Vec<Param>;

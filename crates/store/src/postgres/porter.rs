//! The porter: messages kept in one statement, which is its own commit, on a connection of the runtime's own.

use crate::postgres::connection::{SETTINGS, Way};
use crate::postgres::error::store_error;
use crate::postgres::locks::Locks;
use crate::postgres::session::Value;
use crate::postgres::undecided::envelope_id;
use crate::postgres::values::{column, id_column, key_columns};
use crate::{Asked, Error, Keeping, Porter, Result};
use domain::ids::EnvelopeId;
use tokio::task::AbortHandle;
use tokio_postgres::{Client, Row, Statement};

/// An envelope ($1 to $8), the id it came under ($9 to $11), and what it speaks of ($12); tells what was undecided of
/// the same before. The parts of a statement do not see each other, so that nothing tells of itself. An id that is
/// there already fails all of it. Each subject is looked up by itself, and `OFFSET 0` keeps it so: while the table
/// looks small, the planner would rather walk through all rows of the practice, and those that were decided on are
/// there until the table is cleaned.
const KEEP: &str =
    "WITH kept AS (INSERT INTO envelope (practice, integration, id, at, channel, format, state, digest, body)
      VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)),
    named AS (INSERT INTO control (practice, integration, control_id, envelope, answer, source_id)
      SELECT $1, $2, $9::text, $3, $10::bytea, $11::text WHERE $9::text IS NOT NULL),
    marked AS (INSERT INTO undecided (practice, integration, subject, envelope, at, control_id)
      SELECT $1, $2, subject, $3, $4, $9 FROM unnest($12::bigint[]) AS subject)
    SELECT DISTINCT n.envelope FROM unnest($12::bigint[]) AS u (subject)
      CROSS JOIN LATERAL (SELECT envelope FROM undecided WHERE practice = $1 AND subject = u.subject OFFSET 0) AS n";

/// Keeps messages.
pub(super) struct PostgresPorter {
    way: Way,
    line: Option<Line>,
}

/// A connection that the runtime moves the bytes of.
struct Line {
    client: Client,
    /// [`KEEP`], prepared.
    keep: Statement,
    driver: AbortHandle,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Line {
    async fn open(way: &Way) -> Result<Line> {
        let (client, driven) = way.open(None).await.map_err(store_error)?;
        let driver = tokio::spawn(driven).abort_handle();
        client.batch_execute(SETTINGS).await.map_err(store_error)?;
        let schema = "SELECT coalesce(current_schema()::text, '')";
        let row = client.query_one(schema, &[]).await.map_err(store_error)?;
        let in_use = Locks::of_schema(column(&row, 0)?).in_use();
        let lock = "SELECT pg_try_advisory_lock_shared($1)";
        let row = client.query_one(lock, &[&in_use]).await.map_err(store_error)?;
        if !column::<bool>(&row, 0)? {
            return Err(Error::Busy("a copy of the store is being made".into()));
        }
        let keep = client.prepare(KEEP).await.map_err(store_error)?;
        Ok(Line { client, keep, driver })
    }
}

impl PostgresPorter {
    pub(super) fn new(way: Way) -> PostgresPorter {
        PostgresPorter { way, line: None }
    }

    async fn line(&mut self) -> Result<&mut Line> {
        if self.line.as_ref().is_none_or(|line| line.client.is_closed()) {
            self.line = None;
            self.line = Some(Line::open(&self.way).await?);
        }
        self.line.as_mut().ok_or_else(|| Error::Unavailable("there is no connection".into()))
    }

    /// Has a message kept, with patience: a server that takes a question and does not answer it has its connection cut.
    async fn ask(&mut self, params: &[Value<'_>]) -> Result<Vec<Row>> {
        let limit = self.way.patience();
        let asking = async {
            let line = self.line().await?;
            line.client.query(&line.keep, params).await.map_err(store_error)
        };
        match tokio::time::timeout(limit, asking).await {
            Ok(answer) => answer,
            Err(_) => {
                self.line = None;
                Err(Error::OutcomeUnknown("the database did not answer; the connection is cut".into()))
            }
        }
    }

    async fn keep_one(&mut self, message: &Keeping<'_>) -> Result<Vec<EnvelopeId>> {
        let Keeping { envelope, control, subjects } = message;
        let (practice, integration) = key_columns(envelope.integration);
        let name = control.map(|(name, _)| name.as_str());
        let answer = control.map(|(_, row)| &row.answer[..]);
        let source = control.and_then(|(_, row)| row.source_id.as_ref()).map(|id| id.as_str());
        let params: [Value<'_>; 12] = [
            &practice,
            &integration,
            &id_column(envelope.id.0),
            &envelope.at.micros(),
            &envelope.channel,
            &i16::from(envelope.format.number()),
            &&envelope.digest[..],
            &envelope.body,
            &name,
            &answer,
            &source,
            subjects,
        ];
        self.ask(&params).await?.iter().map(envelope_id).collect()
    }
}

impl Porter for PostgresPorter {
    fn keep<'a>(&'a mut self, message: &'a Keeping<'a>) -> Asked<'a, Vec<EnvelopeId>> {
        Box::pin(self.keep_one(message))
    }
}

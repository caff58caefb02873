//! What became of a batch whose commit was not answered.
//!
//! The server tells by a transaction's number whether it is over, and how it ended. But numbers of which nothing had
//! reached the disk when the server crashed are given again, and what is then said is said of somebody else's
//! transaction. So each batch leaves its number in a row of its connection, as a part of itself: that row tells whether
//! it is there.

use crate::Result;
use crate::postgres::connection::{Link, wait};
use crate::postgres::error::store_error;
use crate::postgres::pending::Change;
use crate::postgres::session::params;
use tokio_postgres::error::SqlState;

/// The first schema with a row for each connection.
pub(super) const SINCE: i32 = 14;

/// Rows of connections that have gone.
pub(super) const CLEAN: &str = "DELETE FROM latest_batch WHERE at < now() - interval '1 day'";

/// A batch, for the case that the answer to its commit is lost.
pub(super) struct Batched {
    /// The transaction's number.
    pub(super) number: String,
    /// The connection's name; `None`: a program of before [`SINCE`], which can only go by the number.
    pub(super) connection: Option<String>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is there.
    Stored,
    /// It is not, and never will be.
    Lost,
    /// It is running still, or the server cannot say.
    Open,
}

/// Leaves a batch's number in the row of its connection.
pub(super) fn leave(connection: &str) -> Change {
    Change::rows(
        "INSERT INTO latest_batch (connection, number, at)
         VALUES ($1::text::uuid, pg_current_xact_id()::text::bigint, now())
         ON CONFLICT (connection) DO UPDATE SET number = excluded.number, at = excluded.at",
        params![connection.to_owned()],
    )
}

/// Asks the server, on another connection, what became of a batch.
pub(super) fn outcome(link: &Link, batch: &Batched) -> Result<Outcome> {
    let asked = wait(link.client.query_one("SELECT pg_xact_status($1::text::xid8)", &[&batch.number]));
    let status = match asked {
        Ok(row) => row.try_get::<_, Option<String>>(0).map_err(store_error)?,
        // A number that was never given, since the server crashed: whoever had it is gone.
        Err(error) if error.code() == Some(&SqlState::INVALID_PARAMETER_VALUE) => return Ok(Outcome::Lost),
        Err(error) => return Err(store_error(error)),
    };
    match (status.as_deref(), &batch.connection) {
        (Some("in progress"), _) => Ok(Outcome::Open),
        (Some("aborted"), _) => Ok(Outcome::Lost),
        // It is over, so that its row can be seen if it is there.
        (_, Some(connection)) => left(link, connection, &batch.number),
        (Some("committed"), None) => Ok(Outcome::Stored),
        _ => Ok(Outcome::Open),
    }
}

fn left(link: &Link, connection: &str, number: &str) -> Result<Outcome> {
    let left = "SELECT 1 FROM latest_batch WHERE connection = $1::text::uuid AND number = $2::text::bigint";
    let row = wait(link.client.query_opt(left, &[&connection, &number])).map_err(store_error)?;
    Ok(if row.is_some() { Outcome::Stored } else { Outcome::Lost })
}

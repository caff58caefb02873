//! What each statement costs, told to whoever listens.
//!
//! Sessions that are opened while the target `store::sqlite::statements` is heard at level TRACE tell of every
//! statement that ran: its text, never its values (they may be about patients), the steps SQLite took, and the time.
//! Steps do not depend on the machine: a statement that takes more of them the more is stored lacks an index.

use crate::Result;
use crate::sqlite::open::session_error;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, StatementStatus};

/// Has a connection tell of its statements, if somebody listens.
pub(super) fn tell_of_statements(connection: &mut Connection) -> Result<()> {
    if !tracing::enabled!(tracing::Level::TRACE) {
        return Ok(());
    }
    let tell = |event: TraceEvent<'_>| {
        if let TraceEvent::Profile(statement, took) = event {
            tracing::trace!(
                sql = &*statement.sql(),
                // Of all its runs since it was prepared.
                steps = statement.get_status(StatementStatus::VmStep),
                took_us = took.as_micros(),
                "a statement ran"
            );
        }
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(tell)).map_err(session_error)
}

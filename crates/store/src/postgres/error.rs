//! What the database's errors mean.

use crate::Error;
use tokio_postgres::error::SqlState;

/// An error as the database tells it, without the values it may quote.
#[derive(Debug, thiserror::Error)]
#[error("{message} (SQLSTATE {code})")]
struct ServerError {
    code: String,
    message: String,
}

/// What an error means for whoever asked.
pub(crate) fn store_error(error: tokio_postgres::Error) -> Error {
    let Some(told) = error.as_db_error() else {
        // Not from the server: the connection, or a value that cannot be sent or read.
        return if error.is_closed()
            || std::error::Error::source(&error).is_some_and(|source| source.is::<std::io::Error>())
        {
            Error::Unavailable(error.into())
        } else {
            Error::Refused(error.into())
        };
    };
    let code = told.code();
    let (class, whole) = (code.code().get(..2).unwrap_or_default(), code.code());
    // The detail and hint of an error quote rows; its message names tables and constraints only.
    let server = Box::new(ServerError { code: whole.to_owned(), message: told.message().to_owned() });

    if whole == "53100" {
        return Error::Full(server);
    }
    match class {
        // So a statement says that it did not change as many rows as were read.
        _ if *code == SqlState::DIVISION_BY_ZERO => Error::Conflict("somebody else was faster".into()),
        "23" | "40" => Error::Conflict(server),
        // Connections, resources, operators, the system around it, bugs of the server.
        "08" | "28" | "3D" | "53" | "58" | "XX" => Error::Unavailable(server),
        "55" | "57" if *code == SqlState::LOCK_NOT_AVAILABLE || *code == SqlState::QUERY_CANCELED => {
            Error::Busy(server)
        }
        "57" => Error::Unavailable(server),
        // A transaction that the server ended, or a server that takes no changes (a standby).
        "25" => Error::Unavailable(server),
        _ => Error::Refused(server),
    }
}

/// Whether the server said that nothing was stored; otherwise nobody knows.
pub(super) fn surely_not_stored(error: &tokio_postgres::Error) -> bool {
    let class = error.as_db_error().and_then(|told| told.code().code().get(..2).map(str::to_owned));
    class.is_some_and(|class| matches!(class.as_str(), "23" | "40" | "25" | "42" | "22"))
}

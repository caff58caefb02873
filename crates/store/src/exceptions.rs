//! Exception items: what people do about a cause. One row a cause that was ever open; what is searched by stands in
//! columns.

use crate::Result;
use domain::exception::Item;
use domain::ids::IntegrationKey;
use domain::text::Text;
use domain::time::Moment;

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionRow {
    /// Whose.
    pub integration: IntegrationKey,
    /// The id of its cause.
    pub cause: Text,
    /// When it is to be looked at again; [`ExceptionRow::NEVER`] while it is open and nothing follows from time alone;
    /// nothing once it is closed.
    pub look_at: Option<Moment>,
    /// What is known of it.
    pub item: Item,
}

impl ExceptionRow {
    /// An open item that nothing follows for from time alone.
    pub const NEVER: Moment = Moment::from_micros(i64::MAX);
}

/// Reading exception items.
pub trait ExceptionReads {
    /// The item of a cause, open or closed.
    fn exception(&mut self, integration: IntegrationKey, cause: &str) -> Result<Option<ExceptionRow>>;

    /// Open items of an integration, by the id of their cause.
    fn open_exceptions(&mut self, integration: IntegrationKey, limit: usize) -> Result<Vec<ExceptionRow>>;

    /// Integrations with items that are to be looked at, those that waited longest first.
    fn exceptions_due(&mut self, now: Moment, limit: usize) -> Result<Vec<IntegrationKey>>;

    /// When the next item is to be looked at.
    fn next_exception(&mut self) -> Result<Option<Moment>>;
}

/// Writing exception items.
pub trait ExceptionWrites {
    /// Stores an item, in the place of the one of its cause.
    fn put_exception(&mut self, row: &ExceptionRow) -> Result<()>;
}

/// The same without repetitions, in the order in which they come first.
pub(crate) fn each_once(keys: Vec<IntegrationKey>) -> Vec<IntegrationKey> {
    let mut seen = std::collections::HashSet::new();
    keys.into_iter().filter(|key| seen.insert(*key)).collect()
}

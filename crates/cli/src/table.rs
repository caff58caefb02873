//! Lists as columns.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

/// An empty list with these columns.
pub(crate) fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    table
}

//! Twins whose route is a folder: CareLogic, the plain CSV drop, and Greenway Intergy.
//!
//! A folder is named by the switch `drop`. Files are written under another name and then renamed, so nobody sees half
//! of one unless the fault `partial_file` says so. What can go wrong: `latency` (a file comes late, by the twin's
//! clock), `partial_file`, `duplicate_event` (the same file again under another name), `empty_list` (a header and
//! nothing else), `lost_event` (no file), `reorder` (the rows), `drifting_types` (`Y` becomes `true`).

mod carelogic;
mod folder;
mod intergy;

pub(super) use carelogic::{CARELOGIC, CSV};
pub(super) use intergy::INTERGY;

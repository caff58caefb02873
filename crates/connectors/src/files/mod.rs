//! Reading visits from files that somebody puts into a folder: the routes of sources that have no interface, or whose
//! files say more than it.
//!
//! What is agreed about the files is the profile's ([`domain::profile::FileRules`]): names, columns, character sets,
//! dates, what says that a file is whole, and whether it tells everything or what changed. The folder is the queue. A
//! *set* is what was written at one time: a file of each kind. Sets are read in their order, a part a call, and the
//! cursor names the files that were read. A file is moved only by a call whose cursor names it, so its records are on
//! disk by then: wherever the process dies, a file is read again or not at all, and what is said twice changes nothing.
//!
//! What is odd about files is told as what it is:
//!
//! | A file is | Then |
//! |---|---|
//! | still being written | it is not read yet |
//! | never finished, or lacks its companions | what can be read of it counts and proves nothing; the gap is told |
//! | late | nothing new came in time: the feed is told as not answering; old news moves nothing back |
//! | there twice | the second is not read, and noted |
//! | empty | noted; a full list without a row is not believed |
//! | of a name or a first line that nobody agreed on | noted; set aside |

mod again;
mod content;
mod contract;
mod folder;
mod page;
mod place;
mod reader;
mod record;
mod row;
mod set;
mod table;

pub(crate) use again::again;
pub(crate) use reader::reader;

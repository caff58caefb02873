//! What is true of SQLite only.

mod cost;
mod files;
mod listening;
mod packed;

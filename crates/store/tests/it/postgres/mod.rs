//! What is true of PostgreSQL only.

mod lost_connections;
mod proxy;
mod side_by_side;

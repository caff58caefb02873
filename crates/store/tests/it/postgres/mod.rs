//! What is true of PostgreSQL only.

mod copies;
mod cost;
mod lost_connections;
mod proxy;
mod rolling;
mod side_by_side;
mod statistics;

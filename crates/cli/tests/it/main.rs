//! The real binary on real sockets.

mod carrier;
mod commands;
mod configuration;
mod demo;
mod healing;
mod kill_nine;
mod nodes;
mod service;
mod support;

//! The real binary on real sockets.

mod demo;
mod support;

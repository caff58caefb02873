//! What the service is told about its surroundings: by flags, by the environment, by a file, in this order, and else by
//! itself.

mod file;
mod keys;

pub(crate) use file::File;

use crate::exit::Failure;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The folder that data are kept in unless said otherwise.
pub(crate) const DATA: &str = "punctual-data";
/// Where the API and the console listen unless said otherwise.
pub(crate) const HTTP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Where HL7 v2 messages are taken unless said otherwise.
pub(crate) const MLLP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 2575);
/// Days for which messages are kept unless said otherwise.
pub(crate) const MESSAGE_DAYS: u32 = domain::setup::KEEP_DAYS;
/// The largest message, in bytes, unless said otherwise.
pub(crate) const MESSAGE_BYTES: usize = 1024 * 1024;
/// MLLP connections at one time unless said otherwise.
pub(crate) const CONNECTIONS: usize = 1024;

/// Checks where people reach the console: scheme and host, nothing behind.
pub(crate) fn check_origin(origin: String) -> Result<String, Failure> {
    let uri = origin.parse::<hyper::Uri>().ok();
    let is_origin = uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.path_and_query().is_none_or(|path| path.as_str() == "/")
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
    });
    if is_origin {
        return Ok(origin.trim_end_matches('/').to_owned());
    }
    Err(Failure::Usage(format!("public_origin: {origin:?} is no origin; one looks like https://punctual.example")))
}

/// Checks a bound that must leave room for something.
pub(crate) fn check_bound(key: &str, value: usize, least: usize) -> Result<usize, Failure> {
    if value >= least {
        return Ok(value);
    }
    Err(Failure::Usage(format!("{key}: {value} is too little; at least {least} is needed")))
}

//! E-mail by SMTP (RFC 5321), as plain text and HTML beside each other (RFC 2046).

mod message;
mod server;

pub use server::{MailServer, WrongServer};

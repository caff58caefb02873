//! The mail server that takes our letters.
//!
//! A letter goes step by step, because what an error means depends on the step: before the text was handed over, the
//! server certainly has nothing, and the letter may be tried again; after it, only the server knows.

use crate::mail::message::message_of;
use domain::text::Text;
use engine::notify::{Letter, Posted};
use engine::ports::Secret;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use std::time::Duration;

/// Each step takes this long at most.
const STEP: Duration = Duration::from_secs(15);

/// A mail server.
pub struct MailServer {
    host: String,
    port: u16,
    /// TLS from the first byte (`smtps://`); else by STARTTLS.
    tls_from_the_start: bool,
    /// This machine: the one place where a letter may go without TLS.
    is_here: bool,
    from: Mailbox,
    credentials: Option<Credentials>,
}

/// Why a mail server cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongServer {
    /// The address is none.
    #[error("{0:?} is no mail server: it looks like smtp://host:port or smtps://host:port")]
    Address(String),
    /// Who the letters come from is no address.
    #[error("{0:?} is no sender: it looks like \"Northside Clinic <post@northside.example>\"")]
    Sender(String),
    /// It holds a password.
    #[error("the mail server's address holds a user name; set PUNCTUAL_SMTP_USER and PUNCTUAL_SMTP_PASSWORD instead")]
    Credentials,
}

impl MailServer {
    /// A server by its address, `smtp://host[:587]` or `smtps://host[:465]`, and who the letters come from.
    pub fn new(address: &str, from: &str, login: Option<(String, Secret)>) -> Result<MailServer, WrongServer> {
        let wrong = || WrongServer::Address(address.to_owned());
        let (tls_from_the_start, rest) = match address.split_once("://") {
            Some(("smtp", rest)) => (false, rest),
            Some(("smtps", rest)) => (true, rest),
            _ => return Err(wrong()),
        };
        if rest.contains('@') {
            return Err(WrongServer::Credentials);
        }
        let rest = rest.trim_end_matches('/');
        let usual = if tls_from_the_start { 465 } else { 587 };
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| wrong())?),
            _ => (rest, usual),
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err(wrong());
        }
        let is_here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let from = from.parse().map_err(|_| WrongServer::Sender(from.to_owned()))?;
        let credentials = login.map(|(user, password)| Credentials::new(user, password.open().to_owned()));
        Ok(MailServer { host, port, tls_from_the_start, is_here, from, credentials })
    }

    /// The domain that letters come from, for message ids.
    pub fn domain(&self) -> &str {
        self.from.email.domain()
    }

    /// Sends a letter.
    pub async fn send(&self, letter: &Letter) -> Posted {
        let message = match message_of(letter, &self.from) {
            Ok(message) => message,
            Err(why) => return Posted::Refused(why),
        };
        let mut connection = match self.connect().await {
            Ok(connection) => connection,
            Err(why) => return Posted::Again(why),
        };
        let posted = self.hand_over(&mut connection, &message).await;
        // What became of the letter is known; how the talk ends changes nothing.
        drop(tokio::time::timeout(STEP, connection.quit()).await);
        posted
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Text> {
        let hello = ClientId::default();
        let tls = || {
            TlsParameters::new(self.host.clone()).map_err(|_| Text::literal("the system's certificates cannot be read"))
        };
        let from_the_start = if self.tls_from_the_start { Some(tls()?) } else { None };
        let address = (self.host.as_str(), self.port);
        let connected = AsyncSmtpConnection::connect_tokio1(address, Some(STEP), &hello, from_the_start, None).await;
        let mut connection = connected.map_err(|error| words("the mail server cannot be reached", &error))?;
        if !self.tls_from_the_start {
            if connection.can_starttls() {
                let secured = connection.starttls(tls()?, &hello).await;
                secured.map_err(|error| words("TLS with the mail server failed", &error))?;
            } else if !self.is_here {
                return Err(Text::literal("the mail server offers no TLS, and letters do not travel in the open"));
            }
        }
        if let Some(credentials) = &self.credentials {
            let known = connection.auth(DEFAULT_MECHANISMS, credentials).await;
            known.map_err(|error| words("the mail server refused the login", &error))?;
        }
        Ok(connection)
    }

    async fn hand_over(&self, connection: &mut AsyncSmtpConnection, message: &lettre::Message) -> Posted {
        let envelope = message.envelope();
        let mut parameters = Vec::new();
        if connection.server_info().supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(lettre::transport::smtp::extension::MailBodyParameter::EightBitMime));
        }
        let opened = connection.command(Mail::new(envelope.from().cloned(), parameters)).await;
        if let Err(error) = opened {
            return before_the_text(&error);
        }
        for to in envelope.to() {
            if let Err(error) = connection.command(Rcpt::new(to.clone(), Vec::new())).await {
                return before_the_text(&error);
            }
        }
        if let Err(error) = connection.command(Data).await {
            return before_the_text(&error);
        }
        match connection.message(&message.formatted()).await {
            Ok(answer) => Posted::Accepted(Text::from(format!("{}", answer.code()))),
            // With an answer the server said what it did; without one nobody knows.
            Err(error) if error.is_permanent() => Posted::Refused(words("the mail server refused the text", &error)),
            Err(error) if error.is_transient() => Posted::Again(words("the mail server put the text off", &error)),
            Err(error) => Posted::Unknown(words("the mail server did not answer to the text", &error)),
        }
    }
}

fn before_the_text(error: &lettre::transport::smtp::Error) -> Posted {
    match error.is_permanent() {
        true => Posted::Refused(words("the mail server refused the letter", error)),
        false => Posted::Again(words("the mail server did not take the letter", error)),
    }
}

/// What happened, with the server's code. Its sentence is left out: servers repeat addresses in it.
fn words(what: &str, error: &lettre::transport::smtp::Error) -> Text {
    match error.status() {
        Some(code) => Text::from(format!("{what}: {code}")),
        None if error.is_timeout() => Text::from(format!("{what} in time")),
        None => Text::from(what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_wrong_ones_refused() {
        let server = |address: &str| MailServer::new(address, "Clinic <post@clinic.example>", None);
        for (address, host, port) in [
            ("smtp://mail.example", "mail.example", 587),
            ("smtps://mail.example/", "mail.example", 465),
            ("smtp://127.0.0.1:1025", "127.0.0.1", 1025),
            ("smtp://[::1]:25", "::1", 25),
        ] {
            let server = server(address).ok().unwrap();
            assert_eq!(
                (server.host.as_str(), server.port, server.domain()),
                (host, port, "clinic.example"),
                "{address}"
            );
        }
        for wrong in ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example:x"] {
            assert_eq!(server(wrong).err(), Some(WrongServer::Address(wrong.to_owned())));
        }
        assert_eq!(server("smtp://me:secret@mail.example").err(), Some(WrongServer::Credentials));
        assert!(MailServer::new("smtp://mail.example", "nobody", None).is_err());
    }
}

//! The post: letters by e-mail and by text message, as far as the installation has the means.

use crate::mail::MailServer;
use crate::sms::SmsGateway;
use domain::text::Text;
use engine::notify::{Letter, Posted};
use engine::ports::{PortFuture, Postbox};

/// The installation's ways to people.
#[derive(Default)]
pub struct Post {
    /// The mail server, if one is set.
    pub mail: Option<MailServer>,
    /// The gateway for text messages, if one is set.
    pub sms: Option<SmsGateway>,
}

impl Postbox for Post {
    fn mail<'a>(&'a self, letter: &'a Letter) -> PortFuture<'a, Posted> {
        Box::pin(async move {
            match &self.mail {
                Some(server) => server.send(letter).await,
                None => Posted::Again(Text::literal("no mail server is set (PUNCTUAL_SMTP)")),
            }
        })
    }

    fn sms<'a>(&'a self, letter: &'a Letter) -> PortFuture<'a, Posted> {
        Box::pin(async move {
            match &self.sms {
                Some(gateway) => gateway.send(letter).await,
                None => Posted::Again(Text::literal("no gateway for text messages is set (PUNCTUAL_SMS)")),
            }
        })
    }
}

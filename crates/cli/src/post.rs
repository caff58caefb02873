//! The ways to people, as the installation names them.

use crate::configuration::File;
use crate::exit::Failure;
use crate::system::read_env;
use clap::Args;
use connectors::http::{AddressPolicy, HttpClient};
use connectors::mail::MailServer;
use connectors::post::Post;
use connectors::sms::SmsGateway;
use engine::ports::Secret;

#[derive(Args, Debug)]
pub(crate) struct PostArgs {
    /// The mail server for notices: smtp://host:port or smtps://host:port; its password in PUNCTUAL_SMTP_PASSWORD
    #[arg(long, env = "PUNCTUAL_SMTP", value_name = "URL")]
    smtp: Option<String>,
    /// Who notices come from: "Northside Clinic <post@northside.example>"
    #[arg(long, env = "PUNCTUAL_MAIL_FROM", value_name = "SENDER")]
    mail_from: Option<String>,
    /// The login at the mail server
    #[arg(long, env = "PUNCTUAL_SMTP_USER", value_name = "NAME")]
    smtp_user: Option<String>,
    /// The gateway for text messages; its token in PUNCTUAL_SMS_TOKEN
    #[arg(long, env = "PUNCTUAL_SMS", value_name = "URL")]
    sms: Option<String>,
}

impl PostArgs {
    /// The post that the command line names, else the configuration.
    pub(crate) fn post(self, file: &File, policy: &AddressPolicy) -> Result<Post, Failure> {
        let (mail, sms) = (&file.mail, &file.sms);
        let server = self.smtp.or_else(|| mail.server.clone());
        let from = self.mail_from.or_else(|| mail.from.clone());
        let user = self.smtp_user.or_else(|| mail.user.clone());
        let gateway = self.sms.or_else(|| sms.gateway.clone());
        Ok(Post {
            mail: server.map(|server| mail_server(&server, from, user)).transpose()?,
            sms: gateway.map(|gateway| sms_gateway(&gateway, policy)).transpose()?,
        })
    }
}

fn mail_server(server: &str, from: Option<String>, user: Option<String>) -> Result<MailServer, Failure> {
    let usage = |why: &str| Failure::Usage(format!("mail.server: {why}"));
    let from = from.ok_or_else(|| usage("say who the letters come from with --mail-from or PUNCTUAL_MAIL_FROM"))?;
    let login = match user {
        None => None,
        Some(user) => {
            let password = read_env("PUNCTUAL_SMTP_PASSWORD");
            Some((
                user,
                Secret::new(password.ok_or_else(|| usage("the password is missing: set PUNCTUAL_SMTP_PASSWORD"))?),
            ))
        }
    };
    MailServer::new(server, &from, login).map_err(|wrong| usage(&wrong.to_string()))
}

fn sms_gateway(gateway: &str, policy: &AddressPolicy) -> Result<SmsGateway, Failure> {
    let client = HttpClient::new(policy.clone());
    let client = client.map_err(|error| Failure::could("the system's certificates cannot be read", &error))?;
    let token = read_env("PUNCTUAL_SMS_TOKEN").map(Secret::new);
    SmsGateway::new(client, gateway, token).map_err(|why| Failure::Usage(format!("sms.gateway: {why}")))
}

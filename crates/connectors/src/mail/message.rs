//! A letter as a MIME message.

use domain::text::Text;
use engine::notify::Letter;
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

/// The message, or what is wrong with an address. Nothing of the letter is in the error.
pub(super) fn message_of(letter: &Letter, from: &Mailbox) -> Result<Message, Text> {
    let to: Mailbox = letter.to.open().parse().map_err(|_| Text::literal("the address of the letter is none"))?;
    let alternatives = MultiPart::alternative()
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(letter.text.open().clone()))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(letter.html.open().clone()));
    let built = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(letter.subject.open().as_str())
        .message_id(Some(format!("<{}>", letter.id)))
        .raw_header(header("Content-Language", letter.language.tag()))
        // RFC 3834: nobody's holiday answers it.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .multipart(alternatives);
    built.map_err(|_| Text::literal("the letter cannot be written as a message"))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

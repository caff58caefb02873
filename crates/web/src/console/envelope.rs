//! A message exactly as it came.

use crate::api::v1::envelopes::envelope;
use crate::app::Shared;
use crate::auth::Who;
use crate::console::{Frame, Nav, page};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::ops::EnvelopeView;

#[derive(Template)]
#[template(path = "pages/envelope.html")]
struct EnvelopePage {
    frame: Frame,
    envelope: EnvelopeView,
    at: String,
    body: String,
}

/// The page.
pub(crate) async fn show(State(app): State<Shared>, who: Who, Path(id): Path<String>) -> Result<Response> {
    let envelope = envelope(&app, &who, &id).await?;
    page(&EnvelopePage {
        frame: Frame::new(&app, &who, Nav::Elsewhere, format!("Message {id}")),
        at: envelope.at.to_string(),
        // HL7 v2 ends its segments with carriage returns, which browsers do not show as ends of lines.
        body: envelope.body.replace("\r\n", "\n").replace('\r', "\n"),
        envelope,
    })
}

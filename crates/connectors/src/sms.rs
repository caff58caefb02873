//! Text messages through a gateway over HTTP: `POST` of `{"id", "to", "text", "language"}` with a bearer token, the id
//! also as `Idempotency-Key`. 2xx: taken; 408, 425, 429 and 5xx: not yet; other answers: refused.

use crate::http::{HttpClient, Trouble};
use domain::text::Text;
use engine::notify::{Letter, Posted};
use engine::ports::Secret;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Request, StatusCode, Uri};
use serde_json::json;
use std::time::Duration;

/// The whole exchange takes this long at most.
const LIMIT: Duration = Duration::from_secs(20);
/// Nothing of the answer is needed but its status.
const ANSWER_BYTES: usize = 4096;

/// A gateway for text messages.
pub struct SmsGateway {
    client: HttpClient,
    address: Uri,
    token: Option<Secret>,
}

impl SmsGateway {
    /// A gateway by its address; the error says what is wrong with that.
    pub fn new(client: HttpClient, address: &str, token: Option<Secret>) -> Result<SmsGateway, Text> {
        let address = client.check(address)?;
        Ok(SmsGateway { client, address, token })
    }

    /// Sends a letter's short form.
    pub async fn send(&self, letter: &Letter) -> Posted {
        let body = json!({
            "id": letter.id,
            "to": letter.to.open(),
            "text": letter.short.open(),
            "language": letter.language.tag(),
        });
        let mut request = Request::post(self.address.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", letter.id.as_str());
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.open()));
        }
        let Ok(request) = request.body(Full::new(Bytes::from(body.to_string()))) else {
            return Posted::Refused(Text::literal("the gateway's token cannot stand in a header"));
        };
        match self.client.send(request, LIMIT, ANSWER_BYTES).await {
            Ok(answer) => read(answer.status),
            Err(trouble @ Trouble::Unreachable) => Posted::Again(Text::from(trouble.to_string())),
            Err(trouble) => Posted::Unknown(Text::from(trouble.to_string())),
        }
    }
}

fn read(status: StatusCode) -> Posted {
    let words = Text::from(format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default()).trim_end());
    let later = matches!(status.as_u16(), 408 | 425 | 429) || status.is_server_error();
    match (status.is_success(), later) {
        (true, _) => Posted::Accepted(words),
        (false, true) => Posted::Again(words),
        (false, false) => Posted::Refused(words),
    }
}

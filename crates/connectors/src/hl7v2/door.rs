//! HL7 v2 messages handed in over the API: the same way as over MLLP.

use crate::hl7v2::Intake;
use domain::text::Text;
use engine::ports::{MessageDoor, PortFuture, Taken};
use engine::setup::Integration;
use engine::{Error, Result};
use std::sync::Arc;

impl MessageDoor for Intake {
    fn media_types(&self) -> &'static [&'static str] {
        &["application/hl7-v2", "x-application/hl7-v2+er7"]
    }

    fn take<'a>(
        &'a self,
        integration: &'a Arc<Integration>,
        _media_type: &'a str,
        body: &'a [u8],
    ) -> PortFuture<'a, Result<Taken>> {
        Box::pin(async move {
            let answered = Intake::take(self, body, &Text::literal("api"), Some(integration)).await;
            match answered.envelope {
                Some(envelope) => Ok(Taken {
                    envelope,
                    applied: answered.code == "AA",
                    problem: answered.problem,
                    repeated: answered.repeated,
                }),
                None => Err(Error::Invalid("the message could not be stored; send it again".to_owned())),
            }
        })
    }
}

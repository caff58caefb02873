//! Resources, bundles and NDJSON handed in: read, given to the engine, and answered once durable.

use crate::fhir_r4::bundle::decode_bundle;
use crate::fhir_r4::decode::{Decoded, decode_resource};
use crate::fhir_r4::{Included, Problem, Terms};
use domain::ids::EnvelopeId;
use domain::model::Record;
use domain::text::Text;
use domain::time::Moment;
use engine::Engine;
use engine::ingest::{Content, EnvelopeFormat, HandedIn, Incoming, Line, hand_in};
use engine::ports::{MessageDoor, PortFuture, Taken};
use engine::setup::Integration;
use engine::{Error, Result};
use std::collections::VecDeque;
use std::sync::Arc;
use wire::fhir::{Lines, Meta, Str, read, resource_type};

/// One resource a line.
const NDJSON: &str = "application/fhir+ndjson";

/// So many messages of a file are on their way to the disk at a time: enough to fill a batch.
const ON_THE_WAY: usize = 256;

/// What is told of a resource of a type that nobody reads.
const NOT_TAKEN: &str = "Only Appointment, Patient and Bundle are taken; this one is kept and not applied.";

/// Takes FHIR R4 resources in for an engine.
pub struct FhirIntake {
    engine: Engine,
}

/// What became of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The envelope it is kept in; `None`: it could not be stored.
    pub envelope: Option<EnvelopeId>,
    /// Where it is wrong, and what; `None`: it was taken in.
    pub problem: Option<String>,
    /// It had been taken in before.
    pub repeated: bool,
}

/// A resource on its way to being durable.
struct Pending {
    handed: Result<HandedIn>,
    problem: Option<String>,
}

impl FhirIntake {
    /// An intake for an engine.
    pub fn new(engine: Engine) -> FhirIntake {
        FhirIntake { engine }
    }

    /// Takes a resource or a bundle in; several answers when a bundle has entries that cannot be applied, each of which
    /// is kept for itself.
    pub async fn take(&self, body: &[u8], channel: &Text, owner: &Arc<Integration>) -> Vec<Answered> {
        let mut answers = Vec::with_capacity(1);
        for pending in self.hand_in(body, channel, owner, true).await {
            answers.push(pending.settle().await);
        }
        answers
    }

    /// Takes the lines of an NDJSON text in, in their order, with several on their way to the disk at a time; `told`
    /// hears of each with its line's number.
    pub async fn take_lines(
        &self,
        text: &[u8],
        channel: &Text,
        owner: &Arc<Integration>,
        mut told: impl FnMut(u64, Answered),
    ) {
        let mut pending: VecDeque<(u64, Pending)> = VecDeque::with_capacity(ON_THE_WAY);
        for line in Lines::new(text) {
            while pending.len() >= ON_THE_WAY
                && let Some((number, first)) = pending.pop_front()
            {
                told(number, first.settle().await);
            }
            pending.extend(
                self.hand_in(line.json, channel, owner, false).await.into_iter().map(|part| (line.number, part)),
            );
        }
        for (number, rest) in pending {
            told(number, rest.settle().await);
        }
    }

    /// Hands a resource or a bundle in. `alone`: it is not one of many lines.
    async fn hand_in(&self, body: &[u8], channel: &Text, owner: &Arc<Integration>, alone: bool) -> Vec<Pending> {
        let terms = Terms::of(owner, self.engine.clock().now());
        let mut pending = Vec::with_capacity(1);
        for Part { json, outcome, control_id } in parts(body, &terms) {
            let (content, problem) = match outcome {
                Ok(Decoded::Records(records)) => (Content::Records(records), None),
                Ok(Decoded::Ignored(_)) => (Content::Refused, Some(format!("resourceType: {NOT_TAKEN}"))),
                Err(problem) => (Content::SetAside, Some(problem.to_string())),
            };
            let incoming = Incoming {
                integration: owner.key(),
                channel: channel.clone(),
                format: EnvelopeFormat::FhirJson,
                body: json.into(),
                control_id,
                content,
                note: problem.as_deref().map(Text::from),
                // A repetition is answered like the first time.
                answer: problem.clone().unwrap_or_default().into_bytes(),
                line: if alone && pending.is_empty() { Line::ALONE } else { Line::OF_MANY },
            };
            pending.push(Pending { handed: hand_in(&self.engine, incoming).await, problem });
        }
        pending
    }
}

/// What is kept in one envelope.
struct Part<'a> {
    json: &'a [u8],
    outcome: std::result::Result<Decoded, Problem>,
    control_id: Option<Text>,
}

/// A resource is one part. A bundle is one with all that can be applied, and one for each entry that cannot.
fn parts<'a>(body: &'a [u8], terms: &Terms<'_>) -> Vec<Part<'a>> {
    let control_id = control_id(body);
    let is_bundle = resource_type(body).is_ok_and(|kind| &*kind == "Bundle");
    if !is_bundle {
        return vec![Part { json: body, outcome: decode_resource(body, terms, &Included::none()), control_id }];
    }
    let bundle = match decode_bundle(body, terms) {
        Ok(bundle) => bundle,
        Err(problem) => return vec![Part { json: body, outcome: Err(problem), control_id }],
    };
    let (mut records, mut bad): (Vec<Record>, Vec<Part<'a>>) = (Vec::new(), Vec::new());
    for entry in bundle.entries {
        match entry.outcome {
            Ok(Decoded::Records(found)) => records.extend(found),
            Ok(Decoded::Ignored(_)) => {}
            // An entry without a resource (a deletion) stands in the whole bundle only.
            Err(problem) if entry.json.is_empty() => {
                bad.push(Part { json: body, outcome: Err(problem), control_id: None });
            }
            Err(problem) => bad.push(Part { json: entry.json, outcome: Err(problem), control_id: None }),
        }
    }
    let mut parts = vec![Part { json: body, outcome: Ok(Decoded::Records(records)), control_id }];
    parts.extend(bad);
    parts
}

/// What a kept resource or bundle says by the rules of today, as if it arrived at `at`. What of a bundle could not be
/// applied is kept for itself.
pub(crate) fn read_again(integration: &Integration, body: &[u8], at: Moment) -> Content {
    match parts(body, &Terms::of(integration, at)).into_iter().next().map(|part| part.outcome) {
        Some(Ok(Decoded::Records(records))) => Content::Records(records),
        Some(Ok(Decoded::Ignored(_))) | None => Content::Refused,
        Some(Err(_)) => Content::SetAside,
    }
}

/// What a repetition is recognised by, together with the content: `Appointment/a1/_history/3`, or without its version.
pub(super) fn control_id(json: &[u8]) -> Option<Text> {
    #[derive(serde::Deserialize)]
    struct Head<'h> {
        #[serde(borrow)]
        id: Option<Str<'h>>,
        #[serde(borrow)]
        meta: Option<Meta<'h>>,
    }
    let kind = resource_type(json).ok()?;
    let head: Head<'_> = read(json).ok()?;
    let id = head.id.as_ref().and_then(Str::present)?;
    let version = head.meta.as_ref().and_then(|meta| meta.version_id.as_ref()).and_then(Str::present);
    Some(match version {
        Some(version) => Text::from(format_args!("{}/{id}/_history/{version}", &*kind)),
        None => Text::from(format_args!("{}/{id}", &*kind)),
    })
}

impl Pending {
    async fn settle(self) -> Answered {
        let receipt = match self.handed {
            Ok(handed) => handed.receipt().await,
            Err(error) => Err(error),
        };
        match receipt {
            Ok(receipt) => {
                let repeated = receipt.repeated.is_some();
                let first = receipt.repeated.and_then(|answer| String::from_utf8(answer).ok());
                let first = first.filter(|answer| !answer.is_empty());
                let problem = if repeated { first } else { self.problem.or(receipt.set_aside.map(String::from)) };
                Answered { envelope: Some(receipt.envelope), problem, repeated }
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a resource could not be stored");
                Answered {
                    envelope: None,
                    problem: Some("It could not be stored; send it again.".to_owned()),
                    repeated: false,
                }
            }
        }
    }
}

impl MessageDoor for FhirIntake {
    fn media_types(&self) -> &'static [&'static str] {
        &["application/fhir+json", NDJSON]
    }

    fn take<'a>(
        &'a self,
        integration: &'a Arc<Integration>,
        media_type: &'a str,
        body: &'a [u8],
    ) -> PortFuture<'a, Result<Taken>> {
        Box::pin(async move {
            let channel = Text::literal("api");
            let mut answers = Vec::new();
            if media_type == NDJSON {
                let told = |number, answered: Answered| {
                    let problem = answered.problem.map(|problem| format!("line[{number}].{problem}"));
                    answers.push(Answered { problem, ..answered });
                };
                self.take_lines(body, &channel, integration, told).await;
            } else {
                answers = FhirIntake::take(self, body, &channel, integration).await;
            }
            sum_up(answers)
        })
    }
}

/// One answer for all: the first that is not well counts.
fn sum_up(answers: Vec<Answered>) -> Result<Taken> {
    let lost = || Error::Invalid("the message could not be stored; send it again".to_owned());
    let repeated = !answers.is_empty() && answers.iter().all(|answered| answered.repeated);
    let position = answers.iter().position(|answered| answered.problem.is_some()).unwrap_or(0);
    if answers.iter().any(|answered| answered.envelope.is_none()) {
        return Err(lost());
    }
    let Some(answered) = answers.into_iter().nth(position) else {
        return Err(Error::Invalid("there is no resource in it".to_owned()));
    };
    let envelope = answered.envelope.ok_or_else(lost)?;
    Ok(Taken { envelope, applied: answered.problem.is_none(), problem: answered.problem, repeated })
}

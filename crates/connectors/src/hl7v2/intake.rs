//! From the bytes of one message to the bytes of its answer: found out whose it is, decoded, handed to the engine.

use crate::hl7v2::answer::Answer;
use crate::hl7v2::decode::{Decoded, Problem, decode};
use crate::hl7v2::paths::Hl7Paths;
use domain::ids::{EnvelopeId, IntegrationKey};
use domain::text::Text;
use domain::time::Moment;
use engine::Engine;
use engine::ingest::{Content, EnvelopeFormat, HandedIn, Incoming, Line, hand_in};
use engine::setup::Integration;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};
use wire::hl7::ack::{AckRequest, ErrorCode, Origin};
use wire::hl7::{Charset, Location, Message, to_utf8};

/// So many messages of a file are on their way to the disk at a time: enough to fill a batch.
const ON_THE_WAY: usize = 256;

/// Takes HL7 v2 messages in for an engine.
pub struct Intake {
    engine: Engine,
    /// Paths by integration and version of its set-up.
    paths: RwLock<HashMap<IntegrationKey, (u64, Arc<Hl7Paths>)>>,
}

/// What a message is for one integration.
struct Part {
    integration: IntegrationKey,
    content: Content,
    answer: Answer,
    note: Option<Text>,
    control_id: Option<Text>,
    /// It is no message that could be taken apart.
    unreadable: bool,
}

/// A message on its way to being durable.
pub(super) struct Pending {
    body: Arc<[u8]>,
    parts: Vec<(IntegrationKey, Answer, engine::Result<HandedIn>)>,
    /// Nobody can tell what it says: it may have been about any visit of the feed it came on.
    pub(super) unreadable: bool,
}

/// A message that is durable, or could not be made so.
struct Settled {
    body: Arc<[u8]>,
    answered: Answered,
    answer: Answer,
    /// Feeds for which it could not be stored.
    lost: Vec<IntegrationKey>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// `AA`, `AE` or `AR`.
    pub code: &'static str,
    /// The envelope it is kept in; `None`: it could not be stored.
    pub envelope: Option<EnvelopeId>,
    /// Where it is wrong, and what: `SCH-11.4: There is no such month …`.
    pub problem: Option<String>,
    /// It had been taken in before.
    pub repeated: bool,
}

impl Intake {
    /// An intake for an engine.
    pub fn new(engine: Engine) -> Intake {
        Intake { engine, paths: RwLock::default() }
    }

    /// The engine it works for.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    fn paths(&self, integration: &Integration) -> Arc<Hl7Paths> {
        let (key, version) = (integration.key(), integration.rules.version);
        let known = self.paths.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, paths)) = known.get(&key).filter(|(known, _)| *known == version) {
            return paths.clone();
        }
        drop(known);
        let paths = Arc::new(Hl7Paths::of(&integration.rules.source.hl7v2));
        self.paths.write().unwrap_or_else(PoisonError::into_inner).insert(key, (version, paths.clone()));
        paths
    }

    /// Hands a message in. `owner`: whose feed it came on, when the channel itself says so. Messages of one line are
    /// applied in the order in which they are handed in.
    pub(super) async fn hand_in(
        &self,
        bytes: &[u8],
        channel: &Text,
        owner: Option<&Arc<Integration>>,
        line: Line,
    ) -> Pending {
        let body: Arc<[u8]> = bytes.into();
        let (mut parts, mut unreadable) = (Vec::with_capacity(1), false);
        for part in self.read(&body, owner) {
            let Part { integration, content, answer, note, control_id, .. } = part;
            unreadable |= part.unreadable;
            let incoming = Incoming {
                integration,
                channel: channel.clone(),
                format: EnvelopeFormat::Hl7v2,
                body: body.clone(),
                control_id,
                content,
                note,
                answer: answer.to_bytes(),
                line,
            };
            parts.push((integration, answer, hand_in(&self.engine, incoming).await));
        }
        Pending { body, parts, unreadable }
    }

    /// Keeps bytes that are no readable message, such as a frame over the limit.
    pub(super) async fn keep_unreadable(&self, head: &[u8], channel: &Text, why: &str) -> Pending {
        let problem = Problem { code: ErrorCode::VALUE_TOO_LONG, location: None, diagnostic: Text::from(why) };
        let (body, answer): (Arc<[u8]>, _) = (head.into(), Answer::refused(&problem));
        let incoming = Incoming {
            integration: IntegrationKey::UNROUTED,
            channel: channel.clone(),
            format: EnvelopeFormat::Hl7v2,
            body: body.clone(),
            control_id: None,
            content: Content::Refused,
            note: Some(problem.diagnostic.clone()),
            answer: answer.to_bytes(),
            line: Line::OF_MANY,
        };
        let handed = hand_in(&self.engine, incoming).await;
        Pending { body, parts: vec![(IntegrationKey::UNROUTED, answer, handed)], unreadable: true }
    }

    /// Finds out whose a message is and what it says; one part for each integration that it feeds.
    fn read(&self, body: &[u8], owner: Option<&Arc<Integration>>) -> Vec<Part> {
        // A set whose letters contain delimiter bytes has to be rewritten before the message can be split.
        let rewritten = to_utf8(body, None);
        let forced = rewritten.as_ref().map(|_| Charset::UTF_8);
        let body = rewritten.as_deref().unwrap_or(body);
        let message = match Message::parse(body) {
            Ok(message) => message,
            Err(error) => {
                let location = error.position.segment.map(|segment| match error.position.field {
                    Some(field) => Location::field(segment.name.as_bytes(), 1, field),
                    None => Location::segment(segment.name.as_bytes(), 1),
                });
                let problem =
                    Problem { code: ErrorCode::SEGMENT_SEQUENCE, location, diagnostic: Text::from(error.to_string()) };
                let control_id = kept_id(&String::from_utf8_lossy(Origin::salvage(body).control_id()));
                return vec![Part { unreadable: true, ..refused(IntegrationKey::UNROUTED, &problem, control_id) }];
            }
        };
        let charset = forced.unwrap_or_else(|| message.charset(None));
        let control_id = kept_id(&message.control_id().text(&charset));
        let book = self.engine.setup();
        let facility = Text::present(&message.header().field(4).component(1).text(&charset));
        let by_facility = facility.as_ref().map_or(&[][..], |facility| book.of_facility(facility));
        let owners = owner.map_or(by_facility, std::slice::from_ref);
        if owners.is_empty() {
            let problem = Problem {
                code: ErrorCode::UNKNOWN_KEY,
                location: Some(Location::field(b"MSH", 1, 4).component(1)),
                diagnostic: Text::literal(
                    "No integration takes messages of this sending facility; the message is kept and not applied.",
                ),
            };
            return vec![refused(IntegrationKey::UNROUTED, &problem, control_id)];
        }
        let now = self.engine.clock().now();
        let part = |integration: &Arc<Integration>| {
            let paths = self.paths(integration);
            let charset = forced.unwrap_or_else(|| message.charset(paths.charset));
            match decode(&message, charset, &paths, &integration.rules, now) {
                Decoded::Records(records) => Part {
                    integration: integration.key(),
                    content: Content::Records(records),
                    answer: Answer::accepted(),
                    note: None,
                    control_id: control_id.clone(),
                    unreadable: false,
                },
                Decoded::Refused(problem) => refused(integration.key(), &problem, control_id.clone()),
                Decoded::SetAside(problem) => Part {
                    integration: integration.key(),
                    content: Content::SetAside,
                    answer: Answer::set_aside(&problem),
                    note: noted(&problem),
                    control_id: control_id.clone(),
                    unreadable: false,
                },
            }
        };
        owners.iter().map(part).collect()
    }

    /// Takes messages in, one after another in their order, with several on their way to the disk at a time; `told`
    /// hears of each in turn.
    pub async fn take_all<'a>(
        &self,
        messages: impl Iterator<Item = &'a [u8]>,
        channel: &Text,
        owner: Option<&Arc<Integration>>,
        mut told: impl FnMut(Answered),
    ) {
        let mut pending: VecDeque<Pending> = VecDeque::with_capacity(ON_THE_WAY);
        for bytes in messages {
            if pending.len() == ON_THE_WAY
                && let Some(first) = pending.pop_front()
            {
                told(first.settle().await.answered);
            }
            pending.push_back(self.hand_in(bytes, channel, owner, Line::OF_MANY).await);
        }
        for rest in pending {
            told(rest.settle().await.answered);
        }
    }

    /// Takes a message in and says what became of it.
    pub async fn take(&self, bytes: &[u8], channel: &Text, owner: Option<&Arc<Integration>>) -> Answered {
        self.hand_in(bytes, channel, owner, Line::ALONE).await.settle().await.answered
    }
}

/// The message id by which a repetition is recognised. One with a zero byte is none: no store has to keep it.
fn kept_id(id: &str) -> Option<Text> {
    Text::present(id).filter(|id| !id.contains('\0'))
}

fn refused(key: IntegrationKey, problem: &Problem, control_id: Option<Text>) -> Part {
    Part {
        integration: key,
        content: Content::Refused,
        answer: Answer::refused(problem),
        note: noted(problem),
        control_id,
        unreadable: false,
    }
}

fn noted(problem: &Problem) -> Option<Text> {
    Some(match problem.location {
        Some(location) => Text::from(format_args!("{location}: {}", problem.diagnostic)),
        None => problem.diagnostic.clone(),
    })
}

impl Pending {
    /// The feeds the message belongs to.
    pub(super) fn feeds(&self) -> impl Iterator<Item = IntegrationKey> {
        self.parts.iter().map(|(key, ..)| *key).filter(|key| *key != IntegrationKey::UNROUTED)
    }

    /// Waits until the message is durable; the answer to give, and what became of it. Of several feeds the worst
    /// counts.
    async fn settle(self) -> Settled {
        let (mut worst, mut lost) = (Answer::accepted(), Vec::new());
        let mut answered = Answered { code: "AA", envelope: None, problem: None, repeated: false };
        for (key, answer, handed) in self.parts {
            let receipt = match handed {
                Ok(handed) => handed.receipt().await,
                Err(error) => Err(error),
            };
            let answer = match receipt {
                Ok(receipt) => {
                    answered.envelope = answered.envelope.or(Some(receipt.envelope));
                    answered.repeated |= receipt.repeated.is_some();
                    match (receipt.repeated, receipt.set_aside) {
                        (Some(first), _) => Answer::from_bytes(&first),
                        (None, Some(why)) => {
                            Answer::set_aside(&Problem { code: ErrorCode::INTERNAL, location: None, diagnostic: why })
                        }
                        (None, None) => answer,
                    }
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a message could not be stored");
                    lost.push(key);
                    Answer::not_stored()
                }
            };
            if worst.is_accepted() && !answer.is_accepted() {
                worst = answer;
            }
        }
        answered.code = worst.code();
        answered.problem = worst.problem().map(|(location, diagnostic)| match location {
            Some(location) => format!("{location}: {diagnostic}"),
            None => diagnostic.to_owned(),
        });
        Settled { body: self.body, answered, answer: worst, lost }
    }

    /// Waits until the message is durable and appends the framed answers that its sender asked for. Returns the feeds
    /// for which it could not be stored.
    pub(super) async fn answer(self, out: &mut Vec<u8>, control_id: &str, now: Moment) -> Vec<IntegrationKey> {
        let Settled { body, answer, lost, .. } = self.settle().await;
        let time = now.timestamp().strftime("%Y%m%d%H%M%S%.3f+0000").to_string();
        let message = Message::parse(&body);
        let (origin, asked) = match &message {
            Ok(message) => (Origin::of(message, message.charset(None)), AckRequest::of(message)),
            Err(_) => {
                let origin = Origin::salvage(&body);
                let asked = origin.ack_request();
                (origin, asked)
            }
        };
        answer.write(out, &origin, asked, control_id, &time);
        lost
    }
}

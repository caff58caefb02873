//! Between us and the platforms: what becomes of a card that was sent.

use crate::carrier::Sent;
use crate::plan::PlatformFault;
use crate::world::{Errand, Event, World};
use domain::text::Text;
use engine::deliver::Answer;

/// So long another process than the one that was told may go on sending after a pause.
const HEARS_OF_A_PAUSE_MS: u64 = 2_000;

/// So long after the platform's last word the lease of whoever sends has run out.
const LEASE_MARGIN_MS: u64 = 15_000;

/// A card on its way.
pub(super) struct Travelling {
    feed: usize,
    id: String,
    source_id: String,
    body: Vec<u8>,
    /// What the process is going to hear, and where.
    answer: Option<(tokio::sync::oneshot::Sender<Answer>, Hears)>,
    /// The platform tells of it once it shows it.
    receipt: bool,
    node: usize,
}

/// What a process hears of a card it sent.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hears {
    /// 200, with the platform's id of the card.
    Named,
    /// Something else.
    Other(Answer),
}

impl World {
    /// Cards that left a process go on their way.
    pub(super) fn collect(&mut self) -> bool {
        let sent = self.post.collect();
        let any = !sent.is_empty();
        sent.into_iter().for_each(|sent| self.send_off(sent));
        any
    }

    fn send_off(&mut self, sent: Sent) {
        let Some(feed) = (0..self.feeds.len()).find(|feed| self.feed_id(*feed) == sent.integration) else { return };
        self.figures.attempts += 1;
        let (clinic, at) = self.feeds[feed];
        let paused = self.desks[clinic].paused_since(at);
        if paused.is_some_and(|since| self.time.millis() > since + HEARS_OF_A_PAUSE_MS) {
            self.faults
                .push(format!("{}/{}: was sent while the integration was paused", sent.integration, sent.source_id));
        }
        *self.sendings.entry(sent.id.clone()).or_default() += 1;
        let mut chance = self.chance(&format!("card {} {:?}", sent.id, self.sendings.get(&sent.id)));
        let mood = self.mood(feed, &sent.url, &mut chance);
        self.tell(|| {
            let (visit, version, attempt) = (&sent.source_id, sent.version, sent.attempt);
            format!("process {} sends {visit} version {version}, attempt {attempt}: {mood:?}", sent.node)
        });
        let (quick, patience) = (chance.u64(10..200), sent.patience_ms);
        let other = |answer: Answer| Hears::Other(answer);
        let words = |words: &'static str| Text::literal(words);
        let again = |text, wait| other(Answer::Again { answer: words(text), retry_after_secs: wait });
        let lost = || other(Answer::Unknown { answer: words("no answer in time") });
        // When it is shown, when the process hears, and what.
        let (shown, answered, hears) = match mood {
            None => (Some(quick), quick + 10, Hears::Named),
            Some(PlatformFault::Absent) => (None, 5, other(Answer::Unreachable { answer: words("refused") })),
            Some(PlatformFault::Refuses) => (None, quick, again("503 Service Unavailable", None)),
            Some(PlatformFault::AsksForPatience) => (None, quick, again("429 Too Many Requests", Some(90))),
            Some(PlatformFault::FailsAfterDoing) => (Some(quick), quick + 10, again("500 Internal Server Error", None)),
            Some(PlatformFault::HangsBeforeDoing) => (None, patience, lost()),
            Some(PlatformFault::HangsAfterDoing) => (Some(quick), patience, lost()),
            Some(PlatformFault::ArrivesLate) => (Some(patience + chance.u64(0..3_600_000)), patience, lost()),
            Some(PlatformFault::PromisesAndDawdles) => (
                Some(quick + chance.u64(0..7_200_000)),
                quick,
                other(Answer::Accepted { answer: words("200 OK"), platform_id: None }),
            ),
            Some(PlatformFault::PromisesAndForgets) => {
                self.forgotten.insert((sent.integration.clone(), sent.source_id.clone(), sent.version));
                (None, quick, other(Answer::Accepted { answer: words("200 OK"), platform_id: None }))
            }
            Some(PlatformFault::HeardTooLate) => {
                (Some(quick), patience + LEASE_MARGIN_MS + chance.u64(0..120_000), Hears::Named)
            }
            Some(PlatformFault::Slow) => (Some(patience / 2), patience - 1, Hears::Named),
            Some(PlatformFault::Rejects) => {
                (None, quick, other(Answer::Refused { answer: words("422 Unprocessable Content: not_today") }))
            }
            Some(PlatformFault::Gone) => (None, quick, other(Answer::Gone)),
        };
        if mood == Some(PlatformFault::Gone) {
            self.notice_gone(feed);
        }
        let at = self.travelling.len();
        self.travelling.push(Travelling {
            feed,
            id: sent.id,
            source_id: sent.source_id,
            body: sent.body,
            answer: Some((sent.answer, hears)),
            receipt: mood == Some(PlatformFault::PromisesAndDawdles),
            node: sent.node,
        });
        if let Some(shown) = shown {
            self.soon(shown, Event::Show(at));
        }
        self.soon(answered, Event::Answer(at));
    }

    /// What a platform does to one request.
    fn mood(&mut self, feed: usize, url: &str, chance: &mut fastrand::Rng) -> Option<PlatformFault> {
        let now = self.time.millis();
        let moods = &mut self.moods[feed];
        moods.retain(|luck| luck.until > now);
        let struck = moods.iter().find(|luck| {
            let here = luck.what != PlatformFault::Gone || luck.address == url;
            here && chance.u32(0..100) < luck.percent
        });
        struck.map(|luck| luck.what)
    }

    /// A person hears that the endpoint is gone, and gives a new address sooner or later.
    fn notice_gone(&mut self, feed: usize) {
        let (clinic, at) = self.feeds[feed];
        if self.desks[clinic].mourn(at) {
            let wait = self.chance(&format!("gone {feed} {}", self.time.millis())).u64(10_000..5_400_000);
            self.ask_later(wait, clinic, at, Errand::NewAddress);
        }
    }

    /// A card reaches its platform.
    pub(super) fn show(&mut self, at: usize) {
        let Travelling { feed, id, source_id, body, receipt, .. } = &self.travelling[at];
        let (feed, receipt, source_id) = (*feed, *receipt, source_id.clone());
        self.platforms[feed].take(id, body);
        self.tell(|| format!("the platform takes {source_id}"));
        if receipt || self.chance(&format!("receipt {at}")).u32(0..12) == 0 {
            self.soon(50, Event::Receipt(feed, source_id));
        }
    }

    /// A process hears what became of its card, or that nobody answers.
    pub(super) fn answer(&mut self, at: usize) {
        let Some((waiting, hears)) = self.travelling[at].answer.take() else { return };
        let Travelling { feed, source_id, node, .. } = &self.travelling[at];
        let answer = match hears {
            Hears::Named => Answer::Accepted {
                answer: Text::literal("200 OK"),
                platform_id: self.platforms[*feed].cards.get(source_id).map(|card| card.platform_id.as_str().into()),
            },
            Hears::Other(answer) => answer,
        };
        let (node, source_id) = (*node, source_id.clone());
        // A process that died meanwhile hears nothing.
        let heard = waiting.send(answer).is_ok();
        self.tell(|| {
            format!("process {node} {} of {source_id}", if heard { "hears" } else { "is gone and hears not" })
        });
    }

    /// A platform tells us what it shows.
    pub(super) fn receipt(&mut self, feed: usize, source_id: String) {
        let (clinic, at) = self.feeds[feed];
        self.ask(clinic, at, Errand::Receipt(source_id));
    }
}

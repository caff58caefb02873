//! What the engine needs from outside, under a scenario's control: a clock, secrets, chance.

use domain::setup::SecretRef;
use domain::text::Text;
use domain::time::Moment;
use engine::notify::{Letter, Posted};
use engine::ports::{Chance, Clock, PortFuture, Postbox, Secret, Secrets};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A clock that goes with the runtime's paused time: it moves when the scenario moves it, never by itself.
pub struct StoryClock {
    began: Instant,
    base: Moment,
    /// Microseconds that passed in the runtime and not in the story.
    outside: AtomicI64,
}

impl StoryClock {
    /// A clock that shows `base` now.
    pub fn at(base: Moment) -> StoryClock {
        StoryClock { began: Instant::now(), base, outside: AtomicI64::new(0) }
    }

    /// Waits so long in the runtime. In the story no time passes.
    pub async fn wait_outside(&self, time: Duration) {
        let before = Instant::now();
        tokio::time::sleep(time).await;
        self.leave_out_since(before);
    }

    /// What passed in the runtime since then did not pass in the story.
    pub fn leave_out_since(&self, before: Instant) {
        let passed = i64::try_from(before.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.outside.fetch_add(passed, Ordering::Relaxed);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Moment {
        let passed = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
        let passed = passed.saturating_sub(self.outside.load(Ordering::Relaxed));
        Moment::from_micros(self.base.micros().saturating_add(passed))
    }
}

/// One secret for everything, which may be taken away.
#[derive(Default)]
pub struct StorySecrets {
    gone: AtomicBool,
}

impl StorySecrets {
    /// Takes the secret away, or puts it back.
    pub fn set_readable(&self, readable: bool) {
        self.gone.store(!readable, Ordering::Relaxed);
    }
}

impl Secrets for StorySecrets {
    fn read(&self, _: &SecretRef) -> Result<Secret, Text> {
        if self.gone.load(Ordering::Relaxed) {
            return Err(Text::literal("the environment variable HOOK_SECRET is not set"));
        }
        Ok(Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    }
}

/// The same in every run: waits are as published, without jitter.
#[derive(Default)]
pub struct NoChance(AtomicU64);

impl Chance for NoChance {
    fn fraction(&self) -> f64 {
        0.5
    }

    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0x5a; 32];
        bytes[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        bytes
    }
}

/// A letter that went, as the scenario speaks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Went {
    /// `mail` or `sms`.
    pub way: &'static str,
    /// Where to.
    pub to: String,
    /// The language it is written in.
    pub language: &'static str,
    /// Its first line, and of a text message all there is.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// A mail server and a gateway that take everything, unless they are told to refuse.
#[derive(Default)]
pub struct StoryPost {
    went: Mutex<Vec<Went>>,
    refuses: AtomicBool,
}

impl StoryPost {
    /// Everything that went, in its order.
    pub fn went(&self) -> Vec<Went> {
        self.went.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on letters are refused, or taken again.
    pub fn set_refusing(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::Relaxed);
    }

    fn take(&self, way: &'static str, letter: &Letter) -> Posted {
        if self.refuses.load(Ordering::Relaxed) {
            return Posted::Refused(Text::literal("550 mailbox unavailable"));
        }
        let text = if way == "sms" { letter.short.open() } else { letter.text.open() };
        self.went.lock().unwrap_or_else(PoisonError::into_inner).push(Went {
            way,
            to: letter.to.open().to_string(),
            language: letter.language.tag(),
            subject: letter.subject.open().clone(),
            text: text.clone(),
        });
        Posted::Accepted(Text::literal("taken"))
    }
}

impl Postbox for StoryPost {
    fn mail<'a>(&'a self, letter: &'a Letter) -> PortFuture<'a, Posted> {
        Box::pin(async move { self.take("mail", letter) })
    }

    fn sms<'a>(&'a self, letter: &'a Letter) -> PortFuture<'a, Posted> {
        Box::pin(async move { self.take("sms", letter) })
    }
}

//! OAuth tokens that a twin gave out. They are drawn from the seed: the same run gives out the same.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// The application that every twin knows.
pub(crate) const CLIENT_ID: &str = "twin-client";
/// Its secret: made up, and the same for everybody.
pub(crate) const CLIENT_SECRET: &str = "twin-secret";
/// A refresh token from before the twin began: somebody approved the application then.
pub(crate) const APPROVED: &str = "twin-refresh";

/// What was given out.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    seed: u64,
    count: u64,
    access: BTreeMap<String, Timestamp>,
    refresh: BTreeMap<String, bool>,
    codes: BTreeMap<String, String>,
}

impl Tokens {
    pub(crate) fn new(seed: u64) -> Tokens {
        Tokens {
            seed,
            count: 0,
            access: BTreeMap::new(),
            refresh: BTreeMap::from([(APPROVED.to_owned(), true)]),
            codes: BTreeMap::new(),
        }
    }

    fn draw(&mut self, what: &str) -> String {
        self.count += 1;
        let mut rng = fastrand::Rng::with_seed(self.seed ^ self.count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        format!("{what}{:016x}{:016x}", rng.u64(..), rng.u64(..))
    }

    /// An access token that is good for so many seconds.
    pub(crate) fn access(&mut self, now: Timestamp, seconds: i64) -> String {
        let token = self.draw("at");
        let until = now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
        self.access.insert(token.clone(), until);
        token
    }

    /// A refresh token.
    pub(crate) fn refresh(&mut self) -> String {
        let token = self.draw("rt");
        self.refresh.insert(token.clone(), true);
        token
    }

    /// A code for one use, for this redirect address.
    pub(crate) fn code(&mut self, redirect: &str) -> String {
        let code = self.draw("code");
        self.codes.insert(code.clone(), redirect.to_owned());
        code
    }

    /// Uses a code: once, and with the address it was made for.
    pub(crate) fn use_code(&mut self, code: &str, redirect: &str) -> bool {
        self.codes.remove(code).is_some_and(|made_for| made_for == redirect)
    }

    /// Uses a refresh token. One that rotates is good once.
    pub(crate) fn use_refresh(&mut self, token: &str, rotates: bool) -> bool {
        match self.refresh.get_mut(token) {
            Some(is_good) if *is_good => {
                *is_good = !rotates;
                true
            }
            _ => false,
        }
    }

    /// Whether an access token is good.
    pub(crate) fn is_good(&self, token: Option<&str>, now: Timestamp) -> bool {
        token.and_then(|token| self.access.get(token)).is_some_and(|until| now < *until)
    }

    /// No access token is good any more.
    pub(crate) fn expire_all(&mut self) {
        self.access.clear();
    }
}

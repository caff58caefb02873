//! Faults on demand: what a twin does wrong, how often, and how badly.
//!
//! Whether a fault hits is drawn from the seed, the kind of fault, the thing it would hit and the attempt, never from
//! a stream of random numbers: the same run has the same faults whatever happens at the same time.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// The kinds of fault that one twin knows.
pub trait FaultKind: Copy + Ord + std::fmt::Debug + Send + Sync + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// The word for it in the control plane and on the command line.
    fn word(self) -> &'static str;

    /// How long it lasts unless said otherwise.
    fn usual_millis(self) -> u64 {
        0
    }

    /// Reads the word back.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// One fault: how often, and its details. Which details matter depends on the kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Fault {
    /// The share of cases that it hits, from 0 to 1.
    pub rate: f64,
    /// How long it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub millis: Option<u64>,
    /// `Retry-After` of the answer, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_secs: Option<u32>,
    /// Status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Reason given in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Only these appointments (source ids); empty: all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// Only so many first attempts at each thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u32>,
}

impl Fault {
    /// A fault that hits this share of cases.
    #[must_use]
    pub fn rate(rate: f64) -> Fault {
        Fault { rate, ..Fault::default() }
    }

    /// A fault that hits always.
    #[must_use]
    pub fn always() -> Fault {
        Fault::rate(1.0)
    }

    /// The same, so long.
    #[must_use]
    pub fn millis(self, millis: u64) -> Fault {
        Fault { millis: Some(millis), ..self }
    }

    /// The same, with a `Retry-After`.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Fault {
        Fault { retry_after_secs: Some(seconds), ..self }
    }

    /// The same, for these appointments only.
    #[must_use]
    pub fn only<S: Into<String>>(self, ids: impl IntoIterator<Item = S>) -> Fault {
        Fault { only: ids.into_iter().map(Into::into).collect(), ..self }
    }

    /// The same, for so many first attempts at each thing: it passes by itself.
    #[must_use]
    pub fn first(self, attempts: u32) -> Fault {
        Fault { first: Some(attempts), ..self }
    }
}

/// What a twin does wrong at present.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults<K: FaultKind> {
    seed: u64,
    rules: BTreeMap<K, Fault>,
}

/// A plan of faults that cannot be read. The sentence says what is wrong and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadFaults(String);

impl<K: FaultKind> Faults<K> {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none(seed: u64) -> Faults<K> {
        Faults { seed, rules: BTreeMap::new() }
    }

    /// With one more fault.
    #[must_use]
    pub fn with(mut self, kind: K, fault: Fault) -> Faults<K> {
        self.rules.insert(kind, fault);
        self
    }

    /// Reads `KIND=RATE` words, as on a command line.
    ///
    /// # Errors
    ///
    /// When a word is something else, with the kinds that there are.
    pub fn from_words<'a>(seed: u64, words: impl IntoIterator<Item = &'a str>) -> Result<Faults<K>, BadFaults> {
        let mut faults = Faults::none(seed);
        for word in words {
            let Some((kind, rate)) = word.split_once('=') else {
                return Err(BadFaults(format!("{word:?} is not KIND=RATE, such as latency=0.5")));
            };
            let rate = rate.parse().map_err(|_| BadFaults(format!("{kind}: {rate:?} is not a number from 0 to 1")))?;
            faults.rules.insert(kind_of(kind)?, checked(kind, Fault::rate(rate))?);
        }
        Ok(faults)
    }

    /// Reads a plan as the control plane takes it: an object of kinds, each with a rate or with an object of details.
    /// It replaces the plan before, under the same seed.
    ///
    /// # Errors
    ///
    /// When it is something else; nothing is then changed.
    pub fn replaced_by(&self, plan: &Value) -> Result<Faults<K>, BadFaults> {
        let Value::Object(plan) = plan else {
            return Err(BadFaults("a plan is an object such as {\"latency\": 0.5}".to_owned()));
        };
        let mut faults = Faults::none(self.seed);
        for (word, details) in plan {
            faults.rules.insert(kind_of(word)?, read(word, details)?);
        }
        Ok(faults)
    }

    /// The plan as the control plane gives it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rules = self.rules.iter();
        rules
            .map(|(kind, fault)| (kind.word().to_owned(), serde_json::json!(fault)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    /// The fault, if it hits this attempt at this thing. `subject` is what is drawn for (a message, an event),
    /// `source_id` the appointment it is about.
    #[must_use]
    pub fn hit(&self, kind: K, subject: &str, source_id: &str, attempt: u32) -> Option<&Fault> {
        let fault = self.rules.get(&kind)?;
        let concerned = (fault.only.is_empty() || fault.only.iter().any(|id| id == source_id))
            && fault.first.is_none_or(|first| attempt <= first);
        (concerned && self.draw(kind, subject, attempt) < fault.rate).then_some(fault)
    }

    /// How long a fault lasts.
    #[must_use]
    pub fn duration(kind: K, fault: &Fault) -> Duration {
        Duration::from_millis(fault.millis.unwrap_or_else(|| kind.usual_millis()))
    }

    /// A number from 0 up to 1.
    fn draw(&self, kind: K, subject: &str, attempt: u32) -> f64 {
        let seed = self.seed.to_le_bytes();
        let attempt = attempt.to_le_bytes();
        let parts = [&seed[..], kind.word().as_bytes(), b"\0", subject.as_bytes(), b"\0", &attempt];
        fastrand::Rng::with_seed(mixed(parts.into_iter().flatten())).f64()
    }
}

/// FNV-1a: small, and the same everywhere.
fn mixed<'b>(bytes: impl Iterator<Item = &'b u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn kind_of<K: FaultKind>(word: &str) -> Result<K, BadFaults> {
    K::from_word(word).ok_or_else(|| {
        let known: Vec<&str> = K::ALL.iter().map(|kind| kind.word()).collect();
        BadFaults(format!("there is no fault {word:?} here; there are {}", known.join(", ")))
    })
}

fn read(word: &str, details: &Value) -> Result<Fault, BadFaults> {
    let wrong = |what: &str| BadFaults(format!("{word}: {what}"));
    let object = match details {
        Value::Number(rate) => return checked(word, Fault::rate(rate.as_f64().unwrap_or(f64::NAN))),
        Value::Object(object) => object,
        _ => return Err(wrong("a rate from 0 to 1 is expected, or an object with one")),
    };
    let mut fault = Fault::always();
    for (key, value) in object {
        let number = || value.as_u64().ok_or_else(|| wrong(&format!("{key} is not a whole number")));
        let small = |number: u64| u32::try_from(number).map_err(|_| wrong(&format!("{key} is too large")));
        match key.as_str() {
            "rate" => fault.rate = value.as_f64().unwrap_or(f64::NAN),
            "millis" => fault.millis = Some(number()?),
            "retry_after_secs" => fault.retry_after_secs = Some(small(number()?)?),
            "first" => fault.first = Some(small(number()?)?),
            "status" => fault.status = Some(status(number()?).ok_or_else(|| wrong("status is not one of 400 to 599"))?),
            "reason" => fault.reason = Some(value.as_str().ok_or_else(|| wrong("reason is not a text"))?.to_owned()),
            "only" => fault.only = texts(value).ok_or_else(|| wrong("only is not a list of source ids"))?,
            _ => return Err(wrong(&format!("there is no detail {key:?}"))),
        }
    }
    checked(word, fault)
}

fn status(number: u64) -> Option<u16> {
    u16::try_from(number).ok().filter(|status| (400..=599).contains(status))
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn checked(word: &str, fault: Fault) -> Result<Fault, BadFaults> {
    if (0.0..=1.0).contains(&fault.rate) {
        Ok(fault)
    } else {
        Err(BadFaults(format!("{word}: the rate is a number from 0 to 1")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Kind {
        Latency,
        Outage,
    }

    impl FaultKind for Kind {
        const ALL: &'static [Kind] = &[Kind::Latency, Kind::Outage];

        fn word(self) -> &'static str {
            match self {
                Kind::Latency => "latency",
                Kind::Outage => "outage",
            }
        }
    }

    fn hits(faults: &Faults<Kind>, kind: Kind) -> usize {
        (0..1000).filter(|n| faults.hit(kind, &format!("message {n}"), "A-1", 1).is_some()).count()
    }

    #[test]
    fn a_rate_is_the_share_of_hits_and_the_seed_decides_which() {
        let plan = |seed| Faults::none(seed).with(Kind::Latency, Fault::rate(0.2));
        assert!((150..250).contains(&hits(&plan(7), Kind::Latency)), "{}", hits(&plan(7), Kind::Latency));
        assert_eq!(hits(&plan(7), Kind::Outage), 0);
        assert_eq!(hits(&plan(7).with(Kind::Outage, Fault::always()), Kind::Outage), 1000);
        let which = |seed| {
            let plan = plan(seed);
            (0..50).map(|n| plan.hit(Kind::Latency, &n.to_string(), "A-1", 1).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(which(7), which(7));
        assert_ne!(which(7), which(8));
    }

    #[test]
    fn attempts_are_drawn_anew_and_only_the_named_are_hit() {
        let plan = Faults::none(7).with(Kind::Outage, Fault::rate(0.5));
        let attempts: Vec<bool> =
            (1..40).map(|attempt| plan.hit(Kind::Outage, "m", "A-1", attempt).is_some()).collect();
        assert!(attempts.contains(&true) && attempts.contains(&false));
        let plan = Faults::none(7).with(Kind::Outage, Fault::always().only(["A-2"]));
        assert!(plan.hit(Kind::Outage, "m", "A-1", 1).is_none());
        assert!(plan.hit(Kind::Outage, "m", "A-2", 1).is_some());
        let plan = Faults::none(7).with(Kind::Outage, Fault::always().first(2));
        let attempts: Vec<bool> = (1..5).map(|attempt| plan.hit(Kind::Outage, "m", "A-1", attempt).is_some()).collect();
        assert_eq!(attempts, [true, true, false, false]);
    }

    #[test]
    fn a_plan_is_read_as_it_is_given_out() {
        let plan = json!({"latency": 0.25, "outage": {"rate": 1.0, "millis": 5, "retry_after_secs": 7, "only": ["A-1"], "first": 2}});
        let faults = Faults::<Kind>::none(3).replaced_by(&plan).unwrap();
        assert_eq!(faults.to_json(), json!({"latency": {"rate": 0.25}, "outage": plan["outage"]}));
        assert_eq!(Faults::<Kind>::none(3).replaced_by(&faults.to_json()).unwrap(), faults);
        assert_eq!(
            Faults::from_words(3, ["latency=0.25"]).unwrap(),
            Faults::none(3).with(Kind::Latency, Fault::rate(0.25))
        );
    }

    #[test]
    fn what_cannot_be_read_says_what_would_be_right() {
        for (plan, expected) in [
            (json!({"outtage": 1}), "there is no fault \"outtage\" here; there are latency, outage"),
            (json!({"outage": 1.5}), "outage: the rate is a number from 0 to 1"),
            (json!({"outage": {"rate": "x"}}), "outage: the rate is a number from 0 to 1"),
            (json!({"outage": {"milis": 5}}), "outage: there is no detail \"milis\""),
            (json!({"outage": {"status": 200}}), "outage: status is not one of 400 to 599"),
            (json!({"outage": true}), "outage: a rate from 0 to 1 is expected, or an object with one"),
            (json!([]), "a plan is an object such as {\"latency\": 0.5}"),
        ] {
            assert_eq!(Faults::<Kind>::none(1).replaced_by(&plan).unwrap_err().to_string(), expected);
        }
        assert!(Faults::<Kind>::from_words(1, ["latency"]).is_err());
        assert!(Faults::<Kind>::from_words(1, ["latency=often"]).is_err());
    }
}

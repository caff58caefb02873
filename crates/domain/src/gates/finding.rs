//! Findings: what one gate saw, with the evidence that makes it checkable (requirement X-2).

use crate::gates::{GateId, WakeKey};
use crate::reasons::{Class, Reason};
use crate::text::Text;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::Serialize;

/// What a gate came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, Serialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum State {
    /// Nothing stands in the way here.
    #[n(0)]
    Pass,
    /// Someone must act.
    #[n(1)]
    Fail,
    /// A date must come.
    #[n(2)]
    Wait,
    /// True and worth knowing; stops nothing.
    #[n(3)]
    Notice,
    /// What the gate needs is not known; holds the visit.
    #[n(4)]
    Unknown,
    /// The gate does not apply to this visit or platform.
    #[n(5)]
    NotApplicable,
}

impl State {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            State::Pass => "pass",
            State::Fail => "fail",
            State::Wait => "wait",
            State::Notice => "notice",
            State::Unknown => "unknown",
            State::NotApplicable => "not_applicable",
        }
    }

    /// The visit does not travel while this lasts.
    pub const fn stops(self) -> bool {
        matches!(self, State::Fail | State::Wait | State::Unknown)
    }
}

/// Which profile a gate's rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The source's.
    Source,
    /// The platform's.
    Platform,
}

/// Where the observed value was read.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Source {
    /// In the newest statement about the visit.
    #[n(0)]
    Visit,
    /// In the newest statement about this patient (source id).
    #[n(1)]
    Patient(#[n(0)] Text),
    /// In the set-up of the integration.
    #[n(2)]
    Setup,
    /// In our own records of the delivery.
    #[n(3)]
    Ledger,
}

/// What one gate saw. Most gates pass most of the time: then there is nothing beyond gate and state to keep, and the
/// evidence is read from the appointment that was decided on.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which gate.
    pub gate: GateId,
    /// What it came to.
    pub state: State,
    /// What it saw beyond the usual.
    pub found: Option<Box<Found>>,
}

/// What a gate saw beyond the usual.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Found {
    /// The value it looked at.
    #[n(0)]
    pub observed: Option<Text>,
    /// Why it does not simply pass.
    #[n(1)]
    pub reason: Option<Reason>,
    /// What it wanted to see; `None`: the gate's standing expectation.
    #[n(2)]
    pub expected: Option<Text>,
    /// Where the value stood in the source's own terms.
    #[n(3)]
    pub place: Option<Text>,
    /// Where the value was read.
    #[n(4)]
    pub source: Source,
    /// What a person fixes once: all visits stopped by the same reason and subject are one cause.
    #[n(5)]
    pub subject: Option<Text>,
    /// What would end it.
    #[n(6)]
    pub wakes_on: Vec<WakeKey>,
    /// Values that the reason's sentence names.
    #[n(7)]
    pub details: Vec<Detail>,
    /// The observed value is about a patient: shown masked unless the viewer may see it.
    #[n(8)]
    pub private: bool,
}

/// A named value of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Detail {
    /// Its name in the sentence.
    #[n(0)]
    pub name: Text,
    /// The value as shown.
    #[n(1)]
    pub value: Text,
}

impl Finding {
    /// Nothing stands in the way.
    pub const fn pass(gate: GateId) -> Finding {
        Finding { gate, state: State::Pass, found: None }
    }

    /// Nothing stands in the way, and this is what was seen.
    pub fn passing_with(gate: GateId, observed: impl Into<Text>) -> Finding {
        Finding {
            found: Some(Box::new(Found { observed: Some(observed.into()), ..Found::empty() })),
            ..Finding::pass(gate)
        }
    }

    /// The gate does not apply.
    pub const fn not_applicable(gate: GateId) -> Finding {
        Finding { gate, state: State::NotApplicable, found: None }
    }

    /// Something is in the way or worth knowing; the reason's class says which.
    pub fn of(gate: GateId, reason: Reason) -> Finding {
        let state = match reason.entry().class {
            Class::Notice | Class::OnTime | Class::ArrivedWrong => State::Notice,
            Class::WaitingByRule => State::Wait,
            Class::Excluded | Class::Held | Class::Failed => State::Fail,
        };
        Finding { gate, state, found: Some(Box::new(Found { reason: Some(reason), ..Found::empty() })) }
    }

    fn with(mut self, change: impl FnOnce(&mut Found)) -> Finding {
        change(self.found.get_or_insert_with(|| Box::new(Found::empty())));
        self
    }

    /// With the value the gate looked at.
    pub fn observed(self, value: impl Into<Text>) -> Finding {
        self.with(|found| found.observed = Some(value.into()))
    }

    /// With a value about a patient.
    pub fn observed_privately(self, value: impl Into<Text>) -> Finding {
        self.with(|found| {
            found.observed = Some(value.into());
            found.private = true;
        })
    }

    /// With what was wanted, where it differs from the gate's standing expectation.
    pub fn expected(self, value: impl Into<Text>) -> Finding {
        self.with(|found| found.expected = Some(value.into()))
    }

    /// With the place of the value.
    pub fn at(self, place: &Text) -> Finding {
        self.with(|found| found.place = Some(place.clone()))
    }

    /// With where the value was read, when not in the newest statement about the visit.
    pub fn from(self, source: Source) -> Finding {
        self.with(|found| found.source = source)
    }

    /// With what a person fixes once.
    pub fn about(self, subject: impl Into<Text>) -> Finding {
        self.with(|found| found.subject = Some(subject.into()))
    }

    /// With a fact that would end it.
    pub fn wakes_on(self, key: WakeKey) -> Finding {
        self.with(|found| found.wakes_on.push(key))
    }

    /// With a value that the sentence names.
    pub fn detail(self, name: &'static str, value: impl Into<Text>) -> Finding {
        self.with(|found| found.details.push(Detail { name: Text::literal(name), value: value.into() }))
    }

    /// Why it does not simply pass.
    pub fn reason(&self) -> Option<Reason> {
        self.found.as_ref().and_then(|found| found.reason)
    }

    /// The class of the reason.
    pub fn class(&self) -> Option<Class> {
        self.reason().map(|reason| reason.entry().class)
    }

    /// What a person fixes once; empty for a fact about one visit that nobody fixes.
    pub fn subject(&self) -> &str {
        self.found.as_ref().and_then(|found| found.subject.as_deref()).unwrap_or_default()
    }

    /// What would end it.
    pub fn wake_keys(&self) -> &[WakeKey] {
        self.found.as_ref().map_or(&[], |found| &found.wakes_on)
    }

    /// A named value, if the finding has it.
    pub fn value_of(&self, name: &str) -> Option<&Text> {
        let details = &self.found.as_ref()?.details;
        details.iter().find(|detail| detail.name == *name).map(|detail| &detail.value)
    }
}

impl Found {
    const fn empty() -> Found {
        Found {
            observed: None,
            reason: None,
            expected: None,
            place: None,
            source: Source::Visit,
            subject: None,
            wakes_on: Vec::new(),
            details: Vec::new(),
            private: false,
        }
    }
}

/// Stored form: a pass is the gate's number, a gate that does not apply its number made negative, anything else an
/// array of gate, state and what was found.
impl<C> Encode<C> for Finding {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, ctx: &mut C) -> Result<(), encode::Error<W::Error>> {
        match (self.state, &self.found) {
            (State::Pass, None) => e.u8(self.gate as u8)?.ok(),
            (State::NotApplicable, None) => e.i16(-i16::from(self.gate as u8))?.ok(),
            (state, found) => {
                e.array(3)?;
                self.gate.encode(e, ctx)?;
                state.encode(e, ctx)?;
                found.as_deref().encode(e, ctx)
            }
        }
    }
}

impl<'b, C> Decode<'b, C> for Finding {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Finding, decode::Error> {
        if d.datatype()? == minicbor::data::Type::Array {
            d.array()?;
            let (gate, state) = (GateId::decode(d, ctx)?, State::decode(d, ctx)?);
            return Ok(Finding { gate, state, found: Option::<Found>::decode(d, ctx)?.map(Box::new) });
        }
        let number = d.i16()?;
        let gate = u8::try_from(number.unsigned_abs()).ok().and_then(GateId::from_number);
        let gate = gate.ok_or_else(|| decode::Error::message("a gate this version does not know"))?;
        Ok(if number < 0 { Finding::not_applicable(gate) } else { Finding::pass(gate) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_survive_storage_and_passes_are_small() {
        let found = Finding::of(GateId::ProviderLinked, Reason::NoConnectedProviderAccount)
            .observed("DR9")
            .at(&"AIP-3.1".into())
            .about("DR9")
            .wakes_on(WakeKey::Provider("DR9".into()))
            .detail("provider", "Kim Lee (DR9)");
        let bytes = minicbor::to_vec(&found).unwrap();
        assert_eq!(minicbor::decode::<Finding>(&bytes).unwrap(), found);
        for usual in [Finding::pass(GateId::ProviderLinked), Finding::not_applicable(GateId::RealVisit)] {
            let bytes = minicbor::to_vec(&usual).unwrap();
            assert!(bytes.len() <= 2, "{} bytes", bytes.len());
            assert_eq!(minicbor::decode::<Finding>(&bytes).unwrap(), usual);
        }
    }
}

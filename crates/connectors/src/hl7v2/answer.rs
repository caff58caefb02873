//! The answer to a message, kept so that a repetition gets the same.

use crate::hl7v2::decode::Problem;
use domain::text::Text;
use serde::{Deserialize, Serialize};
use wire::hl7::Location;
use wire::hl7::ack::{Ack, AckRequest, ErrorCode, Origin, Outcome, Problem as WireProblem, write};

/// What became of a message, as its sender is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// Taken in, kept but not applied, or refused for good.
    outcome: Kind,
    code: u16,
    segment: Option<[u8; 3]>,
    sequence: u16,
    field: Option<u16>,
    component: Option<u16>,
    diagnostic: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    Accepted,
    /// Stored, could not be applied: `AE`, and `CA` for whoever only asks whether it is stored.
    SetAside,
    Refused,
    /// Not stored: `AE` and `CE`, send it again.
    NotStored,
}

impl Answer {
    pub(super) fn accepted() -> Answer {
        Answer {
            outcome: Kind::Accepted,
            code: 0,
            segment: None,
            sequence: 0,
            field: None,
            component: None,
            diagnostic: Text::default(),
        }
    }

    pub(super) fn refused(problem: &Problem) -> Answer {
        Answer::with(Kind::Refused, problem)
    }

    pub(super) fn set_aside(problem: &Problem) -> Answer {
        Answer::with(Kind::SetAside, problem)
    }

    pub(super) fn not_stored() -> Answer {
        let problem = Problem {
            code: ErrorCode::INTERNAL,
            location: None,
            diagnostic: Text::literal("The message could not be stored; send it again."),
        };
        Answer::with(Kind::NotStored, &problem)
    }

    fn with(outcome: Kind, problem: &Problem) -> Answer {
        let location = problem.location;
        Answer {
            outcome,
            code: problem.code.0,
            segment: location.map(|location| *location.segment.as_bytes()),
            sequence: location.map_or(0, |location| location.sequence),
            field: location.and_then(|location| location.field),
            component: location.and_then(|location| location.component),
            diagnostic: problem.diagnostic.clone(),
        }
    }

    /// The stored form.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        if self.outcome == Kind::Accepted {
            return Vec::new();
        }
        // Plain data: writing it to memory cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the stored form back; nothing stands for "accepted".
    pub(super) fn from_bytes(bytes: &[u8]) -> Answer {
        serde_json::from_slice(bytes).unwrap_or_else(|_| Answer::accepted())
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.outcome == Kind::Accepted
    }

    /// The two letters of an application answer.
    pub(super) fn code(&self) -> &'static str {
        match self.outcome {
            Kind::Accepted => "AA",
            Kind::SetAside | Kind::NotStored => "AE",
            Kind::Refused => "AR",
        }
    }

    /// What is wrong, with its place.
    pub(super) fn problem(&self) -> Option<(Option<Location>, &str)> {
        (!self.is_accepted()).then(|| (self.location(), self.diagnostic.as_str()))
    }

    fn location(&self) -> Option<Location> {
        let segment = self.segment?;
        let location = match self.field {
            Some(field) => Location::field(&segment, self.sequence, field),
            None => Location::segment(&segment, self.sequence),
        };
        Some(match self.component {
            Some(component) => location.component(component),
            None => location,
        })
    }

    /// Writes the answers that the sender asked for: none, one, or a commit answer and an application answer.
    pub(super) fn write(
        &self,
        out: &mut Vec<u8>,
        origin: &Origin<'_>,
        asked: AckRequest,
        control_id: &str,
        time: &str,
    ) {
        let (stored, applied) = match self.outcome {
            Kind::Accepted => (Outcome::Accepted, Outcome::Accepted),
            Kind::SetAside => (Outcome::Accepted, Outcome::Failed),
            Kind::Refused => (Outcome::Rejected, Outcome::Rejected),
            Kind::NotStored => (Outcome::Failed, Outcome::Failed),
        };
        let problem =
            WireProblem { location: self.location(), ..WireProblem::error(ErrorCode(self.code), &self.diagnostic) };
        let problems: &[WireProblem<'_>] = if self.is_accepted() { &[] } else { std::slice::from_ref(&problem) };
        for code in asked.commit(stored).into_iter().chain(asked.application(applied)) {
            wire::mllp::begin(out);
            write(out, origin, &Ack { code, control_id, time, problems });
            wire::mllp::end(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_answer_is_the_same_answer() {
        let problem = Problem {
            code: ErrorCode::DATA_TYPE,
            location: Some(Location::field(b"SCH", 1, 11).component(4)),
            diagnostic: "There is no such month, at character 5 of the date and time.".into(),
        };
        for answer in [Answer::accepted(), Answer::set_aside(&problem), Answer::refused(&problem)] {
            assert_eq!(Answer::from_bytes(&answer.to_bytes()), answer);
        }
        assert!(Answer::accepted().to_bytes().is_empty(), "the usual answer costs nothing to keep");
    }
}

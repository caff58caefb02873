//! What is wrong with a resource, for the engineer of the source.

use domain::text::Text;
use std::fmt;
use wire::fhir::{DateFault, Fault};

/// What is wrong, with the JSON path. Holds no patient data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `Appointment.participant[0].status`; empty for the text as a whole.
    pub path: Text,
    /// What, in a sentence.
    pub sentence: &'static str,
}

impl Problem {
    /// A problem at a path.
    pub fn at(path: impl Into<Text>, sentence: &'static str) -> Problem {
        Problem { path: path.into(), sentence }
    }

    /// A fault of a resource of a type.
    pub(super) fn of_fault(kind: &str, fault: &Fault) -> Problem {
        let path = match fault.path() {
            "" => Text::from(kind),
            path => Text::from(format_args!("{kind}.{path}")),
        };
        Problem { path, sentence: fault.sentence() }
    }

    /// A date or time that cannot be read.
    pub(super) fn of_date(path: impl Into<Text>, fault: DateFault) -> Problem {
        let sentence = match fault {
            DateFault::Form => "This is not a date or time as FHIR R4 writes them.",
            DateFault::Range => "There is no such date or time.",
        };
        Problem::at(path, sentence)
    }

    /// The same problem, of a resource that stands at `place` inside something else.
    #[must_use]
    pub fn inside(self, place: &str) -> Problem {
        // `Appointment.start` in `Bundle.entry[3].resource` stands at `Bundle.entry[3].resource.start`.
        let rest = self.path.split_once('.').map(|(_, rest)| Text::from(format_args!("{place}.{rest}")));
        Problem { path: rest.unwrap_or_else(|| Text::from(place)), ..self }
    }
}

/// `Appointment.start: There is no such date or time.`
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(self.sentence) } else { write!(f, "{}: {}", self.path, self.sentence) }
    }
}

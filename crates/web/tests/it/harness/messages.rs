//! HL7 v2 messages as a practice system sends them.

use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(1);

/// A visit, for building its message. Everything is in order unless a test says otherwise.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) trigger: &'static str,
    pub(crate) source_id: String,
    /// Local time of the clinic.
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) provider: (String, String, String),
    pub(crate) patient: String,
    pub(crate) family: String,
    pub(crate) given: String,
    pub(crate) email: String,
    pub(crate) sent: String,
    pub(crate) facility: &'static str,
}

impl Visit {
    /// Today at noon with Imani Cole.
    pub(crate) fn new(source_id: &str) -> Visit {
        Visit {
            trigger: "S12",
            source_id: source_id.to_owned(),
            start: "20261121120000".to_owned(),
            end: "20261121123000".to_owned(),
            kind: "Telemedicine Visit".to_owned(),
            status: "Scheduled".to_owned(),
            provider: ("DR7".to_owned(), "Cole".to_owned(), "Imani".to_owned()),
            patient: format!("P-{source_id}"),
            family: "Okafor".to_owned(),
            given: "Ada".to_owned(),
            email: format!("{}@patients.example", source_id.to_lowercase()),
            sent: "20261121083000".to_owned(),
            facility: "NORTHSIDE",
        }
    }

    /// With a provider who has no account on the platform.
    pub(crate) fn unlinked(mut self) -> Visit {
        self.provider = ("DR9".to_owned(), "Lee".to_owned(), "Kim".to_owned());
        self
    }

    pub(crate) fn message(&self) -> String {
        let control = NEXT.fetch_add(1, Ordering::Relaxed);
        let Visit {
            trigger, source_id, start, end, kind, status, patient, family, given, email, sent, facility, ..
        } = self;
        let (provider, last, first) = &self.provider;
        [
            format!("MSH|^~\\&|PM|{facility}|PUNCTUAL|HUB|{sent}||SIU^{trigger}^SIU_S12|M{control:05}|P|2.5.1"),
            format!("SCH||{source_id}|||||| ^{kind}|30|MIN|^^30^{start}^{end}||||||||||||||{status}").replace("| ^", "|^"),
            format!("PID|1||{patient}^^^PM^MR||{family}^{given}||19800229|F|||1 Main St^^Springfield^IL^62701||^NET^Internet^{email}"),
            "RGS|1|A".to_owned(),
            format!("AIP|1|A|{provider}^{last}^{first}"),
        ]
        .join("\r")
            + "\r"
    }
}

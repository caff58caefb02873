//! Visits and patients as the practice system holds them, and the HL7 v2 messages it sends about them.

use jiff::civil::{Date, DateTime};
use std::collections::BTreeMap;

/// A patient's record in the practice system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientDraft {
    /// The id.
    pub id: String,
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
    /// Date of birth.
    pub born: Option<Date>,
    /// The address as field text; `""` takes an earlier one away.
    pub email: String,
    /// There is a postal address.
    pub has_address: bool,
    /// The mobile number; empty: none.
    pub mobile: String,
    /// The other number; empty: none.
    pub phone: String,
    /// The preferred language; empty: nothing is said.
    pub language: String,
    /// The publicity code (PD1-11), code and text; empty: nothing is said.
    pub publicity: String,
    /// Insurance: `None`: not told of; `Some(false)`: without policy number.
    pub insured: Option<bool>,
}

impl PatientDraft {
    /// A patient with nothing wrong.
    pub fn new(id: &str) -> PatientDraft {
        PatientDraft {
            id: id.to_owned(),
            family: "Okafor".to_owned(),
            given: "Ada".to_owned(),
            born: Some(Date::constant(1980, 2, 29)),
            email: format!("{}@patients.example", id.to_lowercase()),
            has_address: true,
            mobile: String::new(),
            phone: String::new(),
            language: String::new(),
            publicity: String::new(),
            insured: None,
        }
    }

    /// Reads `Given Family`.
    pub fn call(&mut self, name: &str) {
        let (given, family) = name.rsplit_once(' ').unwrap_or(("", name));
        (self.given, self.family) = (given.to_owned(), family.to_owned());
    }

    fn write(&self, out: &mut String) {
        let born = self.born.map(|born| born.strftime("%Y%m%d").to_string()).unwrap_or_default();
        let address = if self.has_address { "1 Main St^^Springfield^IL^62701" } else { "" };
        let email = match self.email.as_str() {
            "" => String::new(),
            "\"\"" => "\"\"".to_owned(),
            address => format!("^NET^Internet^{}", escaped(address)),
        };
        let (id, family, given) = (escaped(&self.id), escaped(&self.family), escaped(&self.given));
        let mut ways = vec![email];
        ways.retain(|way| !way.is_empty());
        for (number, kind) in [(&self.mobile, "CP"), (&self.phone, "PH")] {
            if !number.is_empty() {
                ways.push(format!("{}^PRN^{kind}", escaped(number)));
            }
        }
        let (ways, language) = (ways.join("~"), escaped(&self.language));
        let language = if language.is_empty() { String::new() } else { format!("||{language}") };
        segment(out, &format!("PID|1||{id}^^^PM^MR||{family}^{given}||{born}|F|||{address}||{ways}{language}"));
        match self.publicity.as_str() {
            "" => {}
            "\"\"" => segment(out, &format!("PD1{}\"\"", "|".repeat(11))),
            said => {
                let (code, text) = said.split_once(' ').unwrap_or((said, ""));
                segment(out, &format!("PD1{}{}^{}", "|".repeat(11), escaped(code), escaped(text)));
            }
        }
        match self.insured {
            None => {}
            Some(true) => segment(out, &format!("IN1|1|PPO|I1|Good Health{}P-77123", "|".repeat(32))),
            Some(false) => segment(out, "IN1|1|PPO|I1|Good Health"),
        }
    }
}

/// When a visit is, as the practice system holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planned {
    /// Start and nothing doubtful.
    At(DateTime),
    /// The day only.
    Day(Date),
    /// Nothing.
    Nothing,
}

/// A visit in the practice system. Everything is in order unless a scenario says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitDraft {
    /// The id.
    pub id: String,
    /// When.
    pub planned: Planned,
    /// Length in minutes.
    pub minutes: i64,
    /// The unit of the length is sent, and the end.
    pub has_unit: bool,
    /// The start as the service segment gives it, when it differs.
    pub other_start: Option<DateTime>,
    /// The type's code.
    pub type_id: String,
    /// The type's name.
    pub type_name: String,
    /// The type stands in the service segment instead of the schedule segment.
    pub type_in_service: bool,
    /// The department, when it is sent.
    pub department: Option<String>,
    /// The status word.
    pub status: String,
    /// The provider: id and name.
    pub provider: Option<(String, String)>,
    /// The patient's id.
    pub patient: Option<String>,
    /// Others who take part.
    pub others: Vec<PatientDraft>,
    /// Statuses of single participants, by patient.
    pub own: BTreeMap<String, String>,
    /// The reason code of the event.
    pub reason: String,
    /// The note.
    pub note: String,
    /// The series, with the number of the visit in it.
    pub series: Option<(String, u32)>,
    /// It repeats by a pattern (table 0335), so many times; 0: without an end.
    pub repeats: Option<(String, u32)>,
    /// Further times of it, told one by one.
    pub further: Vec<DateTime>,
    /// The visit of its series that a message is about.
    pub place: Option<u32>,
    /// The visit whose place it takes.
    pub replaces: String,
    /// A second provider.
    pub co_host: Option<(String, String)>,
    /// Sent with the processing id of tests.
    pub test: bool,
}

impl VisitDraft {
    /// A visit on this day and hour with nothing wrong.
    pub fn new(id: &str, start: DateTime) -> VisitDraft {
        VisitDraft {
            id: id.to_owned(),
            planned: Planned::At(start),
            minutes: 30,
            has_unit: true,
            other_start: None,
            type_id: String::new(),
            type_name: "Telemedicine Visit".to_owned(),
            type_in_service: false,
            department: None,
            status: "Scheduled".to_owned(),
            provider: Some(("DR7".to_owned(), "Imani Cole".to_owned())),
            patient: Some(format!("P-{id}")),
            others: Vec::new(),
            own: BTreeMap::new(),
            reason: String::new(),
            note: String::new(),
            series: None,
            repeats: None,
            further: Vec::new(),
            place: None,
            replaces: String::new(),
            co_host: None,
            test: false,
        }
    }
}

/// What a message is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// S12.
    Booked,
    /// S13.
    Moved,
    /// S14.
    Changed,
    /// S15.
    Cancelled,
    /// S16.
    Discontinued,
    /// S17.
    Deleted,
    /// S23.
    Blocked,
    /// S26.
    Missed,
}

impl Trigger {
    /// The code of the event.
    pub const fn code(self) -> &'static str {
        match self {
            Trigger::Booked => "S12",
            Trigger::Moved => "S13",
            Trigger::Changed => "S14",
            Trigger::Cancelled => "S15",
            Trigger::Discontinued => "S16",
            Trigger::Deleted => "S17",
            Trigger::Blocked => "S23",
            Trigger::Missed => "S26",
        }
    }
}

/// Who sends, when, under which message id.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    /// The sending facility.
    pub facility: &'a str,
    /// The message id.
    pub control_id: &'a str,
    /// The time on the message, with offset: `20261121090000-0600`.
    pub sent: &'a str,
}

/// A scheduling message about a visit.
pub fn siu(envelope: &Envelope<'_>, trigger: Trigger, visit: &VisitDraft, patient: Option<&PatientDraft>) -> Vec<u8> {
    let mut out = String::with_capacity(512);
    let processing = if visit.test { "T" } else { "P" };
    head(&mut out, envelope, &format!("SIU^{}^SIU_S12", trigger.code()), processing);
    let compact = |time: DateTime| time.strftime("%Y%m%d%H%M%S").to_string();
    let (start, end) = match visit.planned {
        Planned::At(start) => {
            let end =
                start.checked_add(jiff::Span::new().minutes(visit.minutes)).map_or_else(|_| String::new(), compact);
            (compact(start), if visit.has_unit { end } else { String::new() })
        }
        Planned::Day(day) => (day.strftime("%Y%m%d").to_string(), String::new()),
        Planned::Nothing => (String::new(), String::new()),
    };
    let unit = if visit.has_unit { "MIN" } else { "" };
    let coded = format!("{}^{}", escaped(&visit.type_id), escaped(&visit.type_name));
    let schedule_type = if visit.type_in_service || coded == "^" { "" } else { coded.as_str() };
    let status = escaped(&visit.status);
    let parent_at = "|".repeat(13);
    let (id, minutes) = (escaped(&visit.id), visit.minutes);
    let (series, occurrence) =
        visit.series.clone().map_or_else(Default::default, |(id, n)| (escaped(&id), n.to_string()));
    let occurrence = visit.place.map_or(occurrence, |place| place.to_string());
    let further: String = visit.further.iter().map(|at| format!("~^^^{}", compact(*at))).collect();
    let (reason, replaces) = (escaped(&visit.reason), escaped(&visit.replaces));
    segment(
        &mut out,
        &format!(
            "SCH||{id}|{occurrence}|||{reason}||{schedule_type}|{minutes}|{unit}|^^^{start}^{end}{further}{parent_at}{series}\
             |{status}|{replaces}"
        ),
    );
    if let Some((pattern, count)) = &visit.repeats {
        let count = if *count == 0 { String::new() } else { count.to_string() };
        segment(&mut out, &format!("TQ1|1||{}||||{start}|||||||{count}", escaped(pattern)));
    }
    if !visit.note.is_empty() {
        segment(&mut out, &format!("NTE|1||{}", escaped(&visit.note)));
    }
    for patient in patient.into_iter().chain(&visit.others) {
        patient.write(&mut out);
        if let Some(word) = visit.own.get(&patient.id) {
            segment(&mut out, &format!("PV2{}{}", "|".repeat(24), escaped(word)));
        }
    }
    if let Some(department) = &visit.department {
        segment(&mut out, &format!("PV1||O|{}", escaped(department)));
    }
    segment(&mut out, "RGS|1|A");
    let service_type = if visit.type_in_service { coded.as_str() } else { "" };
    if visit.type_in_service || visit.other_start.is_some() {
        let other = visit.other_start.map(compact).unwrap_or_default();
        segment(&mut out, &format!("AIS|1|A|{service_type}|{other}"));
    }
    for (n, (id, name)) in visit.provider.iter().chain(&visit.co_host).enumerate() {
        let (given, family) = name.rsplit_once(' ').unwrap_or(("", name));
        segment(&mut out, &format!("AIP|{}|A|{}^{}^{}", n + 1, escaped(id), escaped(family), escaped(given)));
    }
    out.into_bytes()
}

/// A message about a patient's record.
pub fn adt(envelope: &Envelope<'_>, patient: &PatientDraft) -> Vec<u8> {
    let mut out = String::with_capacity(256);
    head(&mut out, envelope, "ADT^A08^ADT_A01", "P");
    patient.write(&mut out);
    out.into_bytes()
}

/// A message that two records are one: `gone` lives on as `survivor`.
pub fn merge(envelope: &Envelope<'_>, survivor: &PatientDraft, gone: &str) -> Vec<u8> {
    let mut out = String::with_capacity(256);
    head(&mut out, envelope, "ADT^A40^ADT_A39", "P");
    survivor.write(&mut out);
    segment(&mut out, &format!("MRG|{}^^^PM^MR", escaped(gone)));
    out.into_bytes()
}

fn head(out: &mut String, envelope: &Envelope<'_>, kind: &str, processing: &str) {
    let Envelope { facility, control_id, sent } = envelope;
    segment(
        out,
        &format!(
            "MSH|^~\\&|PM|{facility}|PUNCTUAL|HUB|{sent}||{kind}|{control_id}|{processing}|2.5.1||||||UNICODE UTF-8"
        ),
    );
}

fn segment(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\r');
}

/// Delimiters inside a value (HL7 v2.5.1 §2.7.1).
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '&' => out.push_str("\\T\\"),
            '~' => out.push_str("\\R\\"),
            '\\' => out.push_str("\\E\\"),
            control if control.is_control() => out.push_str(&format!("\\X{:02X}\\", u32::from(control))),
            plain => out.push(plain),
        }
    }
    out
}

//! The explanation of one appointment, and what absence means.

use super::{AppointmentItem, Class, Effort, Family, Heals, Moment, Owner, Person, State, Status, Verdict, VisitType};
use utoipa::openapi::schema::{OneOfBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// Did it sync, why or why not, who must do what, and when does it heal?
#[derive(ToSchema)]
pub(crate) struct Explanation {
    integration: String,
    source_id: String,
    as_of: Moment,
    verdict: Verdict,
    /// The reason that comes first on the ladder.
    primary: Option<String>,
    sentence: String,
    expected_by: Option<Moment>,
    heals_at: Option<Moment>,
    /// Every gate, also those that passed, in ladder order.
    findings: Vec<Finding>,
    appointment: Appointment,
    delivery: Delivery,
    lineage: Vec<Lineage>,
    timeline: Vec<TimelineItem>,
    /// For each thing to mend: the other visits that the same fix would release.
    fix_once: Vec<FixOnce>,
    patients: Vec<Person>,
    /// Messages named here that retention has removed since.
    messages_removed: Vec<String>,
}

/// What one gate found.
#[derive(ToSchema)]
pub(crate) struct Finding {
    gate: String,
    code: Option<String>,
    family: Family,
    state: State,
    class: Option<Class>,
    label: Option<String>,
    sentence: Option<String>,
    owner: Option<Owner>,
    fix: Option<String>,
    effort: Option<Effort>,
    heals: Option<Heals>,
    subject: Option<String>,
    evidence: Evidence,
    /// The facts that would end it.
    wakes_on: Vec<String>,
}

/// What a finding rests on.
#[derive(ToSchema)]
pub(crate) struct Evidence {
    observed: Option<String>,
    expected: String,
    r#where: Option<String>,
    read_at: Moment,
    envelope: Option<String>,
    rule: String,
    profile: String,
    /// Values that the sentence names.
    details: Option<std::collections::BTreeMap<String, String>>,
}

/// The appointment as last accepted from the source.
#[derive(ToSchema)]
pub(crate) struct Appointment {
    start: Option<Moment>,
    end: Option<Moment>,
    time_zone: String,
    status: Status,
    status_rule: Option<StatusRule>,
    r#type: VisitType,
    /// `video`, `in_person` or `phone`.
    modality: Option<String>,
    department: Option<String>,
    provider: Option<Provider>,
    participants: Vec<Participant>,
    series: Option<Series>,
    booked_at: Moment,
    received_at: Moment,
    test: bool,
    version: u32,
}

/// The rule that gave a status its meaning.
#[derive(ToSchema)]
pub(crate) struct StatusRule {
    /// Whose rule: `department`, `practice`, `profile`, `standard`.
    by: String,
    /// `status word`, `reason code` or `note`.
    read_from: String,
    /// In a sentence.
    sentence: String,
}

/// A provider.
#[derive(ToSchema)]
pub(crate) struct Provider {
    source_id: String,
    name: Option<String>,
    platform_id: Option<String>,
}

/// A participant.
#[derive(ToSchema)]
pub(crate) struct Participant {
    source_id: String,
    status: Status,
}

/// A series.
#[derive(ToSchema)]
pub(crate) struct Series {
    id: String,
    /// Which of its visits this is, counted from 1, when the source says.
    occurrence: Option<u32>,
    /// Where the pattern has it, when the series goes by one.
    placed: Option<Moment>,
    /// It was moved out of the pattern by itself.
    moved_alone: bool,
}

/// A related appointment.
#[derive(ToSchema)]
pub(crate) struct Lineage {
    relation: Relation,
    source_id: String,
}

/// How two appointments are related.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Relation {
    ReplacedBy,
    Replaces,
    SameSeries,
    Doubles,
}

/// Where a delivery stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum DeliveryState {
    None,
    Queued,
    Sending,
    Retrying,
    Accepted,
    Confirmed,
    Unknown,
    Failed,
}

/// The delivery of the card.
#[derive(ToSchema)]
pub(crate) struct Delivery {
    state: DeliveryState,
    platform_id: Option<String>,
    version: u32,
    accepted_version: u32,
    attempts: u32,
    confirmed_at: Option<Moment>,
    next_attempt_at: Option<Moment>,
    last_answer: Option<String>,
}

/// One thing that happened.
#[derive(ToSchema)]
pub(crate) struct TimelineItem {
    at: Moment,
    what: String,
    why: String,
    envelope: Option<String>,
}

/// What one fix would release.
#[derive(ToSchema)]
pub(crate) struct FixOnce {
    code: String,
    subject: String,
    /// The cause's id.
    cause: String,
    /// The other visits, fifty at most.
    others: Vec<String>,
}

/// What somebody knows of a visit: at least one of these.
#[derive(ToSchema)]
pub(crate) struct WhyAsked {
    patient: Option<PatientAsked>,
    start: Option<Moment>,
    /// The source's id.
    provider: Option<String>,
    source_id: Option<String>,
    /// Anything a person types.
    q: Option<String>,
    /// How far back reading must be proven.
    booked_at: Option<Moment>,
}

/// A patient by id, or by name and birth date.
#[derive(ToSchema)]
pub(crate) struct PatientAsked {
    source_id: Option<String>,
    name: Option<String>,
    #[schema(format = Date)]
    birth_date: Option<String>,
}

/// A choice between two answers, told apart by their fields. By hand, because the derive would want both to be
/// serialisable to see that the choice has no tag.
macro_rules! either {
    ($(#[doc = $what:literal])* $name:ident: $one:ident, $other:ident) => {
        $(#[doc = $what])*
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let one = OneOfBuilder::new()
                    .description(Some(concat!($($what),*).trim()))
                    .item(Ref::from_schema_name(stringify!($one)))
                    .item(Ref::from_schema_name(stringify!($other)));
                Schema::OneOf(one.build()).into()
            }
        }

        impl ToSchema for $name {
            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                schemas.push(($one::name().into_owned(), $one::schema()));
                schemas.push(($other::name().into_owned(), $other::schema()));
                $one::schemas(schemas);
                $other::schemas(schemas);
            }
        }
    };
}

either! {
    /// The visit, or what its absence means.
    WhyAnswer: FoundAnswer, AbsenceAnswer
}

either! {
    /// The explanation, or what the absence of the visit meant at the moment asked about.
    ExplanationOrAbsence: Explanation, AbsenceAnswer
}

/// The visit is known: its explanation.
#[derive(ToSchema)]
pub(crate) struct FoundAnswer {
    /// `found`.
    answer: String,
    integration: String,
    source_id: String,
    as_of: Moment,
    verdict: Verdict,
    primary: Option<String>,
    sentence: String,
    expected_by: Option<Moment>,
    heals_at: Option<Moment>,
    findings: Vec<Finding>,
    appointment: Appointment,
    delivery: Delivery,
    lineage: Vec<Lineage>,
    timeline: Vec<TimelineItem>,
    fix_once: Vec<FixOnce>,
    patients: Vec<Person>,
    /// Messages named here that retention has removed since.
    messages_removed: Vec<String>,
}

/// The visit is not known.
#[derive(ToSchema)]
pub(crate) struct AbsenceAnswer {
    answer: Absence,
    sentence: String,
    /// The proof of reading.
    coverage: Vec<Coverage>,
    /// Messages of that time that were kept and could not be applied, newest first, twenty at most.
    set_aside: Vec<NotApplied>,
    nearest: Vec<AppointmentItem>,
}

/// A message that was kept and could not be applied: the visit may be in it.
#[derive(ToSchema)]
pub(crate) struct NotApplied {
    at: Moment,
    envelope: String,
    /// Why, without patient data.
    reason: Option<String>,
}

/// What absence means.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Absence {
    NeverReceived,
    NotYetLooked,
    ReadIncomplete,
    IntegrationNotLive,
    UnsupportedSource,
}

/// A stretch of a feed that was read.
#[derive(ToSchema)]
pub(crate) struct Coverage {
    feed: String,
    from: Moment,
    to: Moment,
    read_at: Moment,
    complete: bool,
}

//! Appointment into a record.

use crate::fhir_r4::actors::{Actor, Included, Role, actor, practitioner_name};
use crate::fhir_r4::patient::{is_test_family, patient_record};
use crate::fhir_r4::problem::Problem;
use crate::fhir_r4::series::series;
use crate::fhir_r4::terms::{Terms, has_tag, moment_of};
use crate::fhir_r4::timing::timing;
use domain::model::{
    AppointmentRecord, Event, Participant, PatientRecord, Provider, Record, RosterRecord, Said, Seen, Stamp,
    StatusSaid, VisitType,
};
use domain::text::Text;
use wire::fhir::{Appointment, AppointmentParticipant, CodeableConcept, DateTime, Identifier, Patient, Str, read};

/// What an Appointment says, with the patients it contains. `included`: what came along in the same bundle.
pub fn decode_appointment(json: &[u8], terms: &Terms<'_>, included: &Included) -> Result<Record, Problem> {
    let visit: Appointment<'_> = read(json).map_err(|fault| Problem::of_fault("Appointment", &fault))?;
    let source_id = source_id(&visit, terms)?;
    let stamp = terms.stamp("Appointment", visit.meta.as_ref())?;
    let status = status(&visit)?;
    let event = status.event;
    let people = people(&visit, terms, included, stamp, &status)?;
    let zone = terms.rules.zone_of(people.department.as_ref().map(|seen| seen.value.as_str()));
    let created = visit.created.as_ref().and_then(Str::present);
    let booked_at = match created.map(DateTime::parse) {
        None => None,
        Some(Ok(date)) => moment_of(&date, zone),
        Some(Err(fault)) => return Err(Problem::of_date(Text::literal("Appointment.created"), fault)),
    };
    let test = has_tag(visit.meta.as_ref(), "HTEST")
        || people.records.iter().any(|patient| is_test_family(terms.fhir(), patient));
    let series = series(&visit, &source_id, terms);
    let record = AppointmentRecord {
        source_id,
        placer_id: placer_id(&visit),
        stamp,
        booked_at,
        event,
        timing: Some(timing(&visit, zone)?),
        status: Some(status),
        visit_type: terms.fhir().visit_type.iter().find_map(|element| visit_type(&visit, element)),
        modality: terms.fhir().modality.iter().find_map(|element| modality(&visit, element)),
        department: people.department,
        providers: RosterRecord::All(people.providers),
        participants: RosterRecord::All(people.participants),
        series,
        repeats: None,
        replaces: None,
        test,
        present: true,
    };
    Ok(Record::Appointment(Box::new(record), people.records))
}

/// What it means that a visit is not there any more: a history says DELETE, or a read answers 404 or 410.
pub fn removed_appointment(source_id: Text, stamp: Stamp) -> Record {
    let event = Event::Deleted;
    let status = Some(StatusSaid::by(event));
    let record = AppointmentRecord { status, ..AppointmentRecord::about(source_id, stamp, event) };
    Record::Appointment(Box::new(record), Vec::new())
}

/// The resource id, or the business identifier of the system that the document names.
fn source_id(visit: &Appointment<'_>, terms: &Terms<'_>) -> Result<Text, Problem> {
    let Some(system) = terms.identifier_system else {
        let id = visit.id.as_ref().and_then(Str::present);
        return id
            .map(Text::from)
            .ok_or_else(|| Problem::at(Text::literal("Appointment.id"), "The appointment has no id."));
    };
    let of_system = |identifier: &&Identifier<'_>| identifier.system.as_deref() == Some(system);
    let found = visit.identifier.iter().find(of_system).and_then(|identifier| identifier.value.as_ref());
    found.and_then(Str::present).map(Text::from).ok_or_else(|| {
        Problem::at(
            Text::literal("Appointment.identifier"),
            "The appointment has no identifier of the system that the integration names.",
        )
    })
}

/// The identifier that whoever asked for the visit gave it (HL7 table 0203: PLAC).
fn placer_id(visit: &Appointment<'_>) -> Option<Text> {
    let placer = |identifier: &&Identifier<'_>| {
        let kind = identifier.kind.as_ref();
        kind.is_some_and(|kind| kind.coding.iter().any(|coding| coding.code.as_deref() == Some("PLAC")))
    };
    visit.identifier.iter().find(placer)?.value.as_ref()?.present().map(Text::from)
}

/// The status code; a word that is none of the standard's is kept, and the gates ask for its meaning.
fn status(visit: &Appointment<'_>) -> Result<StatusSaid, Problem> {
    let Some(word) = visit.status.as_ref().and_then(Str::present) else {
        return Err(Problem::at(Text::literal("Appointment.status"), "The appointment has no status."));
    };
    let event = match word {
        "cancelled" => Event::Cancelled,
        "noshow" => Event::NoShow,
        "entered-in-error" => Event::Deleted,
        _ => Event::Listed,
    };
    let reason = visit.cancelation_reason.as_ref().and_then(|reason| {
        let coding = reason.coding.first().and_then(|coding| coding.code.as_ref()).and_then(Str::present);
        let (value, place) = match (coding, reason.text.as_ref().and_then(Str::present)) {
            (Some(code), _) => (code, "Appointment.cancelationReason.coding[0].code"),
            (None, Some(text)) => (text, "Appointment.cancelationReason.text"),
            (None, None) => return None,
        };
        Some(Seen { value: Text::from(value), place: Text::literal(place) })
    });
    let word = Seen { value: Text::from(word), place: Text::literal("Appointment.status") };
    Ok(StatusSaid { word: Some(word), reason, ..StatusSaid::by(event) })
}

fn concept<'v, 'a>(visit: &'v Appointment<'a>, element: &str) -> Option<&'v CodeableConcept<'a>> {
    match element {
        "appointmentType" => visit.appointment_type.as_ref(),
        "serviceType" => visit.service_type.first(),
        "serviceCategory" => visit.service_category.first(),
        "specialty" => visit.specialty.first(),
        "reasonCode" => visit.reason_code.first(),
        _ => None,
    }
}

/// `Appointment.serviceType[0]`: lists have their index.
fn place_of(element: &str, part: &str) -> Text {
    if element == "appointmentType" {
        return match part {
            "coding[0].display" => Text::literal("Appointment.appointmentType.coding[0].display"),
            "coding[0].code" => Text::literal("Appointment.appointmentType.coding[0].code"),
            _ => Text::literal("Appointment.appointmentType.text"),
        };
    }
    Text::from(format_args!("Appointment.{element}[0].{part}"))
}

/// The type: its code, and the name that people read: what the code displays, else the text, else the code.
fn visit_type(visit: &Appointment<'_>, element: &str) -> Option<VisitType> {
    let concept = concept(visit, element)?;
    let coding = concept.coding.iter().find(|coding| coding.code.is_some()).or(concept.coding.first());
    // Names must match letter by letter: blanks around them stay.
    let exact =
        |text: &Option<Str<'_>>| text.as_ref().filter(|text| text.present().is_some()).map(|text| Text::from(&**text));
    let code = coding.and_then(|coding| exact(&coding.code));
    let display = coding.and_then(|coding| exact(&coding.display));
    let (name, part) = match (display, exact(&concept.text)) {
        (Some(display), _) => (display, "coding[0].display"),
        (None, Some(text)) => (text, "text"),
        (None, None) => (code.clone()?, "coding[0].code"),
    };
    Some(VisitType { id: code, name, place: place_of(element, part) })
}

fn modality(visit: &Appointment<'_>, element: &str) -> Option<Seen> {
    let concept = concept(visit, element)?;
    let code = concept.coding.first().and_then(|coding| coding.code.as_ref()).and_then(Str::present);
    let (value, part) = match (code, concept.text.as_ref().and_then(Str::present)) {
        (Some(code), _) => (code, "coding[0].code"),
        (None, text) => (text?, "text"),
    };
    Some(Seen { value: Text::from(value), place: place_of(element, part) })
}

/// Who takes part.
#[derive(Default)]
struct People {
    participants: Vec<Participant>,
    providers: Vec<Provider>,
    department: Option<Seen>,
    /// What is said about the patients inside the resource.
    records: Vec<PatientRecord>,
}

fn people(
    visit: &Appointment<'_>,
    terms: &Terms<'_>,
    included: &Included,
    stamp: Stamp,
    status: &StatusSaid,
) -> Result<People, Problem> {
    let mut people = People::default();
    for (n, participant) in visit.participant.iter().enumerate() {
        check_status(n, participant)?;
        let Some(reference) = &participant.actor else { continue };
        let Some(Actor { role, id: Some(id), contained }) = actor(terms, visit, included, reference) else { continue };
        match role {
            Role::Patient => {
                if let Some(resource) = contained {
                    let patient: Patient<'_> = read(resource.get().as_bytes())
                        .map_err(|fault| Problem::of_fault("Appointment.contained", &fault))?;
                    people.records.push(patient_record(&patient, id.clone(), terms, stamp)?);
                }
                let status = own_status(n, participant, status).map(|said| Said { value: said, stamp });
                people.participants.push(Participant { source_id: id, status, place: actor_place(n) });
            }
            Role::Provider => {
                let display = reference.display.as_ref().and_then(Str::present).map(Text::from);
                let name = display.or_else(|| contained.and_then(practitioner_name));
                let kind = participant.kind.first().and_then(|kind| kind.coding.first());
                let role = kind.and_then(|coding| coding.code.as_ref()).and_then(Str::present).map(Text::from);
                people.providers.push(Provider { source_id: id, name, role, place: actor_place(n) });
            }
            Role::Department => {
                people.department.get_or_insert(Seen { value: id, place: actor_place(n) });
            }
        }
    }
    Ok(people)
}

/// Places of the first participants without a copy; visits seldom have more.
fn actor_place(n: usize) -> Text {
    const FIRST: [&str; 6] = [
        "Appointment.participant[0].actor",
        "Appointment.participant[1].actor",
        "Appointment.participant[2].actor",
        "Appointment.participant[3].actor",
        "Appointment.participant[4].actor",
        "Appointment.participant[5].actor",
    ];
    FIRST
        .get(n)
        .map_or_else(|| Text::from(format_args!("Appointment.participant[{n}].actor")), |place| Text::literal(place))
}

fn check_status(n: usize, participant: &AppointmentParticipant<'_>) -> Result<(), Problem> {
    match participant.status.as_deref() {
        // Required by the standard, and left out by servers that have nothing to say there.
        None | Some("accepted" | "declined" | "tentative" | "needs-action") => Ok(()),
        Some(_) => Err(Problem::at(
            format!("Appointment.participant[{n}].status"),
            "The status is none of accepted, declined, tentative, needs-action.",
        )),
    }
}

/// A patient who declined does not come, whatever becomes of the visit; the other words say nothing that the visit's
/// status does not say better. On a visit that ended, servers write "declined" for everybody.
fn own_status(n: usize, participant: &AppointmentParticipant<'_>, visit: &StatusSaid) -> Option<StatusSaid> {
    let declined = participant.status.as_deref() == Some("declined") && visit.event == Event::Listed;
    declined.then(|| StatusSaid {
        word: Some(Seen {
            value: Text::literal("declined"),
            place: Text::from(format_args!("Appointment.participant[{n}].status")),
        }),
        ..StatusSaid::by(Event::Listed)
    })
}

//! The card a snapshot asks for, and what changed between two cards.

use crate::gates::{Person, Reading, Snapshot, kept_address};
use crate::model::{Card, CardParticipant, CardProvider, CardSeries, CardType, Origin, Tab};
use crate::phi::Phi;
use crate::status::Status;
use crate::text::Text;

/// The card that the platform should show for this visit.
pub(super) fn card_of(s: &Snapshot<'_>) -> Card {
    let appointment = s.appointment;
    let status = shown_status(s);
    let timing = appointment.timing.as_ref().map(|said| &said.value);
    // What was entered in error has no participants any more (requirement S4-13), and neither has what was removed.
    let participants = if status.is_gone() { Vec::new() } else { participants(s, status) };
    Card {
        tab: if status.is_ended() { Tab::Past } else { Tab::Upcoming },
        status,
        start: appointment.start(),
        end: appointment.end(),
        time_zone: timing.map_or_else(|| s.rules.zone.name().clone(), |timing| timing.zone.clone()),
        visit_type: appointment.visit_type.as_ref().map_or_else(CardType::default, |said| CardType {
            id: said.value.id.clone(),
            name: Some(said.value.name.clone()),
        }),
        modality: crate::gates::modality_of(s),
        provider: provider(s),
        department: s.department().cloned(),
        participants,
        test: appointment.test,
        as_of: appointment.stamp.at,
        series: appointment
            .series
            .as_ref()
            .map(|said| CardSeries { id: said.value.id.clone(), occurrence: said.value.occurrence }),
    }
}

/// The status the platform is asked to show: what it cannot show or will not change stays as it was.
fn shown_status(s: &Snapshot<'_>) -> Status {
    let status = s.reading.status;
    match crate::gates::locked(s) {
        Some(first) => first,
        None if crate::gates::travels(s, status) => status,
        None => s.standing.status().unwrap_or(Status::Booked),
    }
}

fn provider(s: &Snapshot<'_>) -> Option<CardProvider> {
    let named = s.appointment.provider()?;
    if s.wants_provider() && s.provider.is_none() {
        return None; // filed under nobody
    }
    let listed = s.provider;
    Some(CardProvider {
        source_id: named.source_id.clone(),
        platform_id: listed.and_then(|entry| entry.platform_id.clone()),
        name: listed.and_then(|entry| entry.name.clone()).or_else(|| named.name.clone()),
    })
}

/// Those of the source whose part was not entered in error, and behind them the platform's own people.
fn participants(s: &Snapshot<'_>, status: Status) -> Vec<CardParticipant> {
    let of_source = s.people.iter().filter_map(|person| {
        let own = own_shown(s, person, status);
        // Of a group with others in it only this participant goes (ambiguity A2).
        (!own.is_gone()).then(|| participant(s, person, own))
    });
    of_source.chain(s.standing.guests().iter().map(|guest| guest.on_card(status))).collect()
}

/// The status that the platform is asked to show for one participant.
fn own_shown(s: &Snapshot<'_>, person: &Person<'_>, of_visit: Status) -> Status {
    if s.appointment.own_statuses.is_empty() {
        return of_visit;
    }
    let ever = s.appointment.any_own_status(person.named_as()).and_then(|own| own.first_final);
    if let Some(first) = ever.filter(|_| s.rules.platform.statuses.first_final_stays) {
        return first.status;
    }
    let Some(own) = s.appointment.own_status(person.named_as()) else { return of_visit };
    let status = Reading::of_participant(s.rules, s.appointment, own).status;
    if !status.is_ended() && of_visit.is_ended() {
        // The visit's own end counts for everybody in it.
        return of_visit;
    }
    if crate::gates::travels(s, status) {
        return status;
    }
    s.standing.participant(person.source_id).map_or(of_visit, |shown| shown.status)
}

fn participant(s: &Snapshot<'_>, person: &Person<'_>, status: Status) -> CardParticipant {
    let patient = person.patient;
    let text = |value: Option<&Phi<Text>>| value.map(|text| Phi::new(Text::from(text.open().trim())));
    let email = kept_address(s, person).or_else(|| patient.and_then(|patient| patient.email.value()));
    CardParticipant {
        source_id: Some(person.source_id.clone()),
        platform_id: person.link.map(|link| link.platform_id.clone()),
        name: patient.and_then(|patient| patient.full_name()).map(|name| Phi::new(Text::from(name))),
        email: text(email),
        status,
        origin: Origin::Source,
        family: text(patient.and_then(|patient| patient.family.value())),
        given: text(patient.and_then(|patient| patient.given.value())),
        birth_date: patient.and_then(|patient| patient.birth_date.value().cloned()),
    }
}

/// Whether two cards ask for the same. People of the platform's own are its business: that it told us of them is no
/// reason to tell it of them.
pub(super) fn asks_the_same(a: &Card, b: &Card) -> bool {
    a.tab == b.tab
        && a.status == b.status
        && a.start == b.start
        && a.end == b.end
        && a.time_zone == b.time_zone
        && a.visit_type == b.visit_type
        && a.modality == b.modality
        && a.provider == b.provider
        && a.department == b.department
        && a.from_source().eq(b.from_source())
        && a.test == b.test
        && a.as_of == b.as_of
        && a.series == b.series
}

/// The parts in which two cards differ, in the API's words.
pub fn changed_parts(old: &Card, new: &Card) -> Vec<&'static str> {
    // Taking the card apart keeps this list complete: a new field of the card does not compile without a line here.
    let Card {
        tab,
        status,
        start,
        end,
        time_zone,
        visit_type,
        modality,
        provider,
        department,
        participants,
        test,
        as_of,
        series,
    } = new;
    let parts = [
        ("tab", *tab != old.tab),
        ("status", *status != old.status),
        ("start", *start != old.start),
        ("end", *end != old.end),
        ("time_zone", *time_zone != old.time_zone),
        ("type", *visit_type != old.visit_type),
        ("modality", *modality != old.modality),
        ("provider", *provider != old.provider),
        ("department", *department != old.department),
        ("participants", *participants != old.participants),
        ("test", *test != old.test),
        ("as_of", *as_of != old.as_of),
        ("series", *series != old.series),
    ];
    parts.into_iter().filter_map(|(part, differs)| differs.then_some(part)).collect()
}

/// What to call the event of showing `new` where `old` was last shown.
pub fn event_type(old: Option<&Card>, new: &Card) -> &'static str {
    let status_changed = old.is_none_or(|old| old.status != new.status);
    if status_changed && new.status.is_gone() {
        return "appointment.removed";
    }
    if status_changed && new.status.is_cancelled() {
        return "appointment.cancelled";
    }
    if old.is_none() { "appointment.created" } else { "appointment.updated" }
}

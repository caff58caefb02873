//! The messages themselves: they parse, rise, and say what the diary says.

use crate::support::{believable, now};
use emulators::practice::{Booking, Change, Message, PatientEdit, Practice, Shape};
use jiff::civil::datetime;
use wire::hl7::{Charset, Dtm, Presence};

fn names(message: &Message) -> Vec<String> {
    let parsed = wire::hl7::Message::parse(&message.bytes).unwrap();
    parsed.segments().map(|segment| String::from_utf8(segment.name().to_vec()).unwrap()).collect()
}

/// One field's component of a message.
fn text(message: &Message, segment: &str, field: usize, component: usize) -> String {
    let parsed = wire::hl7::Message::parse(&message.bytes).unwrap();
    let found = parsed.get(segment.as_bytes()).field(field).component(component);
    found.text(&Charset::UTF_8).into_owned()
}

fn last(practice: &Practice) -> &Message {
    practice.messages().last().unwrap()
}

fn quiet(shape: Shape) -> Practice {
    believable().practice.shaped(shape)
}

#[test]
fn every_message_parses_without_a_note() {
    let practice = believable().practice;
    for message in practice.messages() {
        let parsed = wire::hl7::Message::parse(&message.bytes).unwrap();
        let charset = parsed.charset(None);
        assert_eq!(parsed.notes(&charset), [], "{}", message.text());
        assert_eq!(parsed.header().field(4).raw(), b"NORTHSIDE");
        assert_eq!(parsed.header().field(11).raw(), b"P");
    }
}

#[test]
fn stamps_and_control_ids_rise_and_are_not_in_the_future() {
    let practice = believable().practice;
    let stamps: Vec<(String, String)> =
        practice.messages().map(|message| (text(message, "MSH", 7, 1), message.control_id.clone())).collect();
    assert!(stamps.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
    assert!(stamps.last().unwrap().0.as_str() <= "20261119090000.000");
    assert!(
        stamps.iter().all(|(at, id)| Dtm::parse(at.as_bytes()).unwrap().offset_minutes.is_none() && id.len() <= 20)
    );
}

#[test]
fn a_booking_says_the_whole_visit() {
    let mut practice = quiet(Shape::V251);
    let booking = Booking {
        note: Some("Daughter joins | by phone & video.\nHas results.".to_owned()),
        reason: "Follow-up".to_owned(),
        ..Booking::new("P4001", "DR7", "TV30", datetime(2026, 11, 20, 10, 30, 0, 0))
    };
    let id = practice.book(booking, now()).unwrap();
    let patient = practice.patient("P4001").unwrap().clone();
    let message = last(&practice);
    assert_eq!(names(message), ["MSH", "SCH", "TQ1", "NTE", "PID", "PV1", "RGS", "AIS", "AIL", "AIP"]);
    for (segment, field, component, expected) in [
        ("MSH", 9, 1, "SIU"),
        ("MSH", 9, 2, "S12"),
        ("MSH", 9, 3, "SIU_S12"),
        ("MSH", 12, 1, "2.5.1"),
        ("SCH", 2, 1, id.as_str()),
        ("SCH", 7, 2, "Follow-up"),
        ("SCH", 8, 1, "TV30"),
        ("SCH", 8, 2, "Telemedicine Visit"),
        ("SCH", 9, 1, "30"),
        ("SCH", 10, 1, "min"),
        ("SCH", 11, 4, ""),
        ("SCH", 25, 1, "Scheduled"),
        ("TQ1", 7, 1, "202611201030"),
        ("TQ1", 8, 1, "202611201100"),
        ("NTE", 3, 1, "Daughter joins | by phone & video.\nHas results."),
        ("PID", 3, 1, "P4001"),
        ("PID", 3, 5, "MR"),
        ("PID", 5, 1, patient.family.as_str()),
        ("PID", 5, 2, patient.given.as_str()),
        ("PV1", 3, 1, "VIRT"),
        ("PV1", 7, 1, "DR7"),
        ("PV1", 19, 1, id.as_str()),
        ("AIS", 3, 1, "TV30"),
        ("AIS", 4, 1, "202611201030"),
        ("AIL", 3, 1, "VIRT"),
        ("AIP", 3, 1, "DR7"),
        ("AIP", 3, 2, "Cole"),
        ("AIP", 3, 3, "Imani"),
        ("AIP", 6, 1, "202611201030"),
    ] {
        assert_eq!(text(message, segment, field, component), expected, "{segment}-{field}.{component}");
    }
    let parsed = wire::hl7::Message::parse(&message.bytes).unwrap();
    let address = parsed.get(b"PID").field(13).repetition(3);
    assert_eq!(address.component(2).raw(), b"NET");
    assert_eq!(address.component(4).text(&Charset::UTF_8), patient.email.unwrap());
}

#[test]
fn the_older_shape_tells_the_time_in_sch_11_only() {
    let mut practice = quiet(Shape::V23);
    practice.book(Booking::new("P4001", "DR7", "TV30", datetime(2026, 11, 20, 10, 30, 0, 0)), now()).unwrap();
    let message = last(&practice);
    assert_eq!(names(message), ["MSH", "SCH", "PID", "PV1", "RGS", "AIS", "AIL", "AIP"]);
    assert_eq!(text(message, "MSH", 12, 1), "2.3");
    assert_eq!(text(message, "MSH", 9, 3), "");
    assert_eq!(text(message, "SCH", 11, 3), "M30");
    assert_eq!(text(message, "SCH", 11, 4), "202611201030");
    assert_eq!(text(message, "SCH", 11, 5), "202611201100");
}

#[test]
fn every_change_has_its_trigger() {
    let mut practice = quiet(Shape::V251);
    let before = practice.messages().count();
    practice.move_to("A-1001", datetime(2026, 11, 20, 16, 0, 0, 0), now()).unwrap();
    let note = Change { note: Some("Called twice.".to_owned()), ..Change::default() };
    practice.change("A-1001", note.clone(), now()).unwrap();
    practice.change("A-1001", note, now()).unwrap(); // changes nothing
    practice.cancel("A-1001", Some("Feels better"), now()).unwrap();
    practice.cancel("A-1001", None, now()).unwrap(); // says it again
    practice.no_show("A-1002", now()).unwrap();
    practice.delete("A-1003", now()).unwrap();
    let email = |email: &str| PatientEdit { email: Some(email.to_owned()), ..PatientEdit::default() };
    practice.edit_patient("P2004", email("found@example.com"), now()).unwrap();
    practice.edit_patient("P4001", email("moved@example.com"), now()).unwrap();
    let told: Vec<(&str, &str, String)> = practice
        .messages()
        .skip(before)
        .map(|message| (message.trigger, message.about.as_str(), text(message, "SCH", 25, 1)))
        .collect();
    let expected = [
        ("S13", "A-1001", "Scheduled"),
        ("S14", "A-1001", "Scheduled"),
        ("S15", "A-1001", "Cancelled"),
        ("S26", "A-1002", "NoShow"),
        ("S17", "A-1003", ""),
        ("A08", "P2004", ""),
        ("A31", "P4001", ""),
    ];
    assert_eq!(told, expected.map(|(trigger, about, status)| (trigger, about, status.to_owned())));
    let cancelled = practice.messages().nth(before + 2).unwrap();
    assert_eq!(text(cancelled, "SCH", 6, 2), "Feels better");
    let edited = last(&practice);
    assert_eq!(names(edited), ["MSH", "EVN", "PID", "PV1"]);
    assert_eq!(text(edited, "MSH", 9, 3), "ADT_A05");
    assert_eq!(text(edited, "EVN", 1, 1), "A31");
}

#[test]
fn an_address_that_was_never_there_is_left_out_and_one_that_was_removed_is_a_null() {
    let mut practice = quiet(Shape::V251);
    let never = practice.messages().find(|message| message.about == "A-2004").unwrap();
    assert!(!never.text().contains("Internet"), "{}", never.text());
    practice.edit_patient("P4001", PatientEdit { email: Some(" ".into()), ..PatientEdit::default() }, now()).unwrap();
    let message = last(&practice).clone();
    let parsed = wire::hl7::Message::parse(&message.bytes).unwrap();
    assert_eq!(parsed.get(b"PID").field(13).repetition(3).component(4).presence(), Presence::Null);
    let back = PatientEdit { email: Some("back@example.org".into()), ..PatientEdit::default() };
    practice.edit_patient("P4001", back, now()).unwrap();
    assert!(last(&practice).text().contains("^NET^Internet^back@example.org"));
    assert!(!last(&practice).text().contains("\"\""));
}

#[test]
fn a_renamed_type_is_told_for_each_coming_visit() {
    let mut practice = quiet(Shape::V251);
    let before = practice.messages().count();
    let told = practice.rename_type("TV31", "Telemedicine  Visit ", now()).unwrap();
    let messages: Vec<&Message> = practice.messages().skip(before).collect();
    assert_eq!(messages.iter().map(|message| &message.control_id).collect::<Vec<_>>(), told.iter().collect::<Vec<_>>());
    let mut about: Vec<&str> = messages.iter().map(|message| message.about.as_str()).collect();
    about.sort_unstable();
    assert_eq!(about, ["A-2006", "A-2011"]);
    assert!(messages.iter().all(|message| text(message, "SCH", 8, 2) == "Telemedicine  Visit "), "kept as typed");
}

#[test]
fn what_cannot_be_is_refused_and_tells_nothing() {
    let mut practice = quiet(Shape::V251);
    let before = practice.messages().count();
    let at = datetime(2026, 11, 20, 10, 30, 0, 0);
    let mut refused = |booking| practice.book(booking, now()).unwrap_err().to_string();
    assert_eq!(refused(Booking::new("P0", "DR7", "TV30", at)), "There is no patient P0.");
    assert_eq!(refused(Booking::new("P4001", "DR0", "TV30", at)), "There is no provider DR0.");
    assert_eq!(refused(Booking::new("P4001", "DR7", "XX", at)), "There is no visit type XX.");
    let taken = Booking { id: Some("A-1001".to_owned()), ..Booking::new("P4001", "DR7", "TV30", at) };
    assert_eq!(refused(taken), "The id A-1001 is taken.");
    let skipped = Booking::new("P4001", "DR7", "TV30", datetime(2027, 3, 14, 2, 30, 0, 0));
    assert_eq!(refused(skipped), "2027-03-14 02:30 does not exist: the clocks go forward over it.");
    let moved = practice.move_to("A-2017", at, now()).unwrap_err().to_string();
    assert_eq!(moved, "The visit A-2017 is Cancelled; it cannot be moved or changed any more.");
    let unborn = PatientEdit { birth_date: Some("31.12.1980".into()), ..PatientEdit::default() };
    assert!(practice.edit_patient("P4001", unborn, now()).is_err());
    assert_eq!(practice.messages().count(), before);
}

#[test]
fn no_text_can_break_a_message() {
    let mut practice = quiet(Shape::V251);
    let hostile = "a\u{b}b\u{1c}c\rMSH|^~\\&|\nd^e~f\\g";
    let edit = PatientEdit { family: Some(hostile.into()), ..PatientEdit::default() };
    practice.edit_patient("P4001", edit, now()).unwrap();
    let message = last(&practice);
    assert_eq!(names(message), ["MSH", "EVN", "PID", "PV1"]);
    assert_eq!(text(message, "PID", 5, 1), "abcMSH|^~\\&|\nd^e~f\\g");
}

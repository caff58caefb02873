//! A whole scheduling message, read as the engine reads it, in the shapes that senders give it.

use wire::hl7::{DurationValue, Message, Precision, Presence, Unit, amount, tq_duration};

/// A booking as a 2.3 practice system sends it: time in SCH-11 only, AIL before AIS, no MSH-9.3, a Z segment.
const BOOKING: &str = "MSH|^~\\&|CHIRON|NORTHSIDE|PUNCTUAL|WEST|20270401080000.123-0500||SIU^S12|000042|P|2.3|||AL|NE\r\
SCH|P1^CHIRON|F1^CHIRON|2|||CHECKUP^Check-up \\T\\ clean^L|Tooth \\S\\ jaw|VIS^Visit|30|^MIN|^^M30^202704020900-0500^202704020930||||||||||||||Scheduled\r\
NTE|1|L|bring card\\.br\\and \\X70686F746F\\\r\
ZCH|kept|as^it&is\r\
PID|1||M1^^^EAST^MR~900-11-2222^^^USA^SS||van Dyke&van&Dyke^Ana^\"\"||19800229|F|||1 Elm St&Elm St&1^^Springfield^IL^62701||^PRN^PH^^1^555^5550100~^NET^Internet^ana@example.org\r\
RGS|1|A\r\
AIL|1|A|CL1^RM2|||20270402090000|-5|min|35|min\r\
AIS|1|A|VIS^Visit^L\r\
AIP|1|A|1000000001^Lee^Kim^^^^MD^^NPI|ATTEND\r\
AIP|2|A|1000000002^Poe^Max|ASSIST\r\
ZZZ|last";

fn check(text: &str) {
    let message = Message::parse(text.as_bytes()).unwrap();
    let charset = message.charset(None);
    assert_eq!(message.notes(&charset), []);
    assert_eq!((message.code(), message.trigger()), (&b"SIU"[..], &b"S12"[..]));
    assert_eq!(message.header().field(9).component(3).presence(), Presence::NotSent);
    assert_eq!(message.control_id().raw(), b"000042");
    assert_eq!(message.version().unwrap().to_string(), "2.3");
    let sent = message.header().field(7).dtm().unwrap().unwrap();
    assert_eq!((sent.nanosecond, sent.offset_minutes), (123_000_000, Some(-300)));

    let sch = message.get(b"SCH");
    assert_eq!(sch.field(2).component(1).text(&charset), "F1");
    assert_eq!(sch.field(6).component(2).text(&charset), "Check-up & clean");
    assert_eq!(sch.field(7).component(1).text(&charset), "Tooth ^ jaw");
    assert_eq!(sch.field(25).text(&charset), "Scheduled");
    assert_eq!(sch.field(26).presence(), Presence::NotSent);
    let timing = sch.field(11);
    let start = timing.component(4).dtm().unwrap().unwrap();
    assert_eq!((start.hour, start.precision, start.offset_minutes), (9, Precision::Minute, Some(-300)));
    assert_eq!(timing.component(5).dtm().unwrap().unwrap().offset_minutes, None);
    assert_eq!(tq_duration(timing.component(3).raw()), Ok(DurationValue::Seconds(1800)));
    let unit = Unit::of(&sch.field(10)).unwrap();
    assert_eq!(amount(sch.field(9).raw(), unit), Ok(DurationValue::Seconds(1800)));

    let pid = message.get(b"PID").fields();
    let ids: Vec<_> = pid.get(3).repetitions().map(|id| id.component(5).raw()).collect();
    assert_eq!(ids, [b"MR", b"SS"]);
    let family = pid.get(5).component(1);
    assert_eq!(family.subcomponent(1).text(&charset), "van Dyke");
    assert_eq!(pid.get(5).component(3).presence(), Presence::Null);
    assert_eq!(pid.get(13).repetition(2).component(4).text(&charset), "ana@example.org");
    assert_eq!(message.get(b"NTE").field(3).text(&charset), "bring card\nand photo");

    let names: Vec<_> = message.segments().map(|segment| segment.name().to_vec()).collect();
    let expected = ["MSH", "SCH", "NTE", "ZCH", "PID", "RGS", "AIL", "AIS", "AIP", "AIP", "ZZZ"];
    assert_eq!(names, expected.map(|name| name.as_bytes().to_vec()));
    let people: Vec<_> = message.all(b"AIP").map(|aip| aip.field(3).component(1).raw()).collect();
    assert_eq!(people, [b"1000000001", b"1000000002"]);
    assert_eq!(wire::hl7::offset(message.get(b"AIL").field(7).raw(), unit), Ok((true, DurationValue::Seconds(300))));
}

#[test]
fn a_booking_is_read_whatever_ends_its_lines() {
    for end in ["\r", "\n", "\r\n"] {
        check(&BOOKING.replace('\r', end));
    }
}

#[test]
fn a_booking_is_read_whatever_its_delimiters() {
    let swap = |c| match c {
        '|' => '$',
        '^' => '%',
        '~' => '*',
        '\\' => '/',
        '&' => '+',
        c => c,
    };
    // `&` and `^` are ordinary letters now and need no escape.
    check(&BOOKING.chars().map(swap).collect::<String>().replace("/T/", "&").replace("/S/", "^"));
}

#[test]
fn a_fifth_encoding_character_changes_nothing_else() {
    check(&BOOKING.replacen("^~\\&", "^~\\&#", 1));
}

#[test]
fn every_trigger_is_read_whatever_the_structure_says() {
    for trigger in (12..=24).chain([26, 27]) {
        for structure in ["", "^SIU_S12", &format!("^SIU_S{trigger}"), "^ADT_A01"] {
            let text = BOOKING.replacen("SIU^S12", &format!("SIU^S{trigger}{structure}"), 1);
            let message = Message::parse(text.as_bytes()).unwrap();
            assert_eq!(message.trigger(), format!("S{trigger}").as_bytes());
        }
    }
}

#[test]
fn names_are_read_in_the_set_they_were_written_in() {
    // The same name in UTF-8, in ISO 8859-1 as declared, and in windows-1252 that nobody declared.
    let utf8 = BOOKING.replace("Ana", "Zoë");
    let latin: Vec<u8> = utf8.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let declared: Vec<u8> = {
        let text = utf8.replacen("|AL|NE\r", "|AL|NE||8859/1\r", 1);
        text.chars().map(|c| u8::try_from(c).unwrap()).collect()
    };
    for (bytes, notes) in [(utf8.as_bytes(), 0), (&latin[..], 1), (&declared[..], 0)] {
        let message = Message::parse(bytes).unwrap();
        let charset = message.charset(None);
        assert_eq!(message.get(b"PID").field(5).component(2).text(&charset), "Zoë");
        assert_eq!(message.notes(&charset).len(), notes);
    }
}

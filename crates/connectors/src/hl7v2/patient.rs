//! Patients: PID with what belongs to it (HL7 v2.5.1 §3.4.2, §6.5.6).

use crate::hl7v2::decode::Problem;
use crate::hl7v2::paths::Hl7Paths;
use crate::hl7v2::values::Reading;
use domain::model::{Address, BirthDate, Coverage, Fact, PatientRecord, Restriction, Sex, Stamp, Way};
use domain::phi::Phi;
use domain::setup::RuleSet;
use domain::text::Text;
use jiff::civil::Date;
use wire::hl7::ack::ErrorCode;
use wire::hl7::{Field, Location, Presence, Repetition, Segment};

/// The patient's id and its place: the identifier of the profile's type, else the first, else the old PID-2.
pub(super) fn patient_id(reading: &Reading<'_, '_>, rules: &RuleSet, pid: &Segment<'_>) -> Option<(Text, Text)> {
    let wanted = rules.source.hl7v2.patient_id_type.as_str();
    let identifiers = pid.field(3);
    let mut first = None;
    for (n, repetition) in identifiers.repetitions().enumerate() {
        let id = repetition.component(1);
        if !id.has_value() {
            continue;
        }
        let Some(value) = Text::present(&id.text(&reading.charset)) else { continue };
        let place = if n == 0 { Text::literal("PID-3.1") } else { Text::from(format_args!("PID-3({}).1", n + 1)) };
        if repetition.component(5).raw().eq_ignore_ascii_case(wanted.as_bytes()) {
            return Some((value, place));
        }
        first.get_or_insert((value, place));
    }
    first.or_else(|| reading.trimmed(&pid.field(2), 1).map(|id| (id, Text::literal("PID-2.1"))))
}

/// What a PID says about its patient.
pub(super) fn patient_record(
    reading: &Reading<'_, '_>,
    paths: &Hl7Paths,
    rules: &RuleSet,
    pid: &Segment<'_>,
    sequence: u16,
    stamp: Stamp,
) -> Result<(PatientRecord, Text), Problem> {
    let Some((source_id, place)) = patient_id(reading, rules, pid) else {
        return Err(Problem {
            code: ErrorCode::REQUIRED_FIELD_MISSING,
            location: Some(Location::field(b"PID", sequence, 3)),
            diagnostic: Text::literal("The patient has no identifier: PID-3 and PID-2 are empty."),
        });
    };
    let fields = pid.fields();
    let name = name_of(&fields.get(5));
    let (email, email_place) = email(reading, paths, pid);
    let (mobile, phone) = phones(reading, pid);
    let record = PatientRecord {
        source_id,
        stamp,
        family: part_of_name(reading, &name, 1),
        given: part_of_name(reading, &name, 2),
        birth_date: birth_date(&fields.get(7), sequence)?,
        sex: sex(&fields.get(8)),
        email,
        email_place,
        mobile,
        phone,
        address: address(reading, &fields.get(11)),
        language: coded(reading, &fields.get(15)),
        coverage: coverage(reading, pid),
        restrictions: restrictions(reading, rules, pid),
    };
    Ok((record, place))
}

/// The legal name (XPN.7 = L), else the first.
fn name_of<'a>(field: &Field<'a>) -> Repetition<'a> {
    let legal = field.repetitions().find(|name| name.component(7).raw() == b"L");
    legal.unwrap_or_else(|| field.repetition(1))
}

fn part_of_name(reading: &Reading<'_, '_>, name: &Repetition<'_>, component: usize) -> Fact<Phi<Text>> {
    let part = name.component(component);
    match part.subcomponent(1).presence() {
        Presence::NotSent => Fact::NotSaid,
        Presence::Null => Fact::Cleared,
        Presence::Value => Fact::of(Text::present(&part.subcomponent(1).text(&reading.charset)).map(Phi::new)),
    }
}

fn coded(reading: &Reading<'_, '_>, field: &Field<'_>) -> Fact<Phi<Text>> {
    match field.presence() {
        Presence::NotSent => Fact::NotSaid,
        Presence::Null => Fact::Cleared,
        Presence::Value => Fact::of(reading.trimmed(field, 1).map(Phi::new)),
    }
}

fn birth_date(field: &Field<'_>, sequence: u16) -> Result<Fact<Phi<BirthDate>>, Problem> {
    if field.presence() == Presence::Null {
        return Ok(Fact::Cleared);
    }
    let dtm = field.dtm().map_err(|error| Problem {
        code: ErrorCode::DATA_TYPE,
        location: Some(Location::field(b"PID", sequence, 7)),
        diagnostic: Text::from(error.to_string()),
    })?;
    let date = dtm.filter(|dtm| dtm.precision >= wire::hl7::Precision::Day).and_then(|dtm| {
        let (year, month, day) =
            (i16::try_from(dtm.year).ok()?, i8::try_from(dtm.month).ok()?, i8::try_from(dtm.day).ok()?);
        Date::new(year, month, day).ok()
    });
    Ok(Fact::of(date.map(|date| Phi::new(BirthDate(date)))))
}

fn sex(field: &Field<'_>) -> Fact<Phi<Sex>> {
    let word = field.component(1).raw().trim_ascii();
    match (field.presence(), word.first().map(u8::to_ascii_uppercase)) {
        (Presence::Null, _) => Fact::Cleared,
        (_, Some(b'F')) => Fact::Is(Phi::new(Sex::Female)),
        (_, Some(b'M')) => Fact::Is(Phi::new(Sex::Male)),
        (_, Some(b'U')) => Fact::Is(Phi::new(Sex::Unknown)),
        (_, Some(_)) => Fact::Is(Phi::new(Sex::Other)),
        (_, None) => Fact::NotSaid,
    }
}

fn address(reading: &Reading<'_, '_>, field: &Field<'_>) -> Fact<Phi<Address>> {
    match field.presence() {
        Presence::NotSent => return Fact::NotSaid,
        Presence::Null => return Fact::Cleared,
        Presence::Value => {}
    }
    let part = |component| reading.trimmed(field, component);
    let address = Address { line: part(1), city: part(3), state: part(4), postal_code: part(5), country: part(6) };
    let says_something = address.line.is_some() || address.city.is_some() || address.postal_code.is_some();
    Fact::of(says_something.then(|| Phi::new(address)))
}

/// The e-mail address and its place. An address stands in XTN.4 of an internet entry (XTN.2 NET or XTN.3 Internet), and
/// in real messages wherever there is an `@`.
fn email(reading: &Reading<'_, '_>, paths: &Hl7Paths, pid: &Segment<'_>) -> (Fact<Phi<Text>>, Option<Text>) {
    let mut cleared = false;
    for path in &paths.email {
        // A path into another segment (a Z segment, say) is looked up there; PID paths in this very PID.
        let field = if &path.segment == b"PID" {
            pid.field(path.field)
        } else {
            reading.message.get(&path.segment).field(path.field)
        };
        match field.presence() {
            Presence::NotSent => continue,
            Presence::Null => {
                cleared = true;
                continue;
            }
            Presence::Value => {}
        }
        if let Some(component) = path.component {
            if let Some(address) = reading.trimmed(&field, component) {
                return (Fact::Is(Phi::new(address)), Some(path.text.clone()));
            }
            continue;
        }
        for entry in field.repetitions() {
            if let Some((address, component)) = address_in(reading, &entry) {
                return (Fact::Is(Phi::new(address)), Some(path.place(component)));
            }
            // Beside phone numbers that stay, an internet entry without an address is how one is taken away.
            cleared |= is_internet(&entry) && entry.component(4).subcomponent(1).presence() == Presence::Null;
        }
    }
    (if cleared { Fact::Cleared } else { Fact::NotSaid }, None)
}

fn is_internet(entry: &Repetition<'_>) -> bool {
    entry.component(2).raw().eq_ignore_ascii_case(b"NET") || entry.component(3).raw().eq_ignore_ascii_case(b"INTERNET")
}

fn address_in(reading: &Reading<'_, '_>, entry: &Repetition<'_>) -> Option<(Text, usize)> {
    let is_internet = is_internet(entry);
    for component in [4, 1, 12] {
        let part = entry.component(component);
        if part.has_value() && (part.raw().contains(&b'@') || (is_internet && component == 4)) {
            return Text::present(&part.text(&reading.charset)).map(|address| (address, component));
        }
    }
    None
}

/// Mobile number (XTN.3 CP) and another one.
fn phones(reading: &Reading<'_, '_>, pid: &Segment<'_>) -> (Fact<Phi<Text>>, Fact<Phi<Text>>) {
    let (mut mobile, mut phone) = (Fact::NotSaid, Fact::NotSaid);
    for number in [13, 14, 40] {
        for entry in pid.field(number).repetitions() {
            if address_in(reading, &entry).is_some() {
                continue;
            }
            let Some(value) = number_in(reading, &entry) else { continue };
            let slot = if entry.component(3).raw().eq_ignore_ascii_case(b"CP") { &mut mobile } else { &mut phone };
            if matches!(slot, Fact::NotSaid) {
                *slot = Fact::Is(Phi::new(value));
            }
        }
    }
    (mobile, phone)
}

/// A number: unformatted (XTN.12), from its parts (5 to 7), or as text (XTN.1).
fn number_in(reading: &Reading<'_, '_>, entry: &Repetition<'_>) -> Option<Text> {
    let part = |component| {
        let part = entry.component(component);
        if part.has_value() { Text::present(&part.text(&reading.charset)) } else { None }
    };
    if let Some(number) = part(12).or_else(|| part(1)) {
        return Some(number);
    }
    let (country, area, local) = (part(5), part(6), part(7)?);
    let mut number = String::new();
    if let Some(country) = country {
        number.push('+');
        number.push_str(&country);
        number.push(' ');
    }
    if let Some(area) = area {
        number.push_str(&area);
        number.push(' ');
    }
    number.push_str(&local);
    Some(Text::from(number))
}

/// What the publicity code (PD1-11, table 0215) says against telling the patient things. A code that the profile does
/// not name closes every way: nobody is written to on a guess.
fn restrictions(reading: &Reading<'_, '_>, rules: &RuleSet, pid: &Segment<'_>) -> Fact<Phi<Vec<Restriction>>> {
    let mut behind = reading.message.segments().skip_while(|segment| segment.ordinal() <= pid.ordinal());
    // It stands right behind the PID it belongs to.
    let Some(more) = behind.next().filter(|segment| segment.name() == b"PD1") else { return Fact::NotSaid };
    let field = more.field(11);
    let code = match field.presence() {
        Presence::NotSent => return Fact::NotSaid,
        Presence::Null => return Fact::Cleared,
        Presence::Value => reading.trimmed(&field, 1),
    };
    let Some(code) = code else { return Fact::NotSaid };
    if rules.source.hl7v2.publicity_allows.contains(&code) {
        return Fact::Cleared;
    }
    let said = match reading.trimmed(&field, 2) {
        Some(text) => Text::from(format!("{code} {text}")),
        None => code,
    };
    Fact::Is(Phi::new(vec![Restriction { way: Way::Any, said, place: Text::literal("PD1-11") }]))
}

/// Who pays, from the first IN1 behind this PID: company (IN1-4) and policy number (IN1-36).
fn coverage(reading: &Reading<'_, '_>, pid: &Segment<'_>) -> Fact<Phi<Coverage>> {
    let behind = reading.message.segments().skip_while(|segment| segment.ordinal() <= pid.ordinal());
    let insurance = behind.take_while(|segment| segment.name() != b"PID").find(|segment| segment.name() == b"IN1");
    let Some(insurance) = insurance else { return Fact::NotSaid };
    let has = |number| reading.trimmed(&insurance.field(number), 1).is_some();
    let coverage = match (has(4), has(36)) {
        (true, true) => Coverage::Insured,
        (false, _) => Coverage::Incomplete(Text::literal("IN1-4")),
        (true, false) => Coverage::Incomplete(Text::literal("IN1-36")),
    };
    Fact::Is(Phi::new(coverage))
}

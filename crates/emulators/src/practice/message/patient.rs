//! PID.

use crate::practice::{Clinic, Patient, PatientField};
use wire::hl7::MessageWriter;

/// Writes the patient. What was emptied is a null; what was never known is left out.
pub(super) fn pid(writer: &mut MessageWriter<'_>, clinic: &Clinic, patient: &Patient) {
    let removed = |field| patient.removed.contains(&field);
    writer.segment(b"PID").field(1).number(1);
    writer.field(3).text(&patient.id).component(4).text(&clinic.facility).component(5).text("MR");
    writer.field(5).text(&patient.family).component(2).text(&patient.given).component(7).text("L");
    writer.field(7);
    match patient.birth_date {
        Some(date) => writer.text(&date.strftime("%Y%m%d").to_string()),
        None if removed(PatientField::BirthDate) => writer.null(),
        None => writer,
    };
    writer.field(8).text(&patient.sex);
    writer.field(11);
    if removed(PatientField::Address) {
        writer.null();
    } else if patient.present().contains(&PatientField::Address) {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        writer.text(&part(&patient.street)).component(3).text(&part(&patient.city));
        writer.component(4).text(&part(&patient.state)).component(5).text(&part(&patient.postal_code));
        writer.component(6).text("USA").component(7).text("H");
    }
    writer.field(13);
    let mut repetition = 0;
    for (field, value, kind) in [
        (PatientField::Phone, &patient.phone, ["PRN", "PH"]),
        (PatientField::Mobile, &patient.mobile, ["PRN", "CP"]),
        (PatientField::Email, &patient.email, ["NET", "Internet"]),
    ] {
        if value.is_none() && !removed(field) {
            continue;
        }
        repetition += 1;
        writer.repetition(repetition);
        let is_email = field == PatientField::Email;
        match (value, is_email) {
            (Some(value), false) => writer.text(value).component(2).text(kind[0]).component(3).text(kind[1]),
            (Some(value), true) => {
                writer.component(2).text(kind[0]).component(3).text(kind[1]).component(4).text(value)
            }
            (None, false) => writer.null().component(2).text(kind[0]).component(3).text(kind[1]),
            (None, true) => writer.component(2).text(kind[0]).component(3).text(kind[1]).component(4).null(),
        };
        if let Some((area, local)) = value.as_deref().filter(|_| !is_email).and_then(number) {
            writer.component(5).number(1).component(6).text(&area).component(7).text(&local);
        }
    }
    writer.field(15).text(&patient.language);
}

/// Area code and local number of a number with ten digits.
fn number(phone: &str) -> Option<(String, String)> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    (digits.len() == 10).then(|| (digits[..3].to_owned(), digits[3..].to_owned()))
}

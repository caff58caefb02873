//! ADT: a patient was added or edited.

use crate::practice::message::{Stamped, Trigger, header, patient, second};
use crate::practice::{Clinic, Patient, Shape};

/// MSH EVN PID PV1.
pub(in crate::practice) fn adt(
    clinic: &Clinic,
    shape: Shape,
    stamped: &Stamped,
    trigger: Trigger,
    record: &Patient,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(600);
    let mut writer = header::begin(&mut out, clinic, shape, stamped, trigger);
    writer.segment(b"EVN").field(1).text(trigger.event()).field(2).text(&second(clinic.local(stamped.shown)));
    patient::pid(&mut writer, clinic, record);
    // The structure asks for a PV1 also where there is no visit; N: not applicable.
    writer.segment(b"PV1").field(1).number(1).field(2).text("N");
    drop(writer);
    out
}

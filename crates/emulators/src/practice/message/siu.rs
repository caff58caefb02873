//! SIU: what happened to a visit. Every message carries the whole visit.

use crate::practice::message::{Stamped, Trigger, header, minute, patient};
use crate::practice::{Clinic, Department, Patient, Provider, Shape, Staff, Status, Visit, VisitType};
use wire::hl7::{LineBreak, MessageWriter};

/// A visit with everybody and everything that it names.
pub(in crate::practice) struct VisitParts<'p> {
    pub(in crate::practice) visit: &'p Visit,
    pub(in crate::practice) patient: &'p Patient,
    pub(in crate::practice) provider: &'p Provider,
    pub(in crate::practice) department: &'p Department,
    pub(in crate::practice) visit_type: &'p VisitType,
    pub(in crate::practice) staff: Option<&'p Staff>,
}

/// MSH SCH TQ1 NTE PID PV1 RGS AIS AIL AIP; without TQ1 in the older shape, which tells the time in SCH-11.
pub(in crate::practice) fn siu(
    clinic: &Clinic,
    shape: Shape,
    stamped: &Stamped,
    trigger: Trigger,
    parts: &VisitParts<'_>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(1200);
    let mut writer = header::begin(&mut out, clinic, shape, stamped, trigger);
    sch(&mut writer, clinic, shape, trigger, parts);
    if shape == Shape::V251 {
        tq1(&mut writer, parts.visit);
    }
    if let Some(note) = &parts.visit.note {
        writer.segment(b"NTE").field(1).number(1).field(2).text("L");
        writer.line_breaks(LineBreak::Formatted).field(3).text(note).line_breaks(LineBreak::Hex);
    }
    patient::pid(&mut writer, clinic, parts.patient);
    pv1(&mut writer, clinic, parts);
    resources(&mut writer, clinic, trigger, parts);
    drop(writer);
    out
}

fn sch(writer: &mut MessageWriter<'_>, clinic: &Clinic, shape: Shape, trigger: Trigger, parts: &VisitParts<'_>) {
    let visit = parts.visit;
    let [code, text] = trigger.reason();
    writer.segment(b"SCH").field(2).text(&visit.id).component(2).text(&clinic.application);
    writer.field(6).text(code).component(2).text(visit.called_off.as_deref().unwrap_or(text));
    writer.field(7).component(2).text(&visit.reason);
    writer.field(8).text(&parts.visit_type.id).component(2).text(&parts.visit_type.name);
    writer.field(9).number(u32::from(visit.minutes)).field(10).text("min");
    if shape == Shape::V23 {
        writer.field(11).component(3).text(&format!("M{}", visit.minutes));
        writer.component(4).text(&minute(visit.start)).component(5).text(&minute(visit.end()));
    }
    for number in [16, 20] {
        if let Some(staff) = parts.staff {
            writer.field(number).text(&staff.id).component(2).text(&staff.family).component(3).text(&staff.given);
        }
    }
    // A visit that was taken out of the diary has no status any more.
    if visit.status != Status::Deleted {
        writer.field(25).text(visit.status.word());
    }
}

fn tq1(writer: &mut MessageWriter<'_>, visit: &Visit) {
    writer.segment(b"TQ1").field(1).number(1);
    writer.field(6).number(u32::from(visit.minutes)).component(2).text("min");
    writer.field(7).text(&minute(visit.start)).field(8).text(&minute(visit.end()));
}

fn pv1(writer: &mut MessageWriter<'_>, clinic: &Clinic, parts: &VisitParts<'_>) {
    writer.segment(b"PV1").field(1).number(1).field(2).text("O");
    writer.field(3).text(&parts.department.id).component(2).text(&parts.department.room);
    writer.component(4).text(&clinic.facility).field(7);
    person(writer, parts.provider);
    writer.field(19).text(&parts.visit.id);
}

/// One group of resources: the service, the room and the provider.
fn resources(writer: &mut MessageWriter<'_>, clinic: &Clinic, trigger: Trigger, parts: &VisitParts<'_>) {
    // Only a new booking adds; other messages say how everything is, and no action.
    let action = if trigger == Trigger::S12 { "A" } else { "" };
    let (visit, start) = (parts.visit, minute(parts.visit.start));
    let minutes = u32::from(visit.minutes);
    writer.segment(b"RGS").field(1).number(1).field(2).text(action);
    writer.segment(b"AIS").field(1).number(1).field(2).text(action);
    writer.field(3).text(&parts.visit_type.id).component(2).text(&parts.visit_type.name);
    writer.field(4).text(&start).field(7).number(minutes).field(8).text("min");
    writer.segment(b"AIL").field(1).number(1).field(2).text(action);
    writer.field(3).text(&parts.department.id).component(2).text(&parts.department.room);
    writer.component(4).text(&clinic.facility);
    writer.field(4).text("D").component(2).text("Department");
    writer.field(6).text(&start).field(9).number(minutes).field(10).text("min");
    writer.segment(b"AIP").field(1).number(1).field(2).text(action).field(3);
    person(writer, parts.provider);
    writer.field(4).text("ATND").component(2).text("Attending");
    writer.field(6).text(&start).field(9).number(minutes).field(10).text("min");
}

/// A person as XCN.
fn person(writer: &mut MessageWriter<'_>, provider: &Provider) {
    writer.text(&provider.id).component(2).text(&provider.family).component(3).text(&provider.given);
    writer.component(7).text(&provider.degree);
}

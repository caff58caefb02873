//! MSH.

use crate::practice::message::{Stamped, Trigger, millisecond};
use crate::practice::{Clinic, Shape};
use wire::hl7::{Charset, Delimiters, MessageWriter};

/// Begins a message with its header.
pub(super) fn begin<'v>(
    out: &'v mut Vec<u8>,
    clinic: &Clinic,
    shape: Shape,
    stamped: &Stamped,
    trigger: Trigger,
) -> MessageWriter<'v> {
    let mut writer = MessageWriter::new(out, Delimiters::default(), Charset::UTF_8);
    let now = millisecond(clinic.local(stamped.shown));
    writer.header().field(3).text(&clinic.application).field(4).text(&clinic.facility);
    writer.field(5).text("INTERFACE").field(6).text("INTERFACE").field(7).text(&now);
    writer.field(9).text(trigger.code()).component(2).text(trigger.event());
    if shape == Shape::V251 {
        writer.component(3).text(trigger.structure());
    }
    writer.field(10).text(&stamped.control_id).field(11).text("P").field(12).text(shape.version());
    writer.field(18).text("UNICODE UTF-8");
    writer
}

//! Values out of a message, with their places.

use crate::hl7v2::paths::FieldPath;
use domain::model::Seen;
use domain::text::Text;
use wire::hl7::{Charset, Field, Message, Segment};

/// A message with the character set it is read with.
pub(super) struct Reading<'m, 'a> {
    pub(super) message: &'m Message<'a>,
    pub(super) charset: Charset,
}

impl<'a> Reading<'_, 'a> {
    /// The value of a coded field: component 1, or the component the path names.
    pub(super) fn code(&self, path: &FieldPath) -> Option<Seen> {
        self.message.all(&path.segment).find_map(|segment| self.code_in(&segment, path))
    }

    /// The same, in one segment.
    pub(super) fn code_in(&self, segment: &Segment<'a>, path: &FieldPath) -> Option<Seen> {
        let component = path.component.unwrap_or(1);
        let value = self.trimmed(&segment.field(path.field), component)?;
        Some(Seen { value, place: path.place(component) })
    }

    /// The value that all segments of a name agree on, when they do.
    pub(super) fn agreed(&self, path: &FieldPath) -> Option<Seen> {
        let mut agreed: Option<Seen> = None;
        for segment in self.message.all(&path.segment) {
            match (self.code_in(&segment, path), &agreed) {
                (None, _) => {}
                (Some(value), None) => agreed = Some(value),
                (Some(value), Some(held)) if value.value == held.value => {}
                (Some(_), Some(_)) => return None,
            }
        }
        agreed
    }

    /// A component's text without blanks around it; `None` when empty or null.
    pub(super) fn trimmed(&self, field: &Field<'a>, component: usize) -> Option<Text> {
        let part = field.component(component);
        if !part.has_value() {
            return None;
        }
        // A component with subcomponents is a name or a hierarchic designator: its first part is the value.
        Text::present(&part.subcomponent(1).text(&self.charset))
    }

    /// A component's text exactly as sent: for names that must match letter by letter.
    pub(super) fn exact(&self, field: &Field<'a>, component: usize) -> Option<Text> {
        let part = field.component(component);
        part.has_value().then(|| Text::from(part.text(&self.charset)))
    }
}

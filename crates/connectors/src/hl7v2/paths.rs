//! Field paths of a profile, read once for each state of the set-up.

use domain::profile::Hl7Rules;
use domain::text::Text;
use wire::hl7::Charset;

/// A place in a message: `SCH-8`, `AIP-3.1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath {
    /// The segment's name.
    pub segment: [u8; 3],
    /// The field's number.
    pub field: usize,
    /// The component; `None`: the code and, behind it, the text.
    pub component: Option<usize>,
    /// As the profile writes it.
    pub text: Text,
}

impl FieldPath {
    /// Reads a path; `None` when it is none.
    pub fn read(text: &Text) -> Option<FieldPath> {
        let (segment, rest) = text.split_once('-')?;
        let segment: [u8; 3] = segment.as_bytes().try_into().ok()?;
        let (field, component) = match rest.split_once('.') {
            Some((field, component)) => (field, Some(component.parse().ok().filter(|n| *n > 0)?)),
            None => (rest, None),
        };
        let field = field.parse().ok().filter(|n| *n > 0)?;
        Some(FieldPath { segment, field, component, text: text.clone() })
    }

    /// The place of one component of this field, for evidence.
    pub fn place(&self, component: usize) -> Text {
        match self.component {
            Some(_) => self.text.clone(),
            None => Text::from(format_args!("{}.{component}", self.text)),
        }
    }
}

/// The paths of one source.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the fields are those of `Hl7Rules`")]
pub struct Hl7Paths {
    pub visit_type: Vec<FieldPath>,
    pub department: Vec<FieldPath>,
    pub status: Vec<FieldPath>,
    pub status_reason: Vec<FieldPath>,
    pub status_note: Vec<FieldPath>,
    pub participant_status: Vec<FieldPath>,
    pub replaces: Vec<FieldPath>,
    pub provider: Vec<FieldPath>,
    pub email: Vec<FieldPath>,
    pub modality: Vec<FieldPath>,
    pub appointment_id: Vec<FieldPath>,
    pub charset: Option<Charset>,
}

impl Hl7Paths {
    /// Reads the paths of a profile. A path that cannot be read is left out and logged: profiles inside the program are
    /// tested to have none.
    pub fn of(rules: &Hl7Rules) -> Hl7Paths {
        let read = |paths: &[Text]| {
            let mut found = Vec::new();
            for text in paths {
                match FieldPath::read(text) {
                    Some(path) => found.push(path),
                    None => tracing::error!(path = %text, "the profile names a field path that cannot be read"),
                }
            }
            found
        };
        Hl7Paths {
            visit_type: read(&rules.visit_type),
            department: read(&rules.department),
            status: read(&rules.status),
            status_reason: read(&rules.status_reason),
            status_note: read(&rules.status_note),
            participant_status: read(&rules.participant_status),
            replaces: read(&rules.replaces),
            provider: read(&rules.provider),
            email: read(&rules.email),
            modality: read(&rules.modality),
            appointment_id: read(&rules.appointment_id),
            charset: rules.charset.as_deref().and_then(Charset::named),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_the_profile_writes_them() {
        let path = FieldPath::read(&"AIP-3.1".into()).unwrap();
        assert_eq!((&path.segment, path.field, path.component), (b"AIP", 3, Some(1)));
        assert_eq!(FieldPath::read(&"SCH-8".into()).unwrap().place(2), "SCH-8.2");
        for wrong in ["SCH8", "SCHX-8", "SCH-0", "SCH-8.x", "-1"] {
            assert_eq!(FieldPath::read(&wrong.into()), None, "{wrong}");
        }
    }

    #[test]
    fn every_profile_inside_has_readable_paths() {
        for (shelf, id, _) in domain::profile::profile_texts().iter().filter(|(shelf, ..)| *shelf == "sources") {
            let rules = domain::profile::load_source(id, &[]).unwrap().hl7v2;
            let paths = Hl7Paths::of(&rules);
            assert_eq!(paths.visit_type.len(), rules.visit_type.len(), "{shelf}/{id}");
            assert_eq!(paths.provider.len(), rules.provider.len(), "{shelf}/{id}");
        }
    }
}

//! The patients of a visit, as a viewer may see them.

use crate::Result;
use crate::setup::Integration;
use domain::explain::Sight;
use domain::model::Patient;
use domain::text::Text;
use serde::Serialize;
use store::Reader;

/// A patient of a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonView {
    /// The source's id.
    pub source_id: Text,
    /// The name, or initials for viewers to whom identities are masked; `None`: not known.
    pub name: Option<String>,
}

/// The patients with these ids, in their order.
pub(crate) fn people<'a>(
    reader: &mut dyn Reader,
    integration: &Integration,
    ids: impl IntoIterator<Item = &'a Text>,
    sight: Sight,
) -> Result<Vec<PersonView>> {
    let mut people = Vec::new();
    for id in ids {
        let row = reader.patient(integration.key(), id)?;
        let name = row.as_ref().and_then(|row| Patient::full_name(&row.patient));
        people.push(PersonView { source_id: id.clone(), name: name.map(|name| sight.name(&name)) });
    }
    Ok(people)
}

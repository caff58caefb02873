//! Which visit types travel, and what to say about those that do not.

use crate::model::{Modality, VisitType};
use crate::profile::{Approval, SourceTypes, TypeMatch};
use crate::setup::TypeDoc;
use crate::text::Text;
use std::collections::HashMap;

/// A visit type the practice announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedType {
    /// The name, exactly as the source must write it.
    pub name: Text,
    /// The source's id, when supplied.
    pub id: Option<Text>,
    /// How patient and provider meet.
    pub modality: Option<Modality>,
    /// It came with the platform, unannounced (requirement S0-25).
    pub is_default: bool,
}

/// What the table says about a type met in a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeFinding<'a> {
    /// It is approved.
    Approved(&'a ApprovedType),
    /// No type is listed and the platform takes any.
    AnyAccepted,
    /// Almost an approved name; never accepted silently (requirement S1-6).
    NearMiss(&'a ApprovedType),
    /// The id is approved under quite another name (requirement S0-27).
    Renamed(&'a ApprovedType),
    /// Matching is by id, and this id (or the approved type's own) was never supplied (requirement S1-7, S1-8).
    IdMissing(Option<&'a ApprovedType>),
    /// Not on the list, and nothing on it is alike (requirement S0-24).
    NotConfigured,
}

/// The approved types of one integration.
#[derive(Clone, Debug, Default)]
pub struct TypeTable {
    types: Vec<ApprovedType>,
    by_name: HashMap<Text, usize, foldhash::fast::FixedState>,
    by_id: HashMap<Text, usize, foldhash::fast::FixedState>,
    rules: SourceTypes,
    approval: Approval,
}

impl TypeTable {
    /// A table of these types under a source's and a platform's rules.
    pub fn new(documents: &[TypeDoc], rules: SourceTypes, approval: Approval) -> TypeTable {
        TypeTable::with_default(documents, None, rules, approval)
    }

    /// The same with the type that comes with the platform, unless the practice lists it itself.
    pub fn with_default(
        documents: &[TypeDoc],
        default: Option<&TypeDoc>,
        rules: SourceTypes,
        approval: Approval,
    ) -> TypeTable {
        let approved = |doc: &TypeDoc, is_default| ApprovedType {
            name: doc.source_name.clone(),
            id: doc.source_id.clone(),
            modality: doc.modality,
            is_default,
        };
        let is_default = |doc: &TypeDoc| default.is_some_and(|default| default.source_name == doc.source_name);
        let unlisted = default.filter(|_| !documents.iter().any(is_default));
        let listed = documents.iter().map(|doc| approved(doc, is_default(doc)));
        let types: Vec<ApprovedType> = unlisted.map(|doc| approved(doc, true)).into_iter().chain(listed).collect();
        TypeTable {
            by_name: types.iter().enumerate().map(|(n, kind)| (kind.name.clone(), n)).collect(),
            by_id: types.iter().enumerate().filter_map(|(n, kind)| kind.id.clone().map(|id| (id, n))).collect(),
            types,
            rules,
            approval,
        }
    }

    /// What holds for a type as the source names it. `None`: the source named no type at all.
    pub fn find(&self, visit_type: Option<&VisitType>) -> TypeFinding<'_> {
        if self.types.is_empty() && self.approval == Approval::ListedElseAll {
            return TypeFinding::AnyAccepted;
        }
        let Some(met) = visit_type else { return TypeFinding::NotConfigured };
        match self.rules.match_by {
            TypeMatch::Name => self.find_by_name(met),
            TypeMatch::Id => self.find_by_id(met),
        }
    }

    fn find_by_name(&self, met: &VisitType) -> TypeFinding<'_> {
        let code = met.id.as_ref();
        // Systems that have no name beside the code are matched by the code as the name.
        if let Some(&n) = self.by_name.get(&met.name).or_else(|| code.and_then(|code| self.by_name.get(code))) {
            return TypeFinding::Approved(&self.types[n]);
        }
        if let Some(near) = self.nearest(&met.name) {
            return TypeFinding::NearMiss(near);
        }
        match code.and_then(|code| self.by_id.get(code)) {
            Some(&n) => TypeFinding::Renamed(&self.types[n]),
            None => TypeFinding::NotConfigured,
        }
    }

    fn find_by_id(&self, met: &VisitType) -> TypeFinding<'_> {
        if let Some(&n) = met.id.as_ref().and_then(|id| self.by_id.get(id)) {
            return TypeFinding::Approved(&self.types[n]);
        }
        // Listed by name but without an id, or a new id: both want an id supplied, not a silent match by name.
        TypeFinding::IdMissing(self.by_name.get(&met.name).map(|&n| &self.types[n]))
    }

    /// The approved name that `name` was probably meant to be: equal but for case, blanks and look-alike letters, or
    /// within the profile's number of edits (and never more than a quarter of the name).
    fn nearest(&self, name: &str) -> Option<&ApprovedType> {
        let plain = crate::explain::plain_form(name);
        self.types
            .iter()
            .filter_map(|kind| {
                let approved = crate::explain::plain_form(&kind.name);
                let edits = strsim::damerau_levenshtein(&plain, &approved);
                let allowed = self.rules.near_miss_edits.min(approved.chars().count() / 4);
                (edits <= allowed).then_some((edits, kind))
            })
            .min_by_key(|(edits, _)| *edits)
            .map(|(_, kind)| kind)
    }

    /// The approved types.
    pub fn approved(&self) -> &[ApprovedType] {
        &self.types
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(match_by: TypeMatch) -> TypeTable {
        let kind = |name: &str, id: Option<&str>| TypeDoc {
            source_name: name.into(),
            source_id: id.map(Text::from),
            modality: None,
        };
        let rules = SourceTypes { match_by, near_miss_edits: 2 };
        TypeTable::new(&[kind("Telemedicine Visit", Some("TV30")), kind("Video Check", None)], rules, Approval::Listed)
    }

    fn met(id: Option<&str>, name: &str) -> VisitType {
        VisitType { id: id.map(Text::from), name: name.into(), place: "SCH-8".into() }
    }

    #[test]
    fn s1_6_names_match_exactly_and_near_misses_are_named() {
        let table = table(TypeMatch::Name);
        let find = |name| table.find(Some(&met(None, name))).to_owned();
        assert!(matches!(find("Telemedicine Visit"), TypeFinding::Approved(_)));
        for near in [
            "Telemedicine Vist",
            "telemedicine visit",
            "Telemedicine  Visit",
            "Telemedicine Visit ",
            "Telemedicine V\u{456}sit",
        ] {
            assert!(matches!(find(near), TypeFinding::NearMiss(kind) if kind.name == "Telemedicine Visit"), "{near:?}");
        }
        assert_eq!(find("Office Visit"), TypeFinding::NotConfigured);
        assert_eq!(table.find(None), TypeFinding::NotConfigured);
    }

    #[test]
    fn s0_27_the_same_id_under_another_name_is_a_renaming() {
        let table = table(TypeMatch::Name);
        assert!(matches!(table.find(Some(&met(Some("TV30"), "Virtual Consult"))), TypeFinding::Renamed(_)));
        assert!(matches!(table.find(Some(&met(Some("TV30"), "Telemedicine Vist"))), TypeFinding::NearMiss(_)));
    }

    #[test]
    fn s1_7_matching_by_id_never_falls_back_to_the_name() {
        let table = table(TypeMatch::Id);
        assert!(matches!(table.find(Some(&met(Some("TV30"), "whatever"))), TypeFinding::Approved(_)));
        assert!(matches!(table.find(Some(&met(Some("999"), "Video Check"))), TypeFinding::IdMissing(Some(_))));
        assert_eq!(table.find(Some(&met(Some("999"), "Office"))), TypeFinding::IdMissing(None));
    }

    #[test]
    fn an_empty_list_takes_all_only_where_the_platform_says_so() {
        let all = TypeTable::new(&[], SourceTypes::default(), Approval::ListedElseAll);
        assert_eq!(all.find(None), TypeFinding::AnyAccepted);
        let none = TypeTable::new(&[], SourceTypes::default(), Approval::Listed);
        assert_eq!(none.find(Some(&met(None, "Office"))), TypeFinding::NotConfigured);
    }
}

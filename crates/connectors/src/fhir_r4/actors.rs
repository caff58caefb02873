//! Whom a reference names: literal, contained, in the same bundle, or by identifier alone.

use crate::fhir_r4::Terms;
use domain::text::Text;
use serde_json::value::RawValue;
use std::collections::HashMap;
use wire::fhir::{Appointment, HumanName, Identifier, Patient, Practitioner, Reference, Str, read, resource_type};

/// The resources that came along in the same bundle, by the address that references use.
#[derive(Debug, Default)]
pub struct Included {
    by_url: HashMap<Text, (Text, Text)>,
}

impl Included {
    /// Nothing came along.
    pub fn none() -> Included {
        Included::default()
    }

    /// Notes a resource under its `fullUrl`. Only those that nothing else tells of are worth noting: addresses that
    /// end in type and id speak for themselves.
    pub(super) fn note(&mut self, full_url: &str, kind: &str, id: &str) {
        self.by_url.insert(Text::from(full_url), (Text::from(kind), Text::from(id)));
    }
}

/// What an actor is for a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Patient,
    Provider,
    Department,
}

/// An actor that means something for a visit.
#[derive(Clone, Debug)]
pub(super) struct Actor<'r> {
    pub(super) role: Role,
    /// The source's id; `None`: the reference does not say who it is.
    pub(super) id: Option<Text>,
    /// The resource inside the visit, when it is one.
    pub(super) contained: Option<&'r RawValue>,
}

/// What a reference names; `None`: nothing that visits are about (a device, a relative), or nobody can tell.
pub(super) fn actor<'r>(
    terms: &Terms<'_>,
    visit: &Appointment<'r>,
    included: &Included,
    reference: &Reference<'_>,
) -> Option<Actor<'r>> {
    let literal = reference.reference.as_ref().and_then(Str::present);
    if let Some(local) = literal.and_then(|literal| literal.strip_prefix('#')) {
        let (kind, resource) = contained(visit, local)?;
        let role = role_of_type(terms, &kind)?;
        return Some(Actor { role, id: identifier_in(terms, role, resource), contained: Some(resource) });
    }
    if let Some(literal) = literal {
        if let Some((kind, id)) = included.by_url.get(literal) {
            return Some(Actor { role: role_of_type(terms, kind)?, id: Some(id.clone()), contained: None });
        }
        if let Some((kind, id)) = type_and_id(terms, literal) {
            return Some(Actor { role: role_of_type(terms, kind)?, id: Some(id), contained: None });
        }
    }
    let identifier = reference.identifier.as_ref();
    let by_type = reference.kind.as_deref().and_then(|kind| role_of_type(terms, kind));
    let role = by_type.or_else(|| role_of_system(terms, identifier?.system.as_deref()?))?;
    Some(Actor { role, id: identifier.and_then(value_of), contained: None })
}

/// `Patient/1`, `Patient/1/_history/2`, or the same below an address. Under another server's address the whole
/// address is the id: its numbers are not this server's.
fn type_and_id<'l>(terms: &Terms<'_>, literal: &'l str) -> Option<(&'l str, Text)> {
    let whole = literal.split_once("/_history/").map_or(literal, |(whole, _)| whole);
    let own = terms.base.and_then(|base| whole.strip_prefix(base)).map(|rest| rest.trim_start_matches('/'));
    let (path, foreign) = match own {
        Some(rest) => (rest, false),
        None => (whole, whole.contains("://") || whole.starts_with("urn:")),
    };
    let (front, id) = path.rsplit_once('/')?;
    let kind = front.rsplit('/').next()?;
    let is_type = kind.starts_with(|first: char| first.is_ascii_uppercase());
    (is_type && !id.is_empty()).then(|| (kind, Text::from(if foreign { whole } else { id })))
}

fn role_of_type(terms: &Terms<'_>, kind: &str) -> Option<Role> {
    let rules = terms.fhir();
    let among = |kinds: &[Text]| kinds.iter().any(|known| *known == *kind);
    if kind == "Patient" {
        Some(Role::Patient)
    } else if among(&rules.provider) {
        Some(Role::Provider)
    } else if among(&rules.department) {
        Some(Role::Department)
    } else {
        None
    }
}

fn role_of_system(terms: &Terms<'_>, system: &str) -> Option<Role> {
    [Role::Patient, Role::Provider, Role::Department]
        .into_iter()
        .find(|role| systems(terms, *role).iter().any(|known| *known == *system))
}

fn systems<'i>(terms: &Terms<'i>, role: Role) -> &'i [Text] {
    let rules = terms.fhir();
    match role {
        Role::Patient => &rules.patient_systems,
        Role::Provider => &rules.provider_systems,
        Role::Department => &rules.department_systems,
    }
}

fn value_of(identifier: &Identifier<'_>) -> Option<Text> {
    identifier.value.as_ref().and_then(Str::present).map(Text::from)
}

/// A resource inside the visit, by its local id.
fn contained<'r>(visit: &Appointment<'r>, local: &str) -> Option<(Str<'r>, &'r RawValue)> {
    #[derive(serde::Deserialize)]
    struct Head<'a> {
        #[serde(borrow)]
        id: Option<Str<'a>>,
    }
    visit.contained.iter().find_map(|resource| {
        let head: Head<'_> = read(resource.get().as_bytes()).ok()?;
        let found = head.id.as_deref() == Some(local);
        found.then(|| resource_type(resource.get().as_bytes()).ok().map(|kind| (kind, *resource))).flatten()
    })
}

/// The business identifier of a resource that has no id outside the visit: of the profile's systems, else the first.
fn identifier_in(terms: &Terms<'_>, role: Role, resource: &RawValue) -> Option<Text> {
    let json = resource.get().as_bytes();
    let identifiers = match role {
        Role::Patient => read::<Patient<'_>>(json).ok()?.identifier,
        // The elements that are read of a location and of a provider's role are those of a practitioner.
        Role::Provider | Role::Department => read::<Bare<'_>>(json).ok()?.identifier,
    };
    let wanted = systems(terms, role);
    let of_system = |identifier: &&Identifier<'_>| {
        identifier.system.as_deref().is_some_and(|system| wanted.iter().any(|known| *known == *system))
    };
    identifiers.iter().find(of_system).and_then(value_of).or_else(|| identifiers.iter().find_map(value_of))
}

#[derive(serde::Deserialize)]
struct Bare<'a> {
    #[serde(default, borrow)]
    identifier: Vec<Identifier<'a>>,
}

/// The name of a practitioner inside a visit.
pub(super) fn practitioner_name(resource: &RawValue) -> Option<Text> {
    let practitioner: Practitioner<'_> = read(resource.get().as_bytes()).ok()?;
    let name = best_name(&practitioner.name)?;
    let part = |part: Option<&Str<'_>>| part.and_then(Str::present).map(str::to_owned);
    let given = part(name.given.iter().flatten().next());
    match (given, part(name.family.as_ref())) {
        (Some(given), Some(family)) => Some(Text::from(format!("{given} {family}"))),
        (given, family) => given.or(family).or_else(|| part(name.text.as_ref())).map(Text::from),
    }
}

/// The official name, else the usual one, else the first that is neither outdated nor a nickname.
pub(super) fn best_name<'n, 'a>(names: &'n [HumanName<'a>]) -> Option<&'n HumanName<'a>> {
    let of_use = |usage: &str| names.iter().find(|name| name.usage.as_deref() == Some(usage));
    let plain = |name: &&HumanName<'_>| {
        !matches!(name.usage.as_deref(), Some("old" | "maiden" | "nickname" | "anonymous" | "temp"))
    };
    of_use("official").or_else(|| of_use("usual")).or_else(|| names.iter().find(plain))
}

//! The rule set of one integration: document, profiles, overrides and links joined into what gates look up.

use crate::ids::IntegrationKey;
use crate::model::LinkMethod;
use crate::profile::{PlatformProfile, ProfileError, SourceProfile, StatusWords, load_platform, load_source};
use crate::reasons::Reason;
use crate::setup::{
    Directory, IntegrationDoc, Lifecycle, Owner, OwnerRole, PatientNotices, PracticeDoc, ProviderEntry, StatusTable,
    TypeTable, UserEntry,
};
use crate::text::Text;
use crate::time::{Calendar, Moment, TimeMarks, UnknownZone, Zone};
use std::collections::HashMap;

/// Which kind of things a link joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the kinds name themselves")]
pub enum LinkKind {
    Provider,
    Patient,
    Type,
    Department,
    Location,
    Book,
    Reason,
}

impl LinkKind {
    /// Every kind.
    pub const ALL: [LinkKind; 7] = [
        LinkKind::Provider,
        LinkKind::Patient,
        LinkKind::Type,
        LinkKind::Department,
        LinkKind::Location,
        LinkKind::Book,
        LinkKind::Reason,
    ];

    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            LinkKind::Provider => "provider",
            LinkKind::Patient => "patient",
            LinkKind::Type => "type",
            LinkKind::Department => "department",
            LinkKind::Location => "location",
            LinkKind::Book => "book",
            LinkKind::Reason => "reason",
        }
    }

    /// Reads the word back.
    pub fn from_word(word: &str) -> Option<LinkKind> {
        LinkKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A link made by a person (patients apart, whose links stand with their records).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFact {
    /// What it joins.
    pub kind: LinkKind,
    /// The source's id.
    pub source_id: Text,
    /// The platform's id.
    pub platform_id: Text,
    /// Who made it.
    pub author: Text,
    /// When.
    pub at: Moment,
}

/// Everything about an integration that is kept beside its document.
#[derive(Clone, Debug, PartialEq)]
pub struct SetupFacts {
    /// Its key in the store.
    pub key: IntegrationKey,
    /// Raised with every change of document, links or lifecycle.
    pub version: u64,
    /// When it last changed.
    pub changed_at: Moment,
    /// Where it stands.
    pub lifecycle: Lifecycle,
    /// Since when.
    pub lifecycle_since: Moment,
    /// Since when the platform's endpoint answers that it is gone.
    pub gone_since: Option<Moment>,
    /// Why the signing secret cannot be read, when it cannot.
    pub secret_problem: Option<Text>,
    /// Links made by people.
    pub links: Vec<LinkFact>,
}

/// Why a document cannot become a rule set.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SetupError {
    /// The practice's or a department's zone is unknown.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    /// A profile is unknown, or an override does not fit.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// An override's path begins with neither side.
    #[error("override {0:?}: the path begins with `source.` or `platform.`")]
    OverrideSide(Text),
    /// A status rule that looks at nothing.
    #[error("a status rule names a word (`source`), a reason code (`reason`) or a phrase of the note (`note`)")]
    EmptyStatusRule,
}

/// What gates look up for one integration. Built once for each change of the set-up, shared by all decisions.
#[derive(Clone, Debug)]
pub struct RuleSet {
    /// The integration's key in the store.
    pub key: IntegrationKey,
    /// Its id.
    pub integration: Text,
    /// The practice's id.
    pub practice: Text,
    /// The practice's name.
    pub practice_name: Text,
    /// Version of the set-up, and when it last changed.
    pub version: u64,
    /// When the set-up last changed.
    pub changed_at: Moment,
    /// The clinic's zone.
    pub zone: Zone,
    /// Zones of departments that differ.
    pub department_zones: HashMap<Text, Zone>,
    /// The clinic's business days.
    pub calendar: Calendar,
    /// Where the integration stands.
    pub lifecycle: Lifecycle,
    /// Since when.
    pub lifecycle_since: Moment,
    /// The source profile with overrides.
    pub source: SourceProfile,
    /// The platform profile with overrides.
    pub platform: PlatformProfile,
    /// How data come.
    pub route: Text,
    /// Who tells patients.
    pub patient_notices: PatientNotices,
    /// Visit types.
    pub types: TypeTable,
    /// Registered departments: id → name.
    pub departments: HashMap<Text, Option<Text>, foldhash::fast::FixedState>,
    /// Providers and users.
    pub directory: Directory,
    /// Status words.
    pub statuses: StatusTable,
    /// Persons behind roles.
    pub owners: Vec<Owner>,
    /// The platform works with this source (requirement S1-2).
    pub supported: bool,
    /// Since when the platform's endpoint answers that it is gone.
    pub gone_since: Option<Moment>,
    /// Why the signing secret cannot be read, when it cannot.
    pub secret_problem: Option<Text>,
    /// Links made by people.
    pub links: Vec<LinkFact>,
}

impl RuleSet {
    /// Joins a document with the facts kept beside it.
    pub fn compile(practice: &PracticeDoc, doc: &IntegrationDoc, facts: &SetupFacts) -> Result<RuleSet, SetupError> {
        let overrides = |side: &str| {
            doc.overrides
                .iter()
                .filter_map(|o| o.path.strip_prefix(side).map(|path| (Text::from(path), o.value.clone())))
                .collect::<Vec<_>>()
        };
        if let Some(astray) =
            doc.overrides.iter().find(|o| !o.path.starts_with("source.") && !o.path.starts_with("platform."))
        {
            return Err(SetupError::OverrideSide(astray.path.clone()));
        }
        if doc.statuses.iter().any(|rule| rule.source.is_empty() && rule.reason.is_none() && rule.note.is_none()) {
            return Err(SetupError::EmptyStatusRule);
        }
        let source = load_source(&doc.source.profile, &overrides("source."))?;
        let platform = load_platform(&doc.platform.profile, &overrides("platform."))?;
        let supported = platform.sources.as_ref().is_none_or(|known| known.contains(&doc.source.profile));
        let mut department_zones = HashMap::new();
        for department in &doc.departments {
            if let Some(zone) = &department.time_zone {
                department_zones.insert(department.source_id.clone(), Zone::named(zone)?);
            }
        }
        let departments = doc.departments.iter().map(|d| (d.source_id.clone(), d.name.clone()));
        let linked_departments =
            facts.links.iter().filter(|l| l.kind == LinkKind::Department).map(|l| (l.source_id.clone(), None));
        Ok(RuleSet {
            key: facts.key,
            integration: doc.id.clone(),
            practice: practice.id.clone(),
            practice_name: practice.name.clone(),
            version: facts.version,
            changed_at: facts.changed_at,
            zone: Zone::named(&practice.time_zone)?,
            department_zones,
            calendar: Calendar::with_holidays(practice.holidays.to_vec()),
            lifecycle: facts.lifecycle,
            lifecycle_since: facts.lifecycle_since,
            types: type_table(doc, facts, &source, &platform),
            departments: linked_departments.chain(departments).collect(),
            directory: directory(doc, facts),
            statuses: StatusTable::new(
                &doc.statuses,
                source.statuses.clone(),
                &source.status_rules,
                &source.free_text.watch,
                route_words(doc)?,
            ),
            owners: doc
                .owners
                .iter()
                .map(|o| Owner {
                    role: o.role,
                    code: o.code,
                    step: o.step,
                    name: o.name.clone(),
                    email: o.email.clone(),
                })
                .collect(),
            patient_notices: doc.notices.patients,
            route: doc.source.route.clone(),
            gone_since: facts.gone_since,
            secret_problem: facts.secret_problem.clone(),
            links: facts.links.clone(),
            supported,
            source,
            platform,
        })
    }

    /// The marks that time rules measure against at `now`.
    pub fn marks(&self, now: Moment) -> TimeMarks {
        let times = &self.platform.times;
        TimeMarks::at(now, &self.zone, &self.calendar, times.horizon_months, times.slow_lane_business_days)
    }

    /// The zone of a department, else the practice's.
    pub fn zone_of(&self, department: Option<&str>) -> &Zone {
        department.and_then(|id| self.department_zones.get(id)).unwrap_or(&self.zone)
    }

    /// Where the source would tell a patient's e-mail address, for evidence where it told none.
    pub fn email_place(&self) -> Text {
        match (self.route.as_str(), &self.source.api.email_place) {
            ("fhir-r4", _) => Text::literal("Patient.telecom"),
            ("hl7v2", _) | (_, None) => self.source.hl7v2.email.first().cloned().unwrap_or_default(),
            (_, Some(place)) => place.clone(),
        }
    }

    /// Where the source tells of a patient.
    pub fn patient_place(&self) -> Text {
        match (self.route.as_str(), &self.source.api.patient_place) {
            ("fhir-r4", _) => Text::literal("Patient"),
            ("hl7v2", _) | (_, None) => Text::literal("PID"),
            (_, Some(place)) => place.clone(),
        }
    }

    /// The person who acts for a role here, when one is named.
    pub fn owner(&self, role: OwnerRole) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.role == role && owner.code.is_none() && owner.step == 0)
    }

    /// The person who acts on a reason here: whoever is named for it, else for its role, else who stands in for that.
    pub fn person_for(&self, reason: Reason) -> Option<&Owner> {
        let role = reason.entry().owner;
        let named = self.owners.iter().find(|owner| owner.code == Some(reason) && owner.step == 0);
        named.or_else(|| self.owner(role)).or_else(|| self.owner(role.stand_in()?))
    }

    /// Whom a cause of this reason goes to, one after another: its owner first. Whoever stands on it for a role only
    /// may have no name.
    pub fn path_for(&self, reason: Reason) -> Vec<(OwnerRole, Option<&Owner>)> {
        let role = reason.entry().owner;
        let first = self.person_for(reason);
        let mut path = vec![(role, first)];
        let named = |code: Option<Reason>| {
            let mut behind: Vec<&Owner> = self
                .owners
                .iter()
                .filter(|owner| owner.step > 0 && owner.code == code && (code.is_some() || owner.role == role))
                .collect();
            behind.sort_by_key(|owner| owner.step);
            behind
        };
        let mut behind = named(Some(reason));
        if behind.is_empty() {
            behind = named(None);
        }
        if behind.is_empty() {
            let roles = self.platform.exceptions.path.iter().filter(|next| **next != role);
            let next: Vec<_> = roles.map(|next| (*next, self.owner(*next))).collect();
            // Where a practice names some of them it goes to those; where it names nobody, to the roles.
            let anybody = next.iter().any(|(_, person)| person.is_some());
            // Nobody gets the same thing twice.
            let goes_to = |person: Option<&Owner>| if anybody { person.is_some() && person != first } else { true };
            path.extend(next.into_iter().filter(|(_, person)| goes_to(*person)));
        } else {
            path.extend(behind.into_iter().map(|owner| (owner.role, Some(owner))));
        }
        path
    }

    /// Reasons that somebody has to act on, and nobody is named who could be told (requirement S3-23). Whoever is named
    /// at all can be: the example of the contract names the desk only, and goes live.
    pub fn ownerless(&self) -> Vec<Reason> {
        let is_named = self.owners.iter().any(|owner| owner.code.is_none() && owner.step == 0);
        let acts = |reason: &Reason| !is_named && reason.entry().owner.acts();
        Reason::ALL.iter().copied().filter(acts).filter(|reason| self.person_for(*reason).is_none()).collect()
    }
}

/// The words that come with the route, below the profile's own.
fn route_words(doc: &IntegrationDoc) -> Result<StatusWords, SetupError> {
    // The open routes have profiles of their own whose words are the standard's.
    let standard = ["hl7v2", "fhir-r4"].contains(&doc.source.route.as_str()) && doc.source.route != doc.source.profile;
    Ok(if standard { load_source(&doc.source.route, &[])?.statuses } else { StatusWords::default() })
}

/// A link of kind `type` approves a type under the name (or id) the source uses, as another name of a listed one.
fn type_table(
    doc: &IntegrationDoc,
    facts: &SetupFacts,
    source: &SourceProfile,
    platform: &PlatformProfile,
) -> TypeTable {
    let mut types = doc.types.to_vec();
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::Type) {
        let alias = doc
            .types
            .iter()
            .find(|kind| kind.source_name == link.platform_id || kind.source_id.as_ref() == Some(&link.platform_id));
        let mut linked = alias.cloned().unwrap_or_else(|| crate::setup::TypeDoc {
            source_name: link.source_id.clone(),
            source_id: None,
            modality: None,
        });
        linked.source_name = link.source_id.clone();
        linked.source_id = Some(link.source_id.clone());
        types.push(linked);
    }
    // A type of the platform's own is for the way of meeting that the platform is for.
    let default = platform.types.default_name.as_ref().map(|name| crate::setup::TypeDoc {
        source_name: name.clone(),
        source_id: None,
        modality: match platform.modality.carries.as_deref() {
            Some([only]) => Some(*only),
            _ => None,
        },
    });
    TypeTable::with_default(&types, default.as_ref(), source.types, platform.types.approved)
}

/// Providers as the document lists them; a person's link adds the platform account, and the provider when unlisted.
fn directory(doc: &IntegrationDoc, facts: &SetupFacts) -> Directory {
    let mut providers: Vec<ProviderEntry> = doc
        .providers
        .iter()
        .map(|p| ProviderEntry {
            source_id: p.source_id.clone(),
            name: p.name.clone(),
            active: p.active,
            linked: p.platform_id.as_ref().map(|_| (LinkMethod::Document, facts.changed_at)),
            platform_id: p.platform_id.clone(),
        })
        .collect();
    let user_as_provider = doc.users.iter().filter(|user| user.role == crate::setup::UserRole::Provider);
    for user in user_as_provider {
        if let Some(id) = user.source_id.as_ref().filter(|id| !doc.providers.iter().any(|p| p.source_id == **id)) {
            providers.push(ProviderEntry {
                source_id: id.clone(),
                name: user.name.clone(),
                active: true,
                platform_id: None,
                linked: None,
            });
        }
    }
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::Provider) {
        let linked = Some((LinkMethod::Person, link.at));
        match providers.iter_mut().find(|p| p.source_id == link.source_id) {
            Some(entry) => {
                entry.platform_id = Some(link.platform_id.clone());
                entry.linked = linked;
            }
            None => providers.push(ProviderEntry {
                source_id: link.source_id.clone(),
                name: None,
                active: true,
                platform_id: Some(link.platform_id.clone()),
                linked,
            }),
        }
    }
    let users = doc
        .users
        .iter()
        .map(|u| (u.source_id.clone(), UserEntry { email: u.email.clone(), name: u.name.clone(), role: u.role }))
        .collect();
    Directory::new(providers, users)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PracticeNo;
    use crate::setup::Document;

    const DOCUMENT: &str = r#"
        [practice]
        id = "northside"
        name = "Northside Family Clinic"
        time_zone = "America/Chicago"
        [[integration]]
        id = "northside-chiron"
        source = { profile = "kareo", route = "hl7v2" }
        platform = { profile = "chiron", route = "pull" }
    "#;

    fn rules(owners: &[&str]) -> RuleSet {
        let listed = owners.iter().map(|owner| format!("[[integration.owner]]\n{owner}\n"));
        let document = Document::from_toml(&format!("{DOCUMENT}{}", listed.collect::<String>())).unwrap();
        let facts = SetupFacts {
            key: IntegrationKey { practice: PracticeNo(1), integration: 1 },
            version: 1,
            changed_at: Moment::default(),
            lifecycle: Lifecycle::Live,
            lifecycle_since: Moment::default(),
            gone_since: None,
            secret_problem: None,
            links: Vec::new(),
        };
        RuleSet::compile(&document.practice, &document.integration[0], &facts).unwrap()
    }

    fn path(rules: &RuleSet, reason: Reason) -> Vec<String> {
        let said = |(role, person): (OwnerRole, Option<&Owner>)| {
            format!("{role} {}", person.map_or("-", |person| person.name.as_str()))
        };
        rules.path_for(reason).into_iter().map(said).collect()
    }

    const DESK: &str = "role = \"desk\"\nname = \"Dana\"";
    const ADMIN: &str = "role = \"admin\"\nname = \"Priya\"";
    const SUPPORT: &str = "role = \"support\"\nname = \"Sam\"";
    const ENGINEER: &str = "role = \"engineer\"\nname = \"Ivo\"";

    #[test]
    fn s3_23_every_reason_has_a_person_as_soon_as_anybody_is_named() {
        let ownerless = |owners: &[&str]| rules(owners).ownerless();
        let acts = Reason::ALL.iter().filter(|reason| reason.entry().owner.acts()).count();
        assert_eq!(ownerless(&[]).len(), acts);
        assert!(ownerless(&[DESK]).is_empty() && ownerless(&[SUPPORT]).is_empty());
        let one = "role = \"desk\"\ncode = \"PATIENT_EMAIL_MISSING\"\nname = \"Intake\"";
        assert_eq!(ownerless(&[one]).len(), acts - 1, "whoever is named for one reason acts on that one");
    }

    #[test]
    fn a_person_named_for_a_reason_comes_before_the_one_of_the_role() {
        let one = "role = \"desk\"\ncode = \"PATIENT_EMAIL_MISSING\"\nname = \"Intake\"";
        let rules = rules(&[DESK, one]);
        let person = |reason| rules.person_for(reason).map(|person| person.name.to_string());
        assert_eq!(person(Reason::PatientEmailMissing).as_deref(), Some("Intake"));
        assert_eq!(person(Reason::PatientEmailInvalid).as_deref(), Some("Dana"));
        assert_eq!(person(Reason::GrantRevoked), None);
    }

    #[test]
    fn a_path_is_that_of_the_reason_else_of_the_role_else_of_the_profile() {
        let second = "role = \"desk\"\nstep = 2\nname = \"Manager\"";
        let first = "role = \"desk\"\nstep = 1\nname = \"Lead\"";
        let own = "role = \"support\"\ncode = \"PATIENT_EMAIL_MISSING\"\nstep = 1\nname = \"Hotline\"";
        let missing = Reason::PatientEmailMissing;
        assert_eq!(path(&rules(&[DESK, ADMIN, ENGINEER]), missing), ["desk Dana", "admin Priya", "engineer Ivo"]);
        assert_eq!(path(&rules(&[DESK]), missing), ["desk Dana", "admin -", "support -", "engineer -"]);
        assert_eq!(path(&rules(&[DESK, ADMIN, second, first]), missing), ["desk Dana", "desk Lead", "desk Manager"]);
        let all = rules(&[DESK, second, own]);
        assert_eq!(path(&all, missing), ["desk Dana", "support Hotline"]);
        assert_eq!(path(&all, Reason::PatientEmailInvalid), ["desk Dana", "desk Manager"]);
        // Who stands in for a role is not asked a second time.
        let outside = Reason::ALL.iter().copied().find(|reason| reason.entry().owner == OwnerRole::EhrVendor).unwrap();
        assert_eq!(path(&rules(&[ADMIN, SUPPORT]), outside), ["ehr_vendor Priya", "support Sam"]);
    }

    #[test]
    fn an_unknown_code_of_an_owner_is_refused() {
        let document = format!("{DOCUMENT}[[integration.owner]]\nrole = \"desk\"\ncode = \"NOPE\"\nname = \"Dana\"\n");
        assert!(Document::from_toml(&document).unwrap_err().to_string().contains("NOPE"));
    }
}

//! The rule set of one integration: document, profiles, overrides and links joined into what gates look up.

use crate::ids::IntegrationKey;
use crate::model::LinkMethod;
use crate::profile::{PlatformProfile, ProfileError, SourceProfile, StatusWords, load_platform, load_source};
use crate::reasons::Reason;
use crate::setup::{
    Directory, IntegrationDoc, Lifecycle, Owner, PatientNotices, PracticeDoc, ProviderEntry, StatusTable, TypeTable,
    UserEntry,
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
    /// Somebody is named for a data check and for another reason at once.
    #[error("an owner is named for the data check {check} and for the code {code}; leave the code out")]
    CheckOfAnotherCode {
        /// The check.
        check: &'static str,
        /// The code beside it.
        code: Reason,
    },
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
            owners: doc.owners.iter().map(Owner::of).collect::<Result<_, _>>()?,
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

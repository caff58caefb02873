//! May an integration go live, and what is missing for it: asked beforehand, changing nothing.

use crate::ops::Actor;
use crate::poll::Failure;
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::profile::Approval;
use domain::reasons::Reason;
use domain::setup::{Lifecycle, OwnerRole, RuleSet};
use domain::text::Text;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a look at an integration's readiness came to.
#[derive(Clone, Debug, Serialize)]
pub struct Readiness {
    /// The integration.
    pub integration: Text,
    /// Where it stands.
    pub lifecycle: Lifecycle,
    /// Nothing is missing: it may go live, or rightly is.
    pub ready: bool,
    /// What was looked at.
    pub items: Vec<ReadinessItem>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadinessItem {
    /// What, in one word.
    pub check: &'static str,
    /// How it is.
    pub state: ReadinessState,
    /// The reason that visits would be stopped by.
    pub code: Option<Reason>,
    /// What was found.
    pub found: String,
    /// Who acts, when something is to be done.
    pub owner: Option<ReadinessOwner>,
    /// What to do.
    pub fix: Option<String>,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessState {
    /// As it should be.
    Ok,
    /// Worth doing; it does not stop going live.
    Advice,
    /// It must be there before going live.
    Missing,
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadinessOwner {
    /// The role.
    pub role: OwnerRole,
    /// The person, when one is named.
    pub name: Option<Text>,
}

impl Engine {
    /// Looks whether an integration may go live. Nothing is changed.
    pub async fn check_readiness(&self, actor: &Actor, integration: &str) -> Result<Readiness> {
        let feed = self.show_integration(actor, integration).await?.feed;
        let integration = self.integration_for(actor, integration)?;
        let tried = self.try_source(&integration).await;
        let looked = Look { integration: &integration, rules: &integration.rules };
        let mut items = vec![
            looked.at_access(),
            looked.at_support(),
            looked.at_feed_address(),
            looked.at_source(tried.as_ref()),
            looked.at_feed(feed.state),
            looked.at_platform_address(self.carrier.as_ref()),
            looked.at_endpoint(),
            looked.at_secret(),
            looked.at_types(),
        ];
        items.extend(looked.at_providers());
        items.push(looked.at_owners());
        items.push(looked.at_sign_off());
        let ready = items.iter().all(|item| item.state != ReadinessState::Missing);
        let (integration, lifecycle) = (looked.rules.integration.clone(), looked.rules.lifecycle);
        Ok(Readiness { integration, lifecycle, ready, items })
    }
}

/// Who is still to be named, one for each role with codes that nobody acts on (requirement S3-23). A role that acts
/// for several is named once.
pub(crate) fn owners_to_name(rules: &RuleSet) -> Vec<String> {
    let mut codes: BTreeMap<OwnerRole, Vec<&'static str>> = BTreeMap::new();
    for reason in rules.ownerless() {
        let role = reason.entry().owner;
        codes.entry(role.stand_in().unwrap_or(role)).or_default().push(reason.code());
    }
    let told = |(role, codes): (OwnerRole, Vec<&str>)| {
        let some: Vec<&str> = codes.iter().take(3).copied().collect();
        let more =
            if codes.len() > some.len() { format!(" and {} more", codes.len() - some.len()) } else { String::new() };
        format!("nobody is named who acts as {role} (on {}{more})", some.join(", "))
    };
    codes.into_iter().map(told).collect()
}

struct Look<'a> {
    integration: &'a Integration,
    rules: &'a RuleSet,
}

impl Look<'_> {
    fn ok(check: &'static str, found: impl Into<String>) -> ReadinessItem {
        ReadinessItem { check, state: ReadinessState::Ok, code: None, found: found.into(), owner: None, fix: None }
    }

    fn todo(&self, check: &'static str, found: impl Into<String>, role: OwnerRole, fix: &str) -> ReadinessItem {
        let name = self.rules.owner(role).map(|owner| owner.name.clone());
        ReadinessItem {
            check,
            state: ReadinessState::Missing,
            code: None,
            found: found.into(),
            owner: Some(ReadinessOwner { role, name }),
            fix: Some(fix.to_owned()),
        }
    }

    /// Visits would be stopped by this reason, which says who acts and what to do.
    fn stopped(&self, check: &'static str, reason: Reason, found: impl Into<String>) -> ReadinessItem {
        let entry = reason.entry();
        ReadinessItem { code: Some(reason), ..self.todo(check, found, entry.owner, entry.fix) }
    }

    fn at_access(&self) -> ReadinessItem {
        match self.rules.lifecycle {
            Lifecycle::Initiated => self.stopped(
                "access",
                Reason::AuthorizationPending,
                "the practice system's owner has not granted access yet",
            ),
            _ => Look::ok("access", "the practice system's owner granted access"),
        }
    }

    fn at_support(&self) -> ReadinessItem {
        let (source, platform) = (&self.rules.source.profile.name, &self.rules.platform.profile.name);
        if self.rules.supported {
            return Look::ok("pair", format!("{platform} works with {source}"));
        }
        self.stopped("pair", Reason::PlatformUnsupported, format!("{platform} does not work with {source}"))
    }

    fn at_feed_address(&self) -> ReadinessItem {
        let source = &self.integration.document.source;
        match (source.route.as_str(), &source.facility, source.mllp_port) {
            ("hl7v2", None, None) => self.todo(
                "feed_address",
                "nothing tells which HL7 v2 messages are this practice's",
                OwnerRole::Engineer,
                "Name the sending facility (MSH-4) as source.facility, or give the feed a port of its own as source.mllp_port.",
            ),
            ("hl7v2", Some(facility), _) => Look::ok("feed_address", format!("messages of {facility} belong to it")),
            ("hl7v2", None, Some(port)) => Look::ok("feed_address", format!("messages on port {port} belong to it")),
            (route, ..) => Look::ok("feed_address", format!("the route {route} names its own source")),
        }
    }

    /// The practice system as it answered just now, where it is read by asking.
    fn at_source(&self, tried: Option<&std::result::Result<(), Failure>>) -> ReadinessItem {
        match tried {
            None => Look::ok("source", "the practice system tells by itself"),
            Some(Ok(())) => Look::ok("source", "the practice system was asked just now, and answered"),
            // Being asked to wait is an answer; whoever waits has been let in.
            Some(Err(failure @ Failure::Throttled { .. })) => {
                ReadinessItem { state: ReadinessState::Advice, ..self.failed(failure) }
            }
            Some(Err(failure)) => self.failed(failure),
        }
    }

    fn failed(&self, failure: &Failure) -> ReadinessItem {
        let (reason, what) = crate::poll::told(failure);
        let item = self.stopped("source", reason, format!("the practice system could not be read: {what}"));
        // Where to click is the vendor's to say; without its words the reason's own have to do.
        let steps = self.rules.source.access.of(reason).map(ToString::to_string);
        ReadinessItem { fix: steps.or(item.fix), ..item }
    }

    fn at_feed(&self, state: &str) -> ReadinessItem {
        match state {
            "never_read" => ReadinessItem {
                state: ReadinessState::Advice,
                ..self.todo(
                    "feed",
                    "nothing has been read from the practice system yet",
                    OwnerRole::Engineer,
                    "Have the practice system send a message, so that the way is proven before patients depend on it.",
                )
            },
            "silent" => ReadinessItem {
                state: ReadinessState::Advice,
                ..self.todo(
                    "feed",
                    "the practice system has been read before, but no channel is up now",
                    OwnerRole::Engineer,
                    "See that the practice system's interface runs and reaches this service.",
                )
            },
            _ => Look::ok("feed", "the practice system is being read"),
        }
    }

    fn at_platform_address(&self, carrier: &dyn crate::ports::Carrier) -> ReadinessItem {
        let platform = &self.integration.document.platform;
        match (&platform.url, platform.route.as_str()) {
            (None, "pull") => Look::ok("platform_address", "the platform asks for changes itself"),
            (None, route) => self.todo(
                "platform_address",
                format!("the route {route} needs an address, and none is named"),
                OwnerRole::Engineer,
                "Name the platform's address as platform.url.",
            ),
            (Some(url), _) => match carrier.check_address(url) {
                Ok(()) => Look::ok("platform_address", "the platform's address may be called"),
                Err(why) => self.todo(
                    "platform_address",
                    why.to_string(),
                    OwnerRole::Engineer,
                    "Name another address as platform.url, or have the service allow this one.",
                ),
            },
        }
    }

    fn at_endpoint(&self) -> ReadinessItem {
        match self.rules.gone_since {
            None => Look::ok("endpoint", "the platform's endpoint has not said that it is gone"),
            Some(since) => self.stopped(
                "endpoint",
                Reason::PlatformEndpointGone,
                format!("the platform's endpoint is gone since {}", domain::explain::clock(self.rules, None, since)),
            ),
        }
    }

    fn at_secret(&self) -> ReadinessItem {
        let platform = &self.integration.document.platform;
        if let Some(problem) = &self.rules.secret_problem {
            return self.stopped("secret", Reason::CredentialMissing, problem.to_string());
        }
        if platform.route.as_str() == "webhook" && platform.secret.is_none() {
            return ReadinessItem {
                state: ReadinessState::Advice,
                ..self.todo(
                    "secret",
                    "no signing secret is named: the platform cannot tell who calls it",
                    OwnerRole::Engineer,
                    "Agree on a secret with the platform and name where it is kept as platform.secret.",
                )
            };
        }
        Look::ok("secret", "the secrets that are named can be read")
    }

    fn at_types(&self) -> ReadinessItem {
        let approved = self.rules.types.approved().len();
        if self.rules.platform.types.approved == Approval::Listed && approved == 0 {
            return self.stopped("types", Reason::ConfigIncomplete, "no visit type is approved");
        }
        Look::ok("types", format!("{approved} visit types are approved"))
    }

    /// Providers, one item for each who lacks a link (requirement S0-11: those left out are named).
    fn at_providers(&self) -> Vec<ReadinessItem> {
        let demands = &self.rules.platform.provider;
        let providers: Vec<_> = self.rules.directory.providers().filter(|provider| provider.active).collect();
        if !demands.must_be_linked {
            return vec![Look::ok("providers", format!("{} are listed; no links are needed", providers.len()))];
        }
        if providers.is_empty() && !demands.only_when_listed {
            return vec![self.stopped("providers", Reason::ConfigIncomplete, "no provider is listed")];
        }
        let lacking = providers.iter().filter(|provider| provider.platform_id.is_none());
        let mut items: Vec<ReadinessItem> = lacking
            .map(|provider| {
                let name = provider.name.as_ref().map_or(String::new(), |name| format!("{name}, "));
                let found = format!("provider {} ({name}active) is not linked with the platform", provider.source_id);
                self.stopped("provider", Reason::NoConnectedProviderAccount, found)
            })
            .collect();
        if items.is_empty() {
            items.push(Look::ok("providers", format!("all {} active providers are linked", providers.len())));
        }
        items.sort_by(|a, b| a.found.cmp(&b.found));
        items
    }

    /// Requirement S3-23: whoever has to act is known before there is something to do.
    fn at_owners(&self) -> ReadinessItem {
        let steps = owners_to_name(self.rules);
        if steps.is_empty() {
            return Look::ok("owners", "every code has somebody who acts on it");
        }
        self.todo(
            "owners",
            steps.join("; "),
            OwnerRole::Admin,
            "Name them as [[integration.owner]], so that causes find whoever ends them.",
        )
    }

    fn at_sign_off(&self) -> ReadinessItem {
        match self.rules.lifecycle {
            Lifecycle::Initiated | Lifecycle::Authorized => self.stopped(
                "sign_off",
                Reason::ConfigIncomplete,
                format!("the set-up is not signed off as configured: the integration is {}", self.rules.lifecycle),
            ),
            _ => Look::ok("sign_off", "the set-up was signed off as configured"),
        }
    }
}

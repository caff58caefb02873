//! The providers and staff users of one integration, for look-ups while deciding. Patients are many and stay in the
//! store.

use crate::model::LinkMethod;
use crate::setup::UserRole;
use crate::text::Text;
use crate::time::Moment;
use std::collections::{HashMap, HashSet};

type Map<V> = HashMap<Text, V, foldhash::fast::FixedState>;

/// A provider as both sides know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderEntry {
    /// The source's id.
    pub source_id: Text,
    /// As people call them.
    pub name: Option<Text>,
    /// Enabled on the platform.
    pub active: bool,
    /// The linked platform account.
    pub platform_id: Option<Text>,
    /// How the link came to be and since when, when there is one.
    pub linked: Option<(LinkMethod, Moment)>,
}

/// A staff account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserEntry {
    /// Their address as written.
    pub email: Text,
    /// As people call them.
    pub name: Option<Text>,
    /// What they may do.
    pub role: UserRole,
}

/// Providers by source id, users by source id, staff addresses.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    providers: Map<ProviderEntry>,
    users: Map<UserEntry>,
    staff_emails: HashSet<Text, foldhash::fast::FixedState>,
}

/// The form in which addresses are compared: trimmed, lower case. The local part of an address may by RFC 5321 depend
/// on case; no mail provider in use lets it, and two logins that differ in case only are one person's (S1-13).
pub fn fold_email(email: &str) -> Text {
    Text::from(email.trim().to_lowercase())
}

impl Directory {
    /// A directory of these.
    pub fn new(providers: Vec<ProviderEntry>, users: Vec<(Option<Text>, UserEntry)>) -> Directory {
        Directory {
            staff_emails: users.iter().map(|(_, user)| fold_email(&user.email)).collect(),
            users: users.into_iter().filter_map(|(id, user)| id.map(|id| (id, user))).collect(),
            providers: providers.into_iter().map(|entry| (entry.source_id.clone(), entry)).collect(),
        }
    }

    /// The provider with this source id.
    pub fn provider(&self, source_id: &str) -> Option<&ProviderEntry> {
        self.providers.get(source_id)
    }

    /// The staff user with this source id.
    pub fn user(&self, source_id: &str) -> Option<&UserEntry> {
        self.users.get(source_id)
    }

    /// A staff user holds this (folded) address.
    pub fn is_staff_email(&self, folded: &str) -> bool {
        self.staff_emails.contains(folded)
    }

    /// Nobody has been listed as a provider.
    pub fn has_no_providers(&self) -> bool {
        self.providers.is_empty()
    }

    /// All providers, in no order.
    pub fn providers(&self) -> impl Iterator<Item = &ProviderEntry> {
        self.providers.values()
    }
}

//! The table of roles and actions, in the words of the contract.

use domain::setup::{LinkKind, OwnerRole};
use engine::ops::Role;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, recognised or not: no patient data behind it.
    Open,
    /// Whoever is recognised, in any role.
    Recognised,
    /// The roles that may do this.
    May(Action),
}

macro_rules! actions {
    ($($(#[doc = $what:literal])+ $action:ident: $($role:ident)+;)*) => {
        /// Something that roles may or may not do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[doc = $what])+ $action,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &[Action] = &[$(Action::$action),*];

            /// The roles that may do it in their own practice.
            pub const fn roles(self) -> &'static [Role] {
                match self {
                    $(Action::$action => &[$(Role::$role),+],)*
                }
            }
        }
    };
}

actions! {
    /// Apply practice documents.
    ApplyDocument: Admin Engineer;
    /// Take a practice out as a document, with its patients' accounts.
    ExportPractice: Admin Engineer;
    /// See integrations with their state and counts.
    SeeIntegrations: Admin Engineer Support Desk;
    /// Have data checks asked now: it reads only, and whoever mends the data wants to see that it helped.
    RunChecks: Admin Engineer Support Desk;
    /// Move an integration along its way to live.
    ChangeLifecycle: Admin Engineer;
    /// See appointments and why they are as they are.
    SeeAppointments: Admin Engineer Support Desk;
    /// See causes.
    SeeCauses: Admin Engineer Support Desk;
    /// Decide about causes that leave it to people; see [`may_decide`] for whose.
    DecideCauses: Admin Engineer Support Desk;
    /// Say what is done about a cause: acknowledge it, put it off, call it resolved, send it on.
    HandleCauses: Admin Engineer Support Desk;
    /// Join things of both sides, and take them apart; see [`may_link`] for which.
    Link: Admin Engineer Support Desk;
    /// See what the platform shows.
    SeeCards: Admin Engineer Support Desk Platform;
    /// Confirm what the platform shows.
    GiveReceipts: Admin Engineer Platform;
    /// See every change.
    SeeChanges: Admin Engineer Support Desk Platform;
    /// Hand messages in.
    HandInMessages: Admin Engineer;
    /// See which messages were set aside, without their bodies.
    SeeSetAside: Admin Engineer Support;
    /// See messages exactly as they came.
    SeeMessages: Admin Engineer Support;
    /// Say whether an explanation was right.
    GiveFeedback: Admin Engineer Support Desk;
    /// See what people said of explanations.
    SeeFeedback: Admin Engineer Support;
    /// Ask for a practice system that the platform does not work with.
    AskForSystems: Admin Engineer Support Desk;
    /// See which systems clinics ask for.
    SeeSystemRequests: Admin Engineer Support;
    /// Take everything about a visit along in one file, to be handed on.
    TakeBundle: Admin Engineer Support Desk;
    /// See messages that belong to no integration; for those who look after the whole installation.
    SeeUnrouted: Admin;
    /// Search the practice system itself for a patient.
    SearchSource: Admin Engineer Support Desk;
    /// Have an appointment decided and delivered again.
    Redrive: Admin Engineer Support;
    /// Have the source read, one visit or all.
    ReadSource: Admin Engineer Support;
    /// Have kept messages judged again under today's rules, and see what would differ; nothing is acted upon.
    JudgeAgain: Admin Engineer Support;
    /// Tell that something changed at the source.
    TellOfChanges: Admin Engineer Platform;
    /// See who saw and changed what.
    SeeAudit: Admin Engineer Compliance;
}

impl Action {
    /// Whether a role may do it in its own practice.
    pub fn allows(self, role: Role) -> bool {
        self.roles().contains(&role)
    }

    /// There is nothing to mask in it without making it useless: whoever sees identities masked gives a reason first.
    pub const fn needs_open_sight(self) -> bool {
        matches!(self, Action::ExportPractice | Action::SeeMessages)
    }
}

/// The desk links patients; the others anything.
pub(crate) fn may_link(role: Role, kind: LinkKind) -> bool {
    Action::Link.allows(role) && (role != Role::Desk || kind == LinkKind::Patient)
}

/// Decisions belong to whoever owns the cause: support and the desk share what is about the visit (a visit that became
/// past while waiting is pushed through by either, requirement S1-26), an engineer leaves those to them.
pub(crate) fn may_decide(role: Role, owner: OwnerRole) -> bool {
    match role {
        Role::Admin => true,
        Role::Engineer => owner == OwnerRole::Engineer,
        Role::Support | Role::Desk => matches!(owner, OwnerRole::Support | OwnerRole::Desk),
        Role::Compliance | Role::Platform => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(role: Role) -> Vec<Action> {
        Action::ALL.iter().copied().filter(|action| action.allows(role)).collect()
    }

    #[test]
    fn the_table_says_what_the_contract_says() {
        use Action::*;
        assert_eq!(allowed(Role::Admin), Action::ALL, "admin: all");
        // Tokens are no action of the web at all; decisions are narrowed to the engineer's own below.
        let engineer: Vec<Action> = Action::ALL.iter().copied().filter(|action| *action != SeeUnrouted).collect();
        assert_eq!(allowed(Role::Engineer), engineer);
        assert_eq!(
            allowed(Role::Support),
            [
                SeeIntegrations,
                RunChecks,
                SeeAppointments,
                SeeCauses,
                DecideCauses,
                HandleCauses,
                Link,
                SeeCards,
                SeeChanges,
                SeeSetAside,
                SeeMessages,
                GiveFeedback,
                SeeFeedback,
                AskForSystems,
                SeeSystemRequests,
                TakeBundle,
                SearchSource,
                Redrive,
                ReadSource,
                JudgeAgain
            ]
        );
        assert_eq!(
            allowed(Role::Desk),
            [
                SeeIntegrations,
                RunChecks,
                SeeAppointments,
                SeeCauses,
                DecideCauses,
                HandleCauses,
                Link,
                SeeCards,
                SeeChanges,
                GiveFeedback,
                AskForSystems,
                TakeBundle,
                SearchSource
            ]
        );
        assert_eq!(allowed(Role::Compliance), [SeeAudit]);
        assert_eq!(allowed(Role::Platform), [SeeCards, GiveReceipts, SeeChanges, TellOfChanges]);
    }

    #[test]
    fn the_desk_links_patients_and_nothing_else() {
        for kind in LinkKind::ALL {
            assert_eq!(may_link(Role::Desk, kind), kind == LinkKind::Patient, "{}", kind.word());
            assert!(may_link(Role::Support, kind) && !may_link(Role::Platform, kind));
        }
    }

    #[test]
    fn other_peoples_decisions_are_theirs() {
        assert!(!may_decide(Role::Engineer, OwnerRole::Support));
        assert!(may_decide(Role::Engineer, OwnerRole::Engineer));
        assert!(may_decide(Role::Support, OwnerRole::Support) && may_decide(Role::Desk, OwnerRole::Support));
        assert!(!may_decide(Role::Desk, OwnerRole::Engineer) && !may_decide(Role::Platform, OwnerRole::Support));
    }
}

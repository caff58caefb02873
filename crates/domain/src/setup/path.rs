//! Who acts on what at one practice, and whom it goes to from there (requirements S3-23, S3-24).

use crate::checks::DataCheck;
use crate::reasons::Reason;
use crate::setup::{Owner, OwnerRole, RuleSet};

impl RuleSet {
    /// The person who acts for a role here, when one is named.
    pub fn owner(&self, role: OwnerRole) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.role == role && owner.code.is_none() && owner.step == 0)
    }

    /// Whoever is named for a data check at a step of its path, else for a reason whatever it is about.
    fn named(&self, reason: Reason, check: Option<DataCheck>) -> impl Iterator<Item = &Owner> {
        self.owners.iter().filter(move |owner| owner.code == Some(reason) && owner.check == check)
    }

    /// The person who acts on a reason here: whoever is named for it, else for its role, else who stands in for that.
    pub fn person_for(&self, reason: Reason) -> Option<&Owner> {
        let role = reason.entry().owner;
        let named = self.named(reason, None).find(|owner| owner.step == 0);
        named.or_else(|| self.owner(role)).or_else(|| self.owner(role.stand_in()?))
    }

    /// Whom a cause goes to, one after another: its owner first. Whoever stands on it for a role only may have no name.
    /// A data check may have a path of its own; what else a cause is about makes no difference.
    pub fn path_for(&self, reason: Reason, subject: &str) -> Vec<(OwnerRole, Option<&Owner>)> {
        let check = (reason == Reason::DataCheckFailed).then(|| DataCheck::from_word(subject)).flatten();
        let own = check.and_then(|check| self.named(reason, Some(check)).find(|owner| owner.step == 0));
        let (role, first) = match own {
            Some(own) => (own.role, Some(own)),
            None => (reason.entry().owner, self.person_for(reason)),
        };
        let mut path = vec![(role, first)];
        let later = |owner: &&Owner| owner.step > 0;
        let of_check = check.into_iter().flat_map(|check| self.named(reason, Some(check)));
        let mut behind: Vec<&Owner> = of_check.filter(later).collect();
        if behind.is_empty() {
            behind = self.named(reason, None).filter(later).collect();
        }
        if behind.is_empty() {
            let of_role = |owner: &&Owner| owner.code.is_none() && owner.role == role;
            behind = self.owners.iter().filter(of_role).filter(later).collect();
        }
        behind.sort_by_key(|owner| owner.step);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{IntegrationKey, PracticeNo};
    use crate::setup::{Document, Lifecycle, SetupError, SetupFacts};
    use crate::time::Moment;

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
        try_rules(owners).unwrap()
    }

    fn try_rules(owners: &[&str]) -> Result<RuleSet, SetupError> {
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
        RuleSet::compile(&document.practice, &document.integration[0], &facts)
    }

    fn path(rules: &RuleSet, reason: Reason) -> Vec<String> {
        path_of(rules, reason, "whatever it is about")
    }

    fn path_of(rules: &RuleSet, reason: Reason, subject: &str) -> Vec<String> {
        let said = |(role, person): (OwnerRole, Option<&Owner>)| {
            format!("{role} {}", person.map_or("-", |person| person.name.as_str()))
        };
        rules.path_for(reason, subject).into_iter().map(said).collect()
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
    fn s3_23_each_data_check_may_have_a_person_and_a_role_of_its_own() {
        const FAILED: Reason = Reason::DataCheckFailed;
        let intake = "role = \"desk\"\ncheck = \"contact_missing\"\nname = \"Intake\"";
        let feed = "role = \"engineer\"\ncheck = \"message_set_aside\"\nname = \"Feeds\"";
        let behind = "role = \"support\"\ncheck = \"message_set_aside\"\nstep = 1\nname = \"Hotline\"";
        let quality = "role = \"admin\"\ncode = \"DATA_CHECK_FAILED\"\nname = \"Quality\"";
        let all = rules(&[DESK, ADMIN, intake, feed, behind, quality]);
        assert_eq!(path_of(&all, FAILED, "contact_missing"), ["desk Intake", "admin Priya"]);
        assert_eq!(path_of(&all, FAILED, "message_set_aside"), ["engineer Feeds", "support Hotline"]);
        assert_eq!(
            path_of(&all, FAILED, "held_long"),
            ["admin Quality", "support -", "engineer -"],
            "of the others it is who has the code"
        );
        let some = rules(&[DESK, ADMIN, intake, feed, behind]);
        assert_eq!(
            path_of(&some, FAILED, "held_long"),
            ["admin Priya", "support -", "engineer -"],
            "and else who has the role"
        );
        // What is named for a check is for nothing else.
        assert_eq!(path_of(&some, Reason::PatientEmailMissing, "contact_missing"), ["desk Dana", "admin Priya"]);
        assert_eq!(
            rules(&[intake]).ownerless().len(),
            rules(&[]).ownerless().len(),
            "nor does it open the way to live"
        );
    }

    #[test]
    fn a_check_of_an_owner_is_one_that_there_is_and_stands_beside_no_other_code() {
        let document = |check: &str| {
            format!("{DOCUMENT}[[integration.owner]]\nrole = \"desk\"\ncheck = \"{check}\"\nname = \"Dana\"\n")
        };
        let refused = Document::from_toml(&document("nope")).unwrap_err().to_string();
        assert!(refused.contains("contact_missing"), "the known ones are listed: {refused}");
        let kept = Document::from_toml(&document("held_long")).unwrap();
        assert_eq!(Document::from_toml(&toml::to_string(&kept).unwrap()).unwrap(), kept);
        let owner = |code: &str| format!("role = \"desk\"\ncheck = \"held_long\"\ncode = \"{code}\"\nname = \"Dana\"");
        assert!(try_rules(&[&owner("DATA_CHECK_FAILED")]).is_ok());
        let refused = try_rules(&[&owner("PATIENT_EMAIL_MISSING")]).unwrap_err().to_string();
        assert!(refused.contains("PATIENT_EMAIL_MISSING") && refused.contains("held_long"), "{refused}");
    }

    #[test]
    fn an_unknown_code_of_an_owner_is_refused() {
        let document = format!("{DOCUMENT}[[integration.owner]]\nrole = \"desk\"\ncode = \"NOPE\"\nname = \"Dana\"\n");
        assert!(Document::from_toml(&document).unwrap_err().to_string().contains("NOPE"));
    }
}

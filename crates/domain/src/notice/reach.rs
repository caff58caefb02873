//! How a patient is reached: what is known of it on both sides, and what stands against it.

use crate::matching::{Account, same_number};
use crate::model::{Patient, Restriction, Way};
use crate::phi::Phi;
use crate::setup::fold_email;
use crate::text::Text;

/// What both sides know of how to reach a patient.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach<'a> {
    /// The source's record.
    pub patient: Option<&'a Patient>,
    /// The platform's account, where a document names it.
    pub account: Option<&'a Account>,
    /// Somebody decided that what the source says holds, whatever the account says.
    pub source_holds: bool,
}

/// Why a patient is not reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoWay<'a> {
    /// Somebody said so (requirement S3-17).
    Restricted(&'a Restriction),
    /// The two sides do not agree on it (requirement S3-12).
    Disputed,
    /// There is neither a usable e-mail address nor a mobile number (requirement S3-13).
    Unknown,
}

/// The ways in which letters go, in the order in which they are tried.
const WAYS: [Way; 2] = [Way::Mail, Way::Sms];

impl<'a> Reach<'a> {
    /// Everything that was said against telling the patient things, by either side.
    pub fn restrictions(self) -> impl Iterator<Item = &'a Restriction> {
        let by_source = self.patient.and_then(|patient| patient.restrictions.value());
        let by_account = self.account.map(|account| account.restrictions.as_slice());
        by_source.into_iter().flat_map(|held| held.open()).chain(by_account.into_iter().flatten())
    }

    /// What closes a way, when it is closed.
    pub fn barred(self, way: Way) -> Option<&'a Restriction> {
        self.restrictions().find(|restriction| restriction.bars(way))
    }

    /// The usable address of a way: only what the source says counts, nothing is taken from the account.
    pub fn address(self, way: Way) -> Option<&'a Phi<Text>> {
        let patient = self.patient?;
        match way {
            Way::Mail => {
                patient.email.value().filter(|address| crate::gates::address_problem(address.open()).is_none())
            }
            Way::Sms => patient.mobile.value().filter(|number| number.open().chars().any(|c| c.is_ascii_digit())),
            Way::Call => patient.phone.value().or(patient.mobile.value()),
            Way::Any => None,
        }
    }

    /// The two sides know different addresses, or different numbers. Neither is preferred.
    fn differs(self, way: Way) -> bool {
        let (Some(patient), Some(account)) = (self.patient, self.account) else { return false };
        match way {
            Way::Mail => {
                let both = patient.email.value().zip(account.email.as_ref());
                both.is_some_and(|(a, b)| fold_email(a.open()) != fold_email(b))
            }
            // Which of its numbers the account means it does not say: it agrees with either.
            Way::Sms | Way::Call => account.phone.as_ref().is_some_and(|there| {
                let mut ours = patient.mobile.value().into_iter().chain(patient.phone.value()).peekable();
                ours.peek().is_some() && !ours.any(|number| same_number(number.open(), there))
            }),
            Way::Any => false,
        }
    }

    /// What the two sides do not agree on, when there is anything.
    pub fn disputed(self) -> Option<&'static str> {
        match (self.differs(Way::Mail), self.differs(Way::Sms)) {
            (true, true) => Some("e-mail address and number"),
            (true, false) => Some("e-mail address"),
            (false, true) => Some("number"),
            (false, false) => None,
        }
    }

    /// By which way the patient is told, and where to: the first that is open and known.
    pub fn way(self) -> Result<(Way, &'a Phi<Text>), NoWay<'a>> {
        let (mut closed, mut disputed) = (None, false);
        for way in WAYS {
            match self.barred(way) {
                Some(restriction) => closed = closed.or(Some(restriction)),
                None => {
                    let Some(address) = self.address(way) else { continue };
                    if self.source_holds || !self.differs(way) {
                        return Ok((way, address));
                    }
                    disputed = true;
                }
            }
        }
        let otherwise = if disputed { NoWay::Disputed } else { NoWay::Unknown };
        Err(closed.map_or(otherwise, NoWay::Restricted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fact;

    fn is(value: &str) -> Fact<Phi<Text>> {
        Fact::Is(Phi::new(value.into()))
    }

    fn no(way: Way) -> Restriction {
        Restriction { way, said: "asked us not to".into(), place: "PD1-11".into() }
    }

    fn way(patient: &Patient, account: Option<&Account>) -> Result<Way, bool> {
        let reach = Reach { patient: Some(patient), account, source_holds: false };
        reach.way().map(|(way, _)| way).map_err(|why| why != NoWay::Unknown)
    }

    #[test]
    fn no_letter_goes_to_an_address_that_the_account_knows_otherwise() {
        let mut patient = Patient::unknown("P1".into());
        (patient.email, patient.mobile) = (is("p1@patients.example"), is("+1 (555) 010-0101"));
        let mut account = Account { email: Some(" P1@Patients.example".into()), ..Account::default() };
        assert_eq!(way(&patient, Some(&account)), Ok(Way::Mail), "the same address");
        account.email = Some("p1@new.example".into());
        assert_eq!(way(&patient, Some(&account)), Ok(Way::Sms), "the number is not in doubt");
        account.phone = Some("555-010-0101".into());
        assert_eq!(way(&patient, Some(&account)), Ok(Way::Sms), "the same number");
        account.phone = Some("555-010-0199".into());
        let reach = Reach { patient: Some(&patient), account: Some(&account), source_holds: false };
        assert_eq!((reach.way(), reach.disputed()), (Err(NoWay::Disputed), Some("e-mail address and number")));
        let decided = Reach { source_holds: true, ..reach };
        assert_eq!(decided.way().map(|(way, _)| way), Ok(Way::Mail));
    }

    #[test]
    fn letters_go_by_mail_else_by_text_message_and_never_by_a_closed_way() {
        let mut patient = Patient::unknown("P1".into());
        assert_eq!(way(&patient, None), Err(false));
        patient.phone = is("555-0100");
        assert_eq!(way(&patient, None), Err(false), "nobody calls");
        patient.mobile = is("+1 555 0101");
        assert_eq!(way(&patient, None), Ok(Way::Sms));
        patient.email = is("not an address");
        assert_eq!(way(&patient, None), Ok(Way::Sms));
        patient.email = is("p1@patients.example");
        assert_eq!(way(&patient, None), Ok(Way::Mail));
        patient.restrictions = Fact::Is(Phi::new(vec![no(Way::Call), no(Way::Mail)]));
        assert_eq!(way(&patient, None), Ok(Way::Sms), "the other way is open");
        let account = Account { restrictions: vec![no(Way::Sms)], ..Account::default() };
        assert_eq!(way(&patient, Some(&account)), Err(true), "either side can close one");
        patient.restrictions = Fact::Is(Phi::new(vec![no(Way::Any)]));
        assert_eq!(way(&patient, None), Err(true));
    }
}

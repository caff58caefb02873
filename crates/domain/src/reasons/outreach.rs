//! The part of the list about what patients are told: the visit syncs, and the letter does not go, or not as it should.

/// Makes the catalogue of the entries given and of those of this file.
macro_rules! with_outreach {
    ($($before:tt)*) => {
reasons! {
    $($before)*

    // M. What patients are told.

    /// The patient, or the law, does not want them told about visits in this way.
    CommunicationRestricted = 511 "COMMUNICATION_RESTRICTED" {
        Told Notice Desk Never Minutes
        label: "Patient not to be written to",
        says: "The visit syncs; the patient is told nothing, because they may not be told {how}.",
        fix: "Respect it. If the visit has to be talked about, call the patient where calls are allowed.",
    }
    /// There is no mobile number to send a text message to, and no usable e-mail address either.
    MobileMissing = 512 "MOBILE_MISSING" {
        Told Notice Desk WhenObserved Minutes
        label: "No mobile number",
        says: "The visit syncs; the patient is not told, because there is no mobile number ({observed}) and no usable e-mail address.",
        fix: "Add the mobile number or an e-mail address to the patient's record in the practice system; call the patient if the visit is near.",
    }
    /// There are no letters in the language that the patient prefers.
    LanguageMismatch = 513 "LANGUAGE_MISMATCH" {
        Told Notice Support WhenObserved Hours
        label: "No letters in the patient's language",
        says: "The visit syncs; the letter to the patient waits, because there are no words for it in their language ({observed}).",
        fix: "Add letters in this language, or have the language on the patient's record corrected if it is wrong there.",
    }
    /// The patient's account on the platform was never activated, or is switched off.
    PortalAccountInactive = 514 "PORTAL_ACCOUNT_INACTIVE" {
        Told Notice Patient WhenObserved Minutes
        label: "Account not activated",
        says: "The visit syncs; the patient cannot get in yet, because the account {observed} is not activated.",
        fix: "Activate the account by the platform's invitation; the front desk can help on the phone.",
    }
    /// The practice system and the platform's account know different addresses or numbers of the patient.
    ContactConflict = 515 "CONTACT_CONFLICT" {
        Told Notice Desk ByDecision Minutes
        label: "Contact data differ",
        says: "The visit syncs; the practice system and the platform's account do not agree on the patient's {observed}.",
        fix: "Ask the patient which one holds and correct the other side, or decide that those of the practice system hold.",
    }
    /// The practice system has two records of what looks like one person.
    ContactDuplicated = 516 "CONTACT_DUPLICATED" {
        Told Notice Desk ByDecision Minutes
        label: "Contact records stand twice",
        says: "The visit syncs; the patient is not told, because there are two records of them in the practice system ({observed}).",
        fix: "Merge the records in the practice system, or let the visits go ahead with the record that is on them.",
    }
}
    };
}

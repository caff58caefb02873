//! The list itself. Numbers are what is stored and never change their meaning; a code that is given up keeps its
//! number.

use crate::reasons::{Class, Effort, Entry, Family, Heals};
use crate::setup::OwnerRole;

with_outreach! {
    // A. Set-up and authority.

    /// The set-up was begun but the integration is not open yet, or it was paused; nothing flows.
    IntegrationNotLive = 101 "INTEGRATION_NOT_LIVE" {
        Integration Held Support WhenObserved Hours
        label: "Integration not live",
        says: "The integration is {observed}, not live: {outstanding}.",
        fix: "Finish the outstanding step and set the integration live; everything seen meanwhile is then sent by itself.",
    }
    /// The practice system's owner has not granted access.
    AuthorizationPending = 102 "AUTHORIZATION_PENDING" {
        Integration Held EhrVendor WhenObserved Hours
        label: "Access not granted yet",
        says: "Access to the practice system has not been granted yet.",
        fix: "Grant the access that was asked for, then move the integration to authorized.",
    }
    /// Access is granted, but what the platform needs to know is not mapped yet.
    ConfigIncomplete = 103 "CONFIG_INCOMPLETE" {
        Integration Held Support WhenObserved Hours
        label: "Set-up incomplete",
        says: "The set-up is incomplete: {observed}.",
        fix: "Map what is missing, then move the integration to configured.",
    }
    /// The platform does not work with this practice system.
    PlatformUnsupported = 104 "PLATFORM_UNSUPPORTED" {
        Integration Excluded Support Never None
        label: "System not supported",
        says: "The platform does not work with {observed}; it works with {expected}.",
        fix: "Record the request for this system; there is nothing to retry.",
    }
    /// A credential was never supplied, or cannot be read where the set-up says it is.
    CredentialMissing = 105 "CREDENTIAL_MISSING" {
        Integration Held Admin WhenObserved Minutes
        label: "Credential missing",
        says: "The signing secret of the platform cannot be read ({observed}).",
        fix: "Put the secret where the set-up says it is and restart or apply the set-up again.",
    }

    /// The practice system does not take the credential any more: wrong, rotated, or of another site.
    CredentialRejected = 106 "CREDENTIAL_REJECTED" {
        Integration Held Admin WhenObserved Hours
        label: "Credential rejected",
        says: "The practice system rejects the credential ({observed}) since {since}.",
        fix: "Issue a new credential in the practice system and put it where the set-up says it is; reading goes on by itself.",
    }
    /// The grant was taken back: every call fails, for ever, until somebody connects anew.
    GrantRevoked = 107 "GRANT_REVOKED" {
        Integration Held Admin WhenObserved Hours
        label: "Access revoked",
        says: "Access to the practice system was taken back ({observed}) since {since}.",
        fix: "Connect the practice system again; reading goes on by itself.",
    }
    /// The login works, and still the practice system refuses what is asked.
    ScopeInsufficient = 108 "SCOPE_INSUFFICIENT" {
        Integration Held Admin WhenObserved Hours
        label: "Permission missing",
        says: "The practice system refuses to be read ({observed}) since {since}.",
        fix: "Give the connection the permissions it lacks in the practice system; a full read then follows by itself.",
    }

    // B. Timeliness of the way.

    /// Nothing is wrong: the visit is inside the normal time of this system.
    OnTimeWaiting = 201 "ON_TIME_WAITING" {
        Write OnTime Engine Alone None
        label: "On its way",
        says: "On its way, expected by {expected_by}{late}.",
        fix: "Nothing to do; it arrives by itself.",
    }
    /// Past the average time of this system, not yet abnormal.
    SlowBand = 202 "SLOW_BAND" {
        Write Notice Engine Alone None
        label: "Slower than average",
        says: "It takes longer than the average of {usual} for {system}, and is not abnormal before {abnormal}.",
        fix: "Watch it; nothing has to be done yet.",
    }
    /// Past the time from which this system's delay is abnormal.
    SyncAbnormalDelay = 203 "SYNC_ABNORMAL_DELAY" {
        Write Notice Support WhenObserved Hours
        label: "Abnormally late",
        says: "Abnormally late: more than {abnormal} since {since}.",
        fix: "Look at the feed and the platform's endpoint: one incident covers all visits that are late.",
    }

    /// The practice system's limit stops reading until a known time.
    RateLimited = 204 "RATE_LIMITED" {
        Transport Notice Engine Alone None
        label: "Rate limit reached",
        says: "The practice system takes no more questions for now ({observed}); reading goes on by itself.",
        fix: "Nothing to do; reading goes on at the next allowed time, from where it stopped.",
    }
    /// The practice system does not answer, or answers with a failure of its own.
    UpstreamOutage = 205 "UPSTREAM_OUTAGE" {
        Transport Notice EhrVendor WhenObserved Hours
        label: "Practice system not reachable",
        says: "The practice system has not answered since {since} ({observed}); what was booked meanwhile comes when it answers.",
        fix: "Wait for the vendor, or ask them; everything missed is read by itself afterwards.",
    }
    /// The place where the practice system leaves its files is not there any more, or may not be read.
    DatabaseTargetMoved = 207 "DATABASE_TARGET_MOVED" {
        Transport Notice Admin WhenObserved Minutes
        label: "Place of the files not found",
        says: "The practice system's files cannot be read since {since}: {observed}.",
        fix: "Put the folder back, or write its new place into the set-up; files that were left meanwhile are then read by themselves.",
    }
    /// The answer said of itself that it is partial.
    PartialUpstreamFailure = 206 "PARTIAL_UPSTREAM_FAILURE" {
        Transport Notice EhrVendor WhenObserved Hours
        label: "Answer incomplete",
        says: "The practice system answered only in part ({observed}); visits may be missing since {since}.",
        fix: "Wait for the vendor, or ask them; the missing part is read again by itself.",
    }

    // C. Transport.

    /// The slot is blocked in the diary; there is no patient and no visit.
    BlockReadAsAppointment = 301 "BLOCK_READ_AS_APPOINTMENT" {
        Transport Excluded Engine Alone None
        label: "Blocked time, not a visit",
        says: "Blocked time in the diary, not a visit.",
        fix: "Nothing to do; the time is kept free.",
    }

    /// The practice system forgot our place in its list of changes; everything is read anew.
    CursorExpired = 302 "CURSOR_EXPIRED" {
        Transport Notice Engine Alone None
        label: "Place in the changes lost",
        says: "The practice system no longer knows our place in its changes since {since}; everything is read in full.",
        fix: "Nothing to do; a full read and a look for what has vanished follow by themselves.",
    }
    /// So many visits vanished at once that obeying could wipe the schedule.
    MassDeleteGuard = 303 "MASS_DELETE_GUARD" {
        Transport Held Support ByDecision Minutes
        label: "Many visits vanished at once",
        says: "{observed} of {expected} visits vanished from the practice system at once since {since}; none was removed.",
        fix: "Ask the practice whether these visits are gone. Then apply the removal, or discard it; if they come back, this ends by itself.",
    }
    /// The answer of the practice system cannot be understood.
    MessageUnparseable = 304 "MESSAGE_UNPARSEABLE" {
        Transport Notice Engineer WhenObserved Hours
        label: "Answer not understood",
        says: "The practice system's answer cannot be understood since {since}: {observed}.",
        fix: "Compare the answer with the connector's expectation; nothing is lost, it is read again once it is understood.",
    }
    /// The clocks of the two sides differ.
    ClockSkew = 305 "CLOCK_SKEW" {
        Transport Notice Admin WhenObserved Hours
        label: "Clocks differ",
        says: "The practice system's clock differs from ours by {observed}.",
        fix: "Correct the time of the practice system's server; meanwhile changes are read with a wider overlap.",
    }
    /// A data-quality check is above its limit: the data are not good enough to rely on what is done with them.
    DataCheckFailed = 306 "DATA_CHECK_FAILED" {
        Transport Notice Admin WhenObserved Hours
        label: "Data check failed",
        says: "The data check {observed} is above its limit since {since}.",
        fix: "Open the integration's data checks: each says what it measures and what to do. It ends by itself once a later run is within the limit.",
    }

    // D. Providers.

    /// The provider is known to both sides, but nobody has joined the two.
    NoConnectedProviderAccount = 401 "NO_CONNECTED_PROVIDER_ACCOUNT" {
        Provider Held Support WhenObserved Minutes
        label: "No Connected Provider Account",
        says: "{provider} has no connected provider account.",
        fix: "Link the provider to their platform account; every visit that waits for it is sent by itself.",
    }
    /// The platform does not know the provider of the visit.
    ProviderNotRegistered = 402 "PROVIDER_NOT_REGISTERED" {
        Provider Held Admin WhenObserved Hours
        label: "Provider not registered",
        says: "{provider} is not registered with the platform.",
        fix: "Register the provider with the platform, or rebook the visit on a registered one.",
    }
    /// The provider is known but not enabled for this service.
    ProviderNotActive = 403 "PROVIDER_NOT_ACTIVE" {
        Provider Held Admin WhenObserved Minutes
        label: "Provider not active",
        says: "{provider} is not active on the platform.",
        fix: "Enable the provider on the platform, or rebook the visit on an active one.",
    }
    /// The visit is booked on a user who is no provider; typical of test bookings.
    ScheduledForNonProvider = 404 "SCHEDULED_FOR_NON_PROVIDER" {
        Provider Held Desk WhenObserved Seconds
        label: "Booked on someone who is no provider",
        says: "{provider} is a staff user, not a provider.",
        fix: "Rebook the visit on a provider in the practice system.",
    }
    /// It arrived, but filed under nobody, so nobody sees it.
    ArrivedMisfiled = 405 "ARRIVED_MISFILED" {
        Provider ArrivedWrong Support WhenObserved Minutes
        label: "Arrived, misfiled",
        says: "It is on the platform but filed under nobody, because {provider} is not known there.",
        fix: "Register and link the provider; the visit is then attached by itself.",
    }

    /// A change of the provider left the old visit and made a new one: two for one patient at one time.
    ProviderChangeSplit = 406 "PROVIDER_CHANGE_SPLIT" {
        Provider Held Desk ByDecision Minutes
        label: "Perhaps one visit under two numbers",
        says: "The same patient has visit {other} at the same time with another provider.",
        fix: "Look into the diary: let this one go ahead if it replaced the other, which is then retired; otherwise leave it out or remove the other there.",
    }

    // E. Patients.

    /// The platform has an account for this very person, and it is not linked to the record in the practice system.
    NoConnectedPatientAccount = 501 "NO_CONNECTED_PATIENT_ACCOUNT" {
        Patient Held Support WhenObserved Minutes
        label: "No Connected Patient Account",
        says: "The patient has an account on the platform that is not linked to record {subject}.",
        fix: "Link the account to the record; the visit is then sent by itself.",
    }
    /// The platform has an account that might be this person; creating another could double them.
    DuplicatePatientRisk = 502 "DUPLICATE_PATIENT_RISK" {
        Patient Held Desk WhenObserved Minutes
        label: "Possible duplicate patient",
        says: "An account on the platform may belong to the patient of record {subject}; nobody was created.",
        fix: "Compare the two records. Link them if they are one person; otherwise correct the one that is wrong.",
    }
    /// The patient's record has no e-mail address, which is the login for the visit.
    PatientEmailMissing = 503 "PATIENT_EMAIL_MISSING" {
        Patient Held Desk WhenObserved Seconds
        label: "No e-mail address",
        says: "No e-mail on the patient's record.",
        fix: "Add the e-mail address to the patient's record in the practice system; nothing else is needed.",
    }
    /// The e-mail address cannot be one.
    PatientEmailInvalid = 504 "PATIENT_EMAIL_INVALID" {
        Patient Held Desk WhenObserved Seconds
        label: "E-mail address not valid",
        says: "The e-mail on the patient's record is not valid: {problem}.",
        fix: "Correct the e-mail address on the patient's record in the practice system.",
    }
    /// Another patient of the practice holds the same address, and it is the login.
    PatientEmailNotUnique = 505 "PATIENT_EMAIL_NOT_UNIQUE" {
        Patient Held Desk WhenObserved Minutes
        label: "E-mail address shared",
        says: "Another patient of the practice ({others}) has the same e-mail address.",
        fix: "Give one of the two an address of their own in the practice system. If both are one person, merge the records there.",
    }
    /// The address belongs to a staff user of the practice; typical of test visits.
    EmailBelongsToStaff = 506 "EMAIL_BELONGS_TO_STAFF" {
        Patient Held Desk WhenObserved Seconds
        label: "E-mail address of a staff member",
        says: "The patient's e-mail address belongs to a staff user of the practice.",
        fix: "Put another address on the patient's record. If this is a test visit, use a test patient with an address of its own.",
    }
    /// Fields that the platform needs are empty.
    DemographicsIncomplete = 507 "DEMOGRAPHICS_INCOMPLETE" {
        Patient Held Desk WhenObserved Minutes
        label: "Patient data incomplete",
        says: "The patient's record lacks {missing}.",
        fix: "Fill in what is missing on the patient's record in the practice system.",
    }
    /// The visit names no patient.
    PatientNotNamed = 508 "PATIENT_NOT_NAMED" {
        Patient Held Desk WhenObserved Seconds
        label: "No patient on the visit",
        says: "The practice system names no patient for this visit.",
        fix: "Put the patient on the visit in the practice system, or mark the time as blocked.",
    }

    /// The record that the visit names was merged into another one; visits still to come follow.
    PatientMerged = 509 "PATIENT_MERGED" {
        Patient Notice Engine Alone None
        label: "Patient record merged",
        says: "The record {from} was merged into {into}, and the visit follows it.",
        fix: "Nothing to do; past visits keep the number they took place under.",
    }
    /// The patient's address changed after the visit was shown, and this platform keeps the old one on such visits.
    EmailChangedOldAppts = 510 "EMAIL_CHANGED_OLD_APPTS" {
        Patient Notice Desk ByDecision Minutes
        label: "Visits still on the old e-mail address",
        says: "The patient's e-mail address has changed since the visit was shown; the platform still invites to the old one.",
        fix: "Update the address on each of these visits on the platform, then say that it is done.",
    }
    /// The patient corrected their data on the platform, and the practice system says otherwise.
    DemographicsConflict = 517 "DEMOGRAPHICS_CONFLICT" {
        Patient Notice Desk WhenObserved Minutes
        label: "Patient says otherwise",
        says: "The visit syncs; the patient says otherwise than the practice system: {observed}.",
        fix: "Take what the patient says over in the practice system if it is right; otherwise have the patient confirm what stands there.",
    }

    // F. Type, place, modality.

    /// The visit type is not on the list of approved types, and nothing on the list is alike.
    ApptTypeNotConfigured = 601 "APPT_TYPE_NOT_CONFIGURED" {
        Type Excluded Support WhenObserved Minutes
        label: "Visit type not configured",
        says: "The visit type {observed} is not one of the approved types.",
        fix: "If visits of this type belong on the platform, have the type added; otherwise nothing is wrong.",
    }
    /// The visit type is almost, but not exactly, an approved one.
    ApptTypeNameMismatch = 602 "APPT_TYPE_NAME_MISMATCH" {
        Type Held Admin WhenObserved Minutes
        label: "Visit type misspelt",
        says: "The visit type {observed} is not spelt like {expected}: {difference}.",
        fix: "Write the type exactly as approved in the practice system, or have the new spelling approved.",
    }
    /// A type that was approved now has another name under the same id.
    ApptTypeRenamed = 603 "APPT_TYPE_RENAMED" {
        Type Held Support WhenObserved Minutes
        label: "Visit type renamed",
        says: "The visit type {expected} is now called {observed} in the practice system.",
        fix: "Approve the new name; the visits that wait for it are then sent by themselves.",
    }
    /// This system's types are matched by id, and this id was never supplied.
    ApptTypeIdMissing = 604 "APPT_TYPE_ID_MISSING" {
        Type Held Admin WhenObserved Minutes
        label: "Visit type id missing",
        says: "The visit type id {observed} has not been supplied{listed_as}.",
        fix: "Report the id of the new type, so that it can be added to the approved ones.",
    }
    /// The visit is in a department that was never announced.
    DepartmentNotRegistered = 605 "DEPARTMENT_NOT_REGISTERED" {
        Type Held Admin WhenObserved Minutes
        label: "Department not registered",
        says: "The department {observed} has not been registered.",
        fix: "Report the new department, so that it can be added.",
    }
    /// Patient and provider would meet in a way that the platform does not carry.
    ModalityUnsupported = 606 "MODALITY_UNSUPPORTED" {
        Type Held Desk WhenObserved Minutes
        label: "Kind of visit not carried",
        says: "The platform does not carry visits by {observed}; it carries {expected}.",
        fix: "Choose a kind of visit that the platform carries, in the practice system.",
    }

    // G. Time.

    /// The visit is further ahead than the platform looks; it enters by itself.
    BeyondSyncHorizon = 701 "BEYOND_SYNC_HORIZON" {
        Time WaitingByRule Engine Alone None
        label: "Too far ahead for now",
        says: "It is more than {horizon} ahead and will be sent by itself on {enters}.",
        fix: "Nothing to do; it is sent by itself on the date shown.",
    }
    /// Far ahead: this system takes a day or more for such visits.
    LongLeadSlowLane = 702 "LONG_LEAD_SLOW_LANE" {
        Time Notice Engine Alone None
        label: "Slow lane",
        says: "It is more than {lane} ahead; such visits may take {lane_time} or more.",
        fix: "Nothing to do; it may take a day or more.",
    }
    /// The visit was already over when it was entered.
    PastAtBooking = 703 "PAST_AT_BOOKING" {
        Time Excluded Desk Never Seconds
        label: "Already past when booked",
        says: "It was already past when it was booked ({booked}).",
        fix: "If the date is wrong, correct it in the practice system; otherwise nothing is wrong.",
    }
    /// The visit was still ahead when booked, and over when it could have been sent.
    PastOnArrival = 704 "PAST_ON_ARRIVAL" {
        Time Held Support ByDecision Minutes
        label: "Became past while waiting",
        says: "{booked}, but it could be processed only after its start, on {processed}.",
        fix: "Tell the patient by phone if need be; support can push the visit through.",
    }
    /// Booked closer to its start than this system's usual time.
    BookedInsideBuffer = 705 "BOOKED_INSIDE_BUFFER" {
        Time Notice Desk Alone Seconds
        label: "Booked very close to its start",
        says: "Booked only {lead} before its start; {system} usually takes up to {usual}, so it may not arrive in time.",
        fix: "Phone the patient or send the link by hand; it still goes its normal way.",
    }
    /// The local time exists twice or not at all, because the clocks change.
    LocalTimeAmbiguous = 706 "LOCAL_TIME_AMBIGUOUS" {
        Time Held Desk WhenObserved Seconds
        label: "Time falls into the clock change",
        says: "{observed} {problem} in {zone}.",
        fix: "Ask the patient or provider which time is meant and move the visit by some minutes in the practice system.",
    }
    /// Two fields of one message give different times; the one that the rules trust more was used.
    TimingFieldsDisagree = 707 "TIMING_FIELDS_DISAGREE" {
        Time Notice EhrVendor WhenObserved Hours
        label: "Times disagree inside the message",
        says: "{observed} was used, but {other} says otherwise.",
        fix: "Have the interface send one time; until then the more trusted field is used.",
    }
    /// The visit has no time yet.
    TimeTbd = 708 "TIME_TBD" {
        Time WaitingByRule Desk WhenObserved Seconds
        label: "No time yet",
        says: "It has no time yet.",
        fix: "Give the visit a time in the practice system when it is known.",
    }
    /// The length of the visit has no unit, and nothing says which is meant.
    DurationUnitMissing = 709 "DURATION_UNIT_MISSING" {
        Time Held Engineer WhenObserved Minutes
        label: "Length without a unit",
        says: "The length {observed} has no unit, so the end is not known.",
        fix: "Have the interface send the unit, or set the unit of this source in its profile after asking the clinic.",
    }

    /// A person decided that this visit is not to be sent.
    LeftOutByDecision = 710 "LEFT_OUT_BY_DECISION" {
        Time Excluded Nobody Never None
        label: "Left out by decision",
        says: "A person decided that it is not to be sent.",
        fix: "Nothing to do; the audit log names who decided it and why.",
    }

    // I. Status.

    /// The source's status word is not known here. It is never guessed.
    StatusUnmapped = 901 "STATUS_UNMAPPED" {
        Status Held Engineer WhenObserved Minutes
        label: "Unknown status word",
        says: "The status {observed} is not known{in_department}; the platform keeps the last known state.",
        fix: "Ask the practice what the word means and map it; visits with the word are then decided again by themselves.",
    }
    /// The platform does not show this status; its card keeps the last one that travels.
    StatusNotPortable = 903 "STATUS_NOT_PORTABLE" {
        Status Notice Nobody Never None
        label: "Status does not travel",
        says: "The status {observed} does not travel to this platform, which shows {shown}.",
        fix: "Nothing to do; the platform was never meant to show this status.",
    }
    /// The platform keeps the first final status, whatever the source says later.
    TerminalStatusLocked = 904 "TERMINAL_STATUS_LOCKED" {
        Status Notice Desk Never Minutes
        label: "First final status stays",
        says: "The platform keeps the first final status ({shown}); the practice system now says {observed}.",
        fix: "If the platform should show another status, change it there by hand.",
    }
    /// The visit ended before the platform ever showed it, so there is nothing to show or to mend.
    EndedBeforeSent = 902 "ENDED_BEFORE_SENT" {
        Status Excluded Engine Alone None
        label: "Ended before it was sent",
        says: "It was {observed} before the platform ever showed it; nothing has to be sent.",
        fix: "Nothing to do; the platform shows nothing, as it should.",
    }

    /// A note or reason code holds a word that may be a status, and no rule says what it means there.
    StatusInFreeText = 905 "STATUS_IN_FREE_TEXT" {
        Status Held Admin ByDecision Minutes
        label: "Perhaps a status in the note",
        says: "The {in_what} holds a word that is watched for; the status itself says {kept}.",
        fix: "Set the status in the practice system, or have a rule made for this code or phrase; let the visit go ahead if it means nothing.",
    }
    /// Staff complete visits on the platform; the practice system says that this one took place.
    KeptNeedsPortalCompletion = 906 "KEPT_NEEDS_PORTAL_COMPLETION" {
        Status Notice Desk WhenObserved Seconds
        label: "To be completed on the platform",
        says: "The practice system says {observed}, and the platform still shows {shown}: it has to be completed there.",
        fix: "Complete the visit on the platform; the task closes by itself when it tells us.",
    }
    /// Marked as entered in error: taken off the card, and among the past ones when nobody is left.
    ErrorStatusRemoval = 907 "ERROR_STATUS_REMOVAL" {
        Status Notice Nobody Never None
        label: "Removed as entered in error",
        says: "Entered in error: {observed}; the card {left}.",
        fix: "Nothing to do; look for the visit among the past ones.",
    }
    /// It was deleted, and something told of it since would have brought it back.
    ZombieAfterCancel = 908 "ZOMBIE_AFTER_CANCEL" {
        Status Notice Engine Alone None
        label: "Stays deleted",
        says: "It was deleted; what was told of it since ({observed}) does not bring it back.",
        fix: "Nothing to do; if it is to take place after all, book it in the practice system.",
    }
    /// A visit that nobody ever heard of is told as moved: it may be another one under a new number.
    RescheduleIdUnknown = 909 "RESCHEDULE_ID_UNKNOWN" {
        Status Held Support ByDecision Minutes
        label: "Move of an unknown visit",
        says: "It is told as moved, and nobody ever told of it before; it may be another visit under a new number.",
        fix: "Look into the diary. Any other message about it lets it go on; else let it go ahead, or leave it out.",
    }
    /// One visit was given up and another one booked in its place: one move, told as two.
    RescheduleAsCancelPlusNew = 910 "RESCHEDULE_AS_CANCEL_PLUS_NEW" {
        Status Notice Engine Alone None
        label: "Moved under a new number",
        says: "It {how} visit {other}.",
        fix: "Nothing to do; the two are told as one move.",
    }

    // J. Groups, participants, series.

    /// More people than the platform takes in one visit. Nobody is left out silently.
    GroupLimitExceeded = 1001 "GROUP_LIMIT_EXCEEDED" {
        Participants Held Desk WhenObserved Minutes
        label: "Too many participants",
        says: "It has {observed} participants; the platform takes {expected}.",
        fix: "Split the visit in the practice system, so that each part has no more participants than the platform takes.",
    }

    /// Somebody in a group was put in the place of somebody else in one step, which the platform does not register.
    ParticipantSwapIgnored = 1002 "PARTICIPANT_SWAP_IGNORED" {
        Participants Held Desk WhenObserved Minutes
        label: "Participant swapped in place",
        says: "{fresh} was put in the place of {gone} in one step, which the platform does not register; it still shows {before}.",
        fix: "Add the new participant, then remove the unwanted one, as two changes; the card follows each.",
    }
    /// The patient of a visit for one was replaced, which the platform does not register.
    OneToOnePatientChanged = 1003 "ONE_TO_ONE_PATIENT_CHANGED" {
        Participants Held Desk WhenObserved Minutes
        label: "Patient replaced in place",
        says: "The patient was changed from {before} to {after} in place, which the platform does not register; it still shows {before}.",
        fix: "Mark this visit as entered in error, then book a new one for the other patient.",
    }
    /// One participant's part in the visit ended or went further than the visit itself.
    ParticipantVsVisitStatus = 1004 "PARTICIPANT_VS_VISIT_STATUS" {
        Participants Notice Engine Alone None
        label: "Participants differ",
        says: "Single participants differ from the visit, which is {visit}: {observed}.",
        fix: "Nothing to do; each participant is shown with a status of their own.",
    }
    /// Third parties and co-hosts belong to the platform.
    ThirdPartyPortalOwned = 1005 "THIRD_PARTY_PORTAL_OWNED" {
        Participants Notice Desk Never Minutes
        label: "People of the platform's own",
        says: "Third parties and co-hosts belong to the platform: {observed}.",
        fix: "Add or remove third parties and co-hosts on the platform.",
    }
    /// A visit of a series that is further ahead than the platform looks; those before it are there already.
    SeriesPartlyBeyondHorizon = 1006 "SERIES_PARTLY_BEYOND_HORIZON" {
        Participants WaitingByRule Engine Alone None
        label: "Later visits of a series wait",
        says: "This visit of the series is more than {horizon} ahead and will be sent by itself on {enters}.",
        fix: "Nothing to do; each visit of the series is sent by itself when its date comes near.",
    }

    // K. Writing.

    /// The platform kept refusing or not answering until the schedule of attempts ended.
    DeliveryExhausted = 1101 "DELIVERY_EXHAUSTED" {
        Write Failed Support WhenObserved Hours
        label: "Delivery given up",
        says: "Given up after {attempts} attempts; the last answer was {observed}.",
        fix: "Repair the platform's endpoint, then re-drive; it is safe to repeat.",
    }
    /// The platform answered that it takes no more.
    PlatformEndpointGone = 1102 "PLATFORM_ENDPOINT_GONE" {
        Write Held Support WhenObserved Hours
        label: "Platform endpoint gone",
        says: "The platform's endpoint answered that it is gone (410).",
        fix: "Set the new address of the platform's endpoint; everything that waits is then sent by itself.",
    }
    /// The platform refused this card for good.
    PlatformRefused = 1103 "PLATFORM_REFUSED" {
        Write Failed Support WhenObserved Hours
        label: "Platform refused it",
        says: "The platform refused it for good: {observed}.",
        fix: "See the platform's answer, mend what it names, then re-drive.",
    }
    /// The platform shows an older state, or one that is no longer meant to be shown.
    ShownThoughStopped = 1104 "SHOWN_THOUGH_STOPPED" {
        Write Notice Support WhenObserved Minutes
        label: "Platform shows an earlier state",
        says: "The platform still shows the state of {shown_since}, because this visit is stopped.",
        fix: "Mend what stops the visit; the platform is then brought up to date by itself.",
    }

    // L. People.

    /// The visit is a test: gates apply, nobody is told, it is not counted.
    TestVisit = 1201 "TEST_VISIT" {
        Told Notice Nobody Never None
        label: "Test visit",
        says: "This is a test visit: nobody is told and it is not counted.",
        fix: "Nothing to do.",
    }
    /// It is there, and as far as anybody knows the patient was not told.
    SyncedNotNotified = 1203 "SYNCED_NOT_NOTIFIED" {
        Told Notice Desk WhenObserved Minutes
        label: "Patient not told",
        says: "The visit is there, and the patient was not told.",
        fix: "Tell the patient by phone or by hand; the timeline of the visit says why no notice went.",
    }
    /// It is there, in another list than people look at.
    DisplayFiltered = 1202 "DISPLAY_FILTERED" {
        Told Notice Support Alone Seconds
        label: "Among the past ones",
        says: "It is there, among the past ones, because it is {observed}.",
        fix: "Show where it stands: the platform lists it among the past ones.",
    }
    /// No rule fits: all gates pass, and still it is not there.
    Unexplained = 1299 "UNEXPLAINED" {
        Told Held Support ByDecision Hours
        label: "No explanation found",
        says: "No rule explains this; it has been counted as unexplained.",
        fix: "Escalate it with the bundle of evidence, so that a rule can be written.",
    }
}

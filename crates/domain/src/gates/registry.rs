//! The ladder: every gate, in the order in which reasons become primary (integration → provider → patient → type →
//! time → status → participants → write → told).

use crate::gates::rules;
use crate::gates::{Finding, LiveView, Side, Snapshot};
use crate::reasons::Family;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// One gate.
#[derive(Clone, Copy)]
pub struct Gate {
    /// Its stable name.
    pub id: GateId,
    /// Where on the ladder it stands.
    pub family: Family,
    /// Which profile its rule comes from.
    pub side: Side,
    /// What it wants to see, in a few words.
    pub expects: &'static str,
    /// What it looks at: shown as evidence where the finding itself names nothing else.
    pub looks_at: LooksAt,
    /// The rule.
    pub check: Check,
}

/// What a gate looks at when nothing is odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LooksAt {
    /// The visit's provider.
    Provider,
    /// The visit's patients.
    Patient,
    /// The visit type.
    VisitType,
    /// The department.
    Department,
    /// The start.
    Start,
    /// The status word, or the event.
    Status,
    /// Nothing that has one value: these words say what passing means.
    Words(&'static str),
}

/// When a gate is asked, and what it may look at.
#[derive(Clone, Copy)]
pub enum Check {
    /// With every decision; the finding is stored.
    Deciding(fn(&Snapshot<'_>) -> Finding),
    /// With every decision, after the others: it may look at what they found.
    Concluding(fn(&Snapshot<'_>, &[Finding]) -> Finding),
    /// Whenever somebody asks: it looks at what only time and the platform change, so nothing is stored.
    Live(fn(&LiveView<'_>) -> Finding),
}

macro_rules! ladder {
    ($($variant:ident = $number:literal $name:ident),* $(,)?) => {
        /// The stable name of a gate. Numbers are what is stored.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "each gate is documented at the top of its own file")]
        pub enum GateId {
            $($variant = $number),*
        }

        impl GateId {
            /// Every gate's name in ladder order.
            pub const ALL: &[GateId] = &[$(GateId::$variant),*];

            /// The name used in the API, in evidence and in file names.
            pub const fn name(self) -> &'static str {
                match self {
                    $(GateId::$variant => stringify!($name),)*
                }
            }

            pub(super) const fn from_number(number: u8) -> Option<GateId> {
                match number {
                    $($number => Some(GateId::$variant),)*
                    _ => None,
                }
            }

            /// The text of the gate's file, whose head is its documentation.
            const fn file(self) -> &'static str {
                match self {
                    $(GateId::$variant => include_str!(concat!("rules/", stringify!($name), ".rs")),)*
                }
            }

            /// The gate itself.
            pub const fn gate(self) -> &'static Gate {
                match self {
                    $(GateId::$variant => &rules::$name::GATE,)*
                }
            }
        }

        /// The gates in ladder order.
        const LADDER: &[&Gate] = &[$(&rules::$name::GATE),*];
    };
}

ladder![
    IntegrationLive = 1 integration_live,
    AccessGranted = 2 access_granted,
    SetupComplete = 3 setup_complete,
    SystemSupported = 4 system_supported,
    SecretReadable = 5 secret_readable,
    ProviderRegistered = 10 provider_registered,
    ProviderActive = 11 provider_active,
    ProviderLinked = 12 provider_linked,
    ProviderFiled = 13 provider_filed,
    OneVisitOneProvider = 14 one_visit_one_provider,
    PatientNamed = 20 patient_named,
    PatientLinked = 21 patient_linked,
    EmailPresent = 22 email_present,
    EmailValid = 23 email_valid,
    EmailUnique = 24 email_unique,
    EmailNotStaff = 25 email_not_staff,
    DemographicsComplete = 26 demographics_complete,
    RecordCurrent = 27 record_current,
    EmailOnVisit = 28 email_on_visit,
    DemographicsConfirmed = 29 demographics_confirmed,
    TypeApproved = 30 type_approved,
    DepartmentRegistered = 31 department_registered,
    ModalityCarried = 32 modality_carried,
    IsAVisit = 33 is_a_visit,
    TimeKnown = 40 time_known,
    TimeUnambiguous = 41 time_unambiguous,
    LengthKnown = 42 length_known,
    TimesAgree = 43 times_agree,
    BookedAhead = 44 booked_ahead,
    ArrivedAhead = 45 arrived_ahead,
    BookedOutsideBuffer = 46 booked_outside_buffer,
    InsideHorizon = 47 inside_horizon,
    FastLane = 48 fast_lane,
    StatusUnderstood = 50 status_understood,
    StatusPortable = 51 status_portable,
    FirstFinalStatus = 52 first_final_status,
    SentBeforeEnd = 53 sent_before_end,
    StatusInItsPlace = 54 status_in_its_place,
    CompletedThere = 55 completed_there,
    NotInError = 56 not_in_error,
    StaysDeleted = 57 stays_deleted,
    MoveOfKnownVisit = 58 move_of_known_visit,
    MovePaired = 59 move_paired,
    GroupWithinLimit = 60 group_within_limit,
    NoSwapInPlace = 61 no_swap_in_place,
    ParticipantsInStep = 62 participants_in_step,
    ThirdPartiesKept = 63 third_parties_kept,
    EndpointOpen = 79 endpoint_open,
    Delivered = 80 delivered,
    OnSchedule = 81 on_schedule,
    ShownCurrent = 82 shown_current,
    RealVisit = 90 real_visit,
    FoundWhereLooked = 91 found_where_looked,
    CommunicationAllowed = 92 communication_allowed,
    MobileKnown = 93 mobile_known,
    LanguageKnown = 94 language_known,
    AccountActive = 95 account_active,
    ContactAgrees = 96 contact_agrees,
    OneContactRecord = 97 one_contact_record,
];

impl Gate {
    /// Every gate in ladder order.
    pub const fn ladder() -> &'static [&'static Gate] {
        LADDER
    }

    /// The gate's documentation in Markdown: the `//!` lines at the top of its file.
    pub fn page(&self) -> String {
        let lines = self.id.file().lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
    }
}

impl<C> Encode<C> for GateId {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.u8(*self as u8)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for GateId {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<GateId, decode::Error> {
        GateId::from_number(d.u8()?).ok_or_else(|| decode::Error::message("a gate this version does not know"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s0_5_the_ladder_stands_in_its_fixed_order() {
        let families: Vec<Family> = Gate::ladder().iter().map(|gate| gate.family).collect();
        assert!(families.is_sorted(), "{families:?}");
        // Findings are sorted by the stored number, which is therefore the place on the ladder too.
        assert!(Gate::ladder().iter().map(|gate| gate.id as u8).is_sorted());
    }

    #[test]
    fn every_gate_is_documented_in_the_same_sections() {
        for gate in Gate::ladder() {
            let page = gate.page();
            assert!(page.starts_with("# "), "{}: a title first", gate.id.name());
            for section in ["## What it checks", "## Why it matters", "## What to do", "## Example", "## Source"] {
                assert!(page.contains(section), "{}: {section}", gate.id.name());
            }
            assert_eq!(GateId::from_number(gate.id as u8), Some(gate.id));
            assert_eq!(gate.id.gate().id, gate.id);
        }
    }
}

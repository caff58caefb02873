//! Planted faults: a simulation that notices none of them would prove nothing.

use sim::mutant::Mutant;
use sim::plan::plan_of;
use sim::world::run;

/// Every planted fault is noticed in one of so many worlds.
const WORLDS: u64 = 40;

/// `known`: a world that noticed it when the plans were last drawn differently, to be looked at before all others.
fn is_noticed(mutant: Mutant, known: u64) {
    let notices = |seed| !run(&plan_of(seed), Some(mutant), false).unwrap().faults.is_empty();
    let noticed = [known].into_iter().chain(1..=WORLDS).any(notices);
    assert!(noticed, "nobody noticed {} in {WORLDS} worlds", mutant.name());
}

/// A test for each planted fault.
macro_rules! noticed {
    ($($test:ident: $mutant:ident in $known:literal,)*) => {
        $(#[test]
        fn $test() {
            is_noticed(Mutant::$mutant, $known);
        })*

        #[test]
        fn no_planted_fault_is_left_out() {
            assert_eq!(Mutant::ALL, [$(Mutant::$mutant),*]);
        }
    };
}

noticed! {
    it_is_noticed_when_a_changed_fact_wakes_nobody: ForgetsToWake in 1,
    it_is_noticed_when_a_card_is_not_queued: ForgetsToQueue in 4,
    it_is_noticed_when_a_delivered_card_stays_queued: KeepsInQueue in 1,
    it_is_noticed_when_stale_rows_are_read: ReadsStale in 1,
    it_is_noticed_when_a_sync_does_nothing: SyncsNothing in 1,
    it_is_noticed_when_an_acknowledgement_comes_early: AcknowledgesEarly in 1,
    it_is_noticed_when_an_acknowledged_message_is_dropped: AcknowledgesAndDrops in 1,
    it_is_noticed_when_versions_share_an_id: ReusesKeys in 1,
    it_is_noticed_when_attempts_have_ids_of_their_own: ChangesKeys in 1,
    it_is_noticed_when_failures_pass_for_success: ReportsDelivered in 1,
    it_is_noticed_when_the_card_before_goes_out: SendsStaleCards in 1,
    it_is_noticed_when_a_visit_does_not_wait: ForgetsToWait in 1,
    it_is_noticed_when_a_date_wakes_nobody: ForgetsTimers in 4,
    it_is_noticed_when_a_released_visit_stays_listed: KeepsStops in 1,
    it_is_noticed_when_verdicts_are_miscounted: MiscountsVerdicts in 1,
    it_is_noticed_when_repetitions_are_not_recognised: ForgetsMessageIds in 1,
    it_is_noticed_when_the_clock_stands_still: StopsClock in 1,
    it_is_noticed_when_deeds_are_not_written_down: ForgetsAudit in 1,
    it_is_noticed_when_nobody_takes_part: ForgetsParticipants in 1,
    it_is_noticed_when_one_queue_hides_cards: ClaimsFromOneQueue in 106,
    it_is_noticed_when_a_kept_message_is_left_behind: LeavesBehind in 7,
}

//! Planted faults: a simulation that notices none of them would prove nothing.

use sim::mutant::Mutant;
use sim::plan::plan_of;
use sim::world::run;

/// Every planted fault is noticed in one of so many worlds.
const WORLDS: u64 = 40;

fn is_noticed(mutant: Mutant) {
    let noticed = (1..=WORLDS).any(|seed| !run(&plan_of(seed), Some(mutant), false).unwrap().faults.is_empty());
    assert!(noticed, "nobody noticed {} in {WORLDS} worlds", mutant.name());
}

/// A test for each planted fault.
macro_rules! noticed {
    ($($test:ident: $mutant:ident,)*) => {
        $(#[test]
        fn $test() {
            is_noticed(Mutant::$mutant);
        })*

        #[test]
        fn no_planted_fault_is_left_out() {
            assert_eq!(Mutant::ALL, [$(Mutant::$mutant),*]);
        }
    };
}

noticed! {
    it_is_noticed_when_a_changed_fact_wakes_nobody: ForgetsToWake,
    it_is_noticed_when_a_card_is_not_queued: ForgetsToQueue,
    it_is_noticed_when_a_delivered_card_stays_queued: KeepsInQueue,
    it_is_noticed_when_stale_rows_are_read: ReadsStale,
    it_is_noticed_when_a_sync_does_nothing: SyncsNothing,
    it_is_noticed_when_an_acknowledgement_comes_early: AcknowledgesEarly,
    it_is_noticed_when_an_acknowledged_message_is_dropped: AcknowledgesAndDrops,
    it_is_noticed_when_versions_share_an_id: ReusesKeys,
    it_is_noticed_when_attempts_have_ids_of_their_own: ChangesKeys,
    it_is_noticed_when_failures_pass_for_success: ReportsDelivered,
    it_is_noticed_when_the_card_before_goes_out: SendsStaleCards,
    it_is_noticed_when_a_visit_does_not_wait: ForgetsToWait,
    it_is_noticed_when_a_date_wakes_nobody: ForgetsTimers,
    it_is_noticed_when_a_released_visit_stays_listed: KeepsStops,
    it_is_noticed_when_verdicts_are_miscounted: MiscountsVerdicts,
    it_is_noticed_when_repetitions_are_not_recognised: ForgetsMessageIds,
    it_is_noticed_when_the_clock_stands_still: StopsClock,
    it_is_noticed_when_deeds_are_not_written_down: ForgetsAudit,
    it_is_noticed_when_nobody_takes_part: ForgetsParticipants,
    it_is_noticed_when_one_queue_hides_cards: ClaimsFromOneQueue,
}

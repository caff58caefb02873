//! What a process changes in its store: passed on unless a fault strikes, or a planted fault forgets it.

use crate::disk::faults::Place;
use crate::disk::handle::Handle;
use crate::mutant::Mutant;
use domain::exception::QueueUse;
use domain::ids::{AppointmentKey, EntryId, EnvelopeId, IntegrationKey, PracticeNo};
use domain::ledger::Entry;
use domain::setup::{LinkFact, LinkKind, PracticeDoc};
use domain::time::Moment;
use store::{
    AccountRow, AppointmentRow, AppointmentWrites, AuditWrites, CauseWrites, CheckRunRow, CheckWrites, ControlRow,
    CoverageRow, CoverageWrites, EnvelopeWrites, EventRow, EventWrites, ExceptionRow, ExceptionWrites, FeedbackRow,
    FeedbackWrites, Hints, IntegrationRow, LedgerWrites, NewAudit, NewEnvelope, NoticeRow, NoticeWrites, OutboxRow,
    OutboxWrites, PaceRow, PatientRow, PatientWrites, PollRow, PollWrites, Result, SessionRow, SetupWrites, Stop,
    Subject, TokenRow, TokenWrites, UndecidedRow, UndecidedWrites, UseWrites, WaitWrites, WakeScope, Writer,
};

/// Passes changes on. A method with `unless Mutant` is forgotten by that mutant.
macro_rules! passed_on {
    ($trait:ident {
        $(fn $name:ident($($arg:ident: $kind:ty),*) -> $gives:ty $(, unless $mutant:ident)?;)*
    }) => {
        impl $trait for Handle<dyn Writer> {
            $(fn $name(&mut self, $($arg: $kind),*) -> Result<$gives> {
                self.change()?;
                $(if self.is(Mutant::$mutant) {
                    return Ok(Default::default());
                })?
                self.inner.$name($($arg),*)
            })*
        }
    };
}

impl Writer for Handle<dyn Writer> {
    fn begin(&mut self, hints: &mut dyn FnMut(&mut Hints)) -> Result<()> {
        self.alive()?;
        self.shared.strike(Place::Begin)?;
        self.changed = 0;
        self.inner.begin(hints)
    }

    fn commit(&mut self) -> Result<()> {
        let before = self.alive();
        // A batch that changed nothing is no place for a fault: nobody could tell.
        let counts = self.changed > 0;
        let before = before.and_then(|()| if counts { self.shared.strike(Place::Commit) } else { Ok(()) });
        if let Err(error) = before {
            self.inner.rollback();
            return Err(error);
        }
        self.inner.commit()?;
        self.shared.disk.committed(std::mem::take(&mut self.changed));
        if !counts {
            return Ok(());
        }
        let life = &self.shared.life;
        let outcome = self.shared.strike(Place::AfterCommit);
        match outcome {
            // The process goes on until it syncs, and dies there.
            Err(_) if life.is_over() => Ok(()),
            other => other,
        }
    }

    fn rollback(&mut self) {
        self.changed = 0;
        self.inner.rollback();
    }
}

impl AppointmentWrites for Handle<dyn Writer> {
    fn put_appointment(
        &mut self,
        key: &AppointmentKey,
        before: Option<&AppointmentRow>,
        row: &AppointmentRow,
    ) -> Result<()> {
        self.change()?;
        if self.is(Mutant::ReadsStale)
            && let Some(before) = before
        {
            self.before.insert(key.clone(), before.clone());
        }
        if self.is(Mutant::MiscountsVerdicts)
            && let Some(before) = before
        {
            let as_if = AppointmentRow { verdict: row.verdict, ..before.clone() };
            return self.inner.put_appointment(key, Some(&as_if), row);
        }
        self.inner.put_appointment(key, before, row)
    }

    fn put_participant(&mut self, key: &AppointmentKey, patient: &str) -> Result<()> {
        self.change()?;
        if self.is(Mutant::ForgetsParticipants) {
            return Ok(());
        }
        self.inner.put_participant(key, patient)
    }

    fn delete_participant(&mut self, key: &AppointmentKey, patient: &str) -> Result<()> {
        self.change()?;
        self.inner.delete_participant(key, patient)
    }
}

passed_on!(AuditWrites {
    fn put_audit(audit: &NewAudit) -> (), unless ForgetsAudit;
});

passed_on!(CauseWrites {
    fn put_stop(key: &AppointmentKey, stop: &Stop, start: Option<Moment>, now: Moment) -> bool;
    fn delete_stop(key: &AppointmentKey, stop: &Stop, now: Moment) -> bool, unless KeepsStops;
});

passed_on!(CheckWrites {
    fn put_check_run(row: &CheckRunRow) -> ();
    fn forget_check_runs(integration: IntegrationKey, before: Moment) -> ();
});

passed_on!(UndecidedWrites {
    fn put_undecided(row: &UndecidedRow, subjects: &[Subject]) -> ();
    fn decided(practice: PracticeNo, envelope: EnvelopeId, subjects: &[Subject]) -> ();
    fn take_over(practice: PracticeNo, envelope: EnvelopeId) -> Option<UndecidedRow>, unless LeavesBehind;
    fn set_aside(practice: PracticeNo, envelope: EnvelopeId, note: &str) -> ();
});

passed_on!(UseWrites {
    fn add_use(practice: PracticeNo, day: i32, counts: &[(QueueUse, u64)]) -> ();
    fn forget_use(practice: PracticeNo, before: i32) -> ();
});

passed_on!(EventWrites {
    fn put_event(row: &EventRow) -> ();
    fn delete_event(integration: IntegrationKey, id: EntryId) -> ();
});

passed_on!(ExceptionWrites {
    fn put_exception(row: &ExceptionRow) -> ();
});

passed_on!(FeedbackWrites {
    fn put_feedback(row: &FeedbackRow) -> ();
});

passed_on!(NoticeWrites {
    fn put_notice(row: &NoticeRow) -> ();
});

passed_on!(CoverageWrites {
    fn put_coverage(integration: IntegrationKey, row: &CoverageRow) -> ();
});

passed_on!(EnvelopeWrites {
    fn put_envelope(envelope: &NewEnvelope<'_>) -> ();
    fn put_control(integration: IntegrationKey, control_id: &str, row: &ControlRow) -> (), unless ForgetsMessageIds;
    fn forget_envelopes(before: Moment, limit: usize) -> Vec<(PracticeNo, usize)>;
});

passed_on!(LedgerWrites {
    fn put_entry(key: &AppointmentKey, id: EntryId, prev: Option<EntryId>, at: Moment, entry: &Entry) -> ();
});

passed_on!(OutboxWrites {
    fn put_outbox(row: &OutboxRow) -> (), unless ForgetsToQueue;
    fn delete_outbox(integration: IntegrationKey, visible_at: Moment, entry: EntryId) -> (), unless KeepsInQueue;
    fn reclaim_outbox(now: Moment) -> usize;
});

passed_on!(PatientWrites {
    fn put_patient(integration: IntegrationKey, before: Option<&PatientRow>, row: &PatientRow) -> ();
    fn put_account(integration: IntegrationKey, row: &AccountRow) -> ();
    fn delete_account(integration: IntegrationKey, platform_id: &str) -> ();
});

passed_on!(SetupWrites {
    fn put_practice(document: &PracticeDoc, now: Moment) -> PracticeNo;
    fn put_integration(practice: PracticeNo, row: &IntegrationRow, new: bool) -> IntegrationKey;
    fn put_link(integration: IntegrationKey, link: &LinkFact) -> ();
    fn delete_link(integration: IntegrationKey, kind: LinkKind, source_id: &str) -> bool;
    fn next_boot() -> u32;
    fn raise_version_floor(by: u32) -> u32;
});

passed_on!(PollWrites {
    fn put_poll(row: &PollRow) -> ();
    fn delete_poll(integration: IntegrationKey) -> ();
    fn put_pace(scope: &str, row: &PaceRow) -> ();
});

passed_on!(TokenWrites {
    fn put_token(token: &TokenRow) -> ();
    fn put_session(session: &SessionRow) -> ();
    fn delete_session(digest: &[u8; 32]) -> ();
    fn forget_sessions(before: Moment) -> usize;
});

passed_on!(WaitWrites {
    fn put_wait(key: &AppointmentKey, wake_key: &str) -> (), unless ForgetsToWait;
    fn delete_wait(key: &AppointmentKey, wake_key: &str) -> ();
    fn put_timer(key: &AppointmentKey, due_at: Moment) -> (), unless ForgetsTimers;
    fn delete_timer(key: &AppointmentKey, due_at: Moment) -> ();
    fn fire(
        integration: IntegrationKey, wake_key: &str, scope: WakeScope, why: &str, at: Moment
    ) -> (), unless ForgetsToWake;
    fn advance_fired(id: i64, after: Option<&str>) -> ();
});

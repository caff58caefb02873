//! What a process asks its store: passed on while the process lives.

use crate::disk::handle::Handle;
use crate::mutant::Mutant;
use domain::ids::{AppointmentKey, AuditId, EntryId, EnvelopeId, IntegrationKey, PracticeNo};
use domain::setup::LinkFact;
use domain::text::Text;
use domain::time::Moment;
use store::{
    AccountQuery, AccountRow, AppointmentFilter, AppointmentReads, AppointmentRow, AuditReads, AuditRow, CauseReads,
    CauseRow, CheckReads, CheckRunRow, ControlRow, CoverageReads, CoverageRow, EntryRow, EnvelopeReads, EnvelopeRow,
    EventReads, EventRow, ExceptionReads, ExceptionRow, FeedbackCount, FeedbackReads, FeedbackRow, FiredRow,
    IntegrationRow, LedgerReads, ListedAppointment, NoticeReads, NoticeRow, OutboxReads, OutboxRow, PaceRow, Page,
    PatientReads, PatientRow, PollReads, PollRow, PracticeRow, Reader, Result, SessionRow, SetupReads, Stop, Subject,
    Tally, TokenReads, TokenRow, UndecidedReads, UndecidedRow, UseReads, UseRow, WaitReads,
};

/// For the mutant that claims from one queue: so much of it is seen.
const BEGINNING: usize = 64;

/// Passes calls on, as long as the process lives.
macro_rules! passed_on {
    ($trait:ident { $(fn $name:ident($($arg:ident: $kind:ty),*) -> $gives:ty;)* }) => {
        impl<T: ?Sized + Reader> $trait for Handle<T> {
            $(fn $name(&mut self, $($arg: $kind),*) -> Result<$gives> {
                self.alive()?;
                self.inner.$name($($arg),*)
            })*
        }
    };
}

impl<T: ?Sized + Reader> Reader for Handle<T> {}

impl<T: ?Sized + Reader> AppointmentReads for Handle<T> {
    fn appointment(&mut self, key: &AppointmentKey) -> Result<Option<AppointmentRow>> {
        self.alive()?;
        self.reads += 1;
        if self.is(Mutant::ReadsStale)
            && self.reads.is_multiple_of(5)
            && let Some(before) = self.before.get(key)
        {
            return Ok(Some(before.clone()));
        }
        self.inner.appointment(key)
    }

    fn appointments(
        &mut self,
        integration: IntegrationKey,
        filter: &AppointmentFilter,
        after: Option<&Page>,
        limit: usize,
    ) -> Result<Vec<ListedAppointment>> {
        self.alive()?;
        self.inner.appointments(integration, filter, after, limit)
    }

    fn appointments_of_patient(
        &mut self,
        integration: IntegrationKey,
        patient: &str,
        limit: usize,
    ) -> Result<Vec<Text>> {
        self.alive()?;
        self.inner.appointments_of_patient(integration, patient, limit)
    }

    fn source_ids_like(&mut self, integration: IntegrationKey, prefix: &str, limit: usize) -> Result<Vec<Text>> {
        self.alive()?;
        self.inner.source_ids_like(integration, prefix, limit)
    }

    fn tallies(&mut self, integration: IntegrationKey) -> Result<Vec<Tally>> {
        self.alive()?;
        self.inner.tallies(integration)
    }
}

passed_on!(AuditReads {
    fn audit(
        practice: Option<PracticeNo>, subject: Option<&str>, before: Option<AuditId>, limit: usize
    ) -> Vec<AuditRow>;
    fn audit_chain(after: AuditId, limit: usize) -> Vec<AuditRow>;
});

passed_on!(CauseReads {
    fn open_causes(integration: IntegrationKey, now: Moment, limit: usize) -> Vec<CauseRow>;
    fn cause(id: &str, now: Moment) -> Option<CauseRow>;
    fn stopped_by(integration: IntegrationKey, stop: &Stop, after: Option<&str>, limit: usize) -> Vec<Text>;
});

passed_on!(CheckReads {
    fn last_check_run(integration: IntegrationKey) -> Option<CheckRunRow>;
    fn check_runs(integration: IntegrationKey, since: Moment, limit: usize) -> Vec<CheckRunRow>;
});

passed_on!(UndecidedReads {
    fn undecided(before: Moment, limit: usize) -> Vec<UndecidedRow>;
    fn undecided_about(practice: PracticeNo, subjects: &[Subject]) -> Vec<EnvelopeId>;
    fn undecided_up_to(practice: PracticeNo, envelope: EnvelopeId) -> Vec<EnvelopeId>;
});

passed_on!(UseReads {
    fn queue_use(practice: PracticeNo, since: i32) -> Vec<UseRow>;
});

passed_on!(EventReads {
    fn events_due(now: Moment, limit: usize) -> Vec<EventRow>;
    fn event(integration: IntegrationKey, id: EntryId) -> Option<EventRow>;
    fn next_event() -> Option<Moment>;
});

passed_on!(ExceptionReads {
    fn exception(integration: IntegrationKey, cause: &str) -> Option<ExceptionRow>;
    fn open_exceptions(integration: IntegrationKey, limit: usize) -> Vec<ExceptionRow>;
    fn exceptions_due(now: Moment, limit: usize) -> Vec<IntegrationKey>;
    fn next_exception() -> Option<Moment>;
});

passed_on!(FeedbackReads {
    fn feedback(integration: IntegrationKey, before: Option<EntryId>, limit: usize) -> Vec<FeedbackRow>;
    fn feedback_of(visit: &AppointmentKey, limit: usize) -> Vec<FeedbackRow>;
    fn feedback_counts(integration: IntegrationKey, since: Moment) -> Vec<FeedbackCount>;
});

passed_on!(NoticeReads {
    fn notice_once(integration: IntegrationKey, once: &str) -> Option<NoticeRow>;
    fn notices_of(integration: IntegrationKey, subject: &str, limit: usize) -> Vec<NoticeRow>;
    fn notices_due(now: Moment, limit: usize) -> Vec<NoticeRow>;
    fn next_notice() -> Option<Moment>;
});

passed_on!(CoverageReads {
    fn coverage(integration: IntegrationKey, from: Moment, to: Moment) -> Vec<CoverageRow>;
});

passed_on!(EnvelopeReads {
    fn envelope(id: EnvelopeId) -> Option<EnvelopeRow>;
    fn envelope_digest(id: EnvelopeId) -> Option<[u8; 16]>;
    fn control(integration: IntegrationKey, control_id: &str) -> Option<ControlRow>;
    fn envelopes_set_aside(integration: IntegrationKey, before: Option<EnvelopeId>, limit: usize) -> Vec<EnvelopeRow>;
    fn envelopes_not_applied(integration: IntegrationKey, since: Moment, limit: usize) -> Vec<EnvelopeRow>;
    fn envelopes_behind(integration: IntegrationKey, after: EnvelopeId, up_to: EnvelopeId, limit: usize)
        -> Vec<(EnvelopeId, Moment)>;
    fn oldest_envelope() -> Option<(EnvelopeId, Moment)>;
});

passed_on!(LedgerReads {
    fn entry(id: EntryId) -> Option<EntryRow>;
    fn entries(key: &AppointmentKey, last: EntryId, limit: usize) -> Vec<EntryRow>;
    fn decisions_since(integrations: &[IntegrationKey], after: EntryId, limit: usize) -> Vec<EntryRow>;
    fn greatest_id() -> u64;
});

impl<T: ?Sized + Reader> OutboxReads for Handle<T> {
    fn outbox_turns(
        &mut self,
        now: Moment,
        after: Option<IntegrationKey>,
        limit: usize,
    ) -> Result<Vec<IntegrationKey>> {
        self.alive()?;
        self.inner.outbox_turns(now, after, limit)
    }

    fn outbox_visible(&mut self, now: Moment, integrations: &[IntegrationKey], each: usize) -> Result<Vec<OutboxRow>> {
        self.alive()?;
        if self.is(Mutant::ClaimsFromOneQueue) {
            let all = self.inner.outbox_turns(now, None, BEGINNING)?;
            let mut queue = self.inner.outbox_visible(now, &all, BEGINNING)?;
            queue.sort_by_key(|row| (row.visible_at, row.entry));
            queue.truncate(BEGINNING);
            queue.retain(|row| integrations.contains(&row.key.integration));
            return Ok(queue);
        }
        self.inner.outbox_visible(now, integrations, each)
    }

    fn next_outbox(&mut self) -> Result<Option<Moment>> {
        self.alive()?;
        self.inner.next_outbox()
    }

    fn outbox_depth(&mut self, limit: usize) -> Result<usize> {
        self.alive()?;
        self.inner.outbox_depth(limit)
    }

    fn outbox_older_than(
        &mut self,
        integration: IntegrationKey,
        since: Moment,
        limit: usize,
    ) -> Result<Vec<OutboxRow>> {
        self.alive()?;
        self.inner.outbox_older_than(integration, since, limit)
    }
}

passed_on!(PatientReads {
    fn patient(integration: IntegrationKey, source_id: &str) -> Option<PatientRow>;
    fn email_holders(integration: IntegrationKey, email_key: &str, source_id: &str) -> Vec<Text>;
    fn unlinked_accounts(integration: IntegrationKey, query: &AccountQuery) -> Vec<AccountRow>;
    fn has_unlinked_accounts(integration: IntegrationKey) -> bool;
    fn account_of(integration: IntegrationKey, source_id: &str) -> Option<AccountRow>;
    fn account(integration: IntegrationKey, platform_id: &str) -> Option<AccountRow>;
    fn accounts(integration: IntegrationKey, after: Option<&str>, limit: usize) -> Vec<AccountRow>;
    fn patients_like(integration: IntegrationKey, text: &str, limit: usize) -> Vec<PatientRow>;
    fn patients_named(integration: IntegrationKey, name_key: &str, limit: usize) -> Vec<PatientRow>;
    fn patients_with_email(integration: IntegrationKey, email_key: &str, limit: usize) -> Vec<Text>;
});

passed_on!(SetupReads {
    fn setup_epoch() -> u64;
    fn practices() -> Vec<PracticeRow>;
    fn practice(id: &str) -> Option<PracticeRow>;
    fn integrations() -> Vec<IntegrationRow>;
    fn integration(id: &str) -> Option<IntegrationRow>;
    fn links(integration: IntegrationKey) -> Vec<LinkFact>;
    fn version_floor() -> u32;
});

passed_on!(PollReads {
    fn poll(integration: IntegrationKey) -> Option<PollRow>;
    fn polls_due(now: Moment, without: &[IntegrationKey], limit: usize) -> Vec<PollRow>;
    fn next_poll(without: &[IntegrationKey]) -> Option<Moment>;
    fn polled() -> Vec<IntegrationKey>;
    fn pace(scope: &str) -> Option<PaceRow>;
});

passed_on!(TokenReads {
    fn token_by_digest(digest: &[u8; 32]) -> Option<TokenRow>;
    fn tokens() -> Vec<TokenRow>;
    fn session(digest: &[u8; 32]) -> Option<SessionRow>;
});

passed_on!(WaitReads {
    fn waiting(integration: IntegrationKey, wake_key: &str, after: Option<&str>, limit: usize) -> Vec<Text>;
    fn timers_due(now: Moment, limit: usize) -> Vec<(Moment, AppointmentKey)>;
    fn next_timer() -> Option<Moment>;
    fn fired(limit: usize) -> Vec<FiredRow>;
});

//! What became of a notice: recorded with the visit, and open for the desk when a patient was not told.

use crate::Result;
use crate::decide::load_before;
use crate::notify::queue::close;
use crate::notify::{Channel, Posted};
use crate::scribe::Batch;
use domain::ids::AppointmentKey;
use domain::ledger::Entry;
use domain::notice::{Language, NoticeState};
use domain::reasons::Reason;
use domain::text::Text;
use store::{NoticeRow, Stop};

/// Waits before the next attempts, in seconds.
const WAITS: [i64; 8] = [5, 60, 300, 900, 3600, 7200, 14_400, 28_800];

/// Records what a mail server or gateway said.
pub(super) fn record(batch: &mut Batch<'_>, in_hand: &NoticeRow, posted: &Posted) -> Result<()> {
    let stored = batch.reader().notice_once(in_hand.integration, &in_hand.once)?;
    // Somebody else took over, or gave it up.
    let ours = |row: &NoticeRow| row.state == NoticeState::Sending && row.attempts == in_hand.attempts;
    let Some(notice) = stored.filter(ours) else { return Ok(()) };
    let now = batch.now;
    match posted {
        Posted::Accepted(answer) => {
            batch.writer().put_notice(&close(&notice, NoticeState::Sent, answer.clone(), now))?;
            told(batch, &notice)
        }
        Posted::Unknown(answer) => {
            let why = Text::from(format!("it is not known whether it went ({answer})"));
            batch.writer().put_notice(&close(&notice, NoticeState::Unknown, why.clone(), now))?;
            nobody_told(batch, &notice, &why)
        }
        Posted::Refused(answer) => {
            let why = Text::from(format!("it was refused ({answer})"));
            batch.writer().put_notice(&close(&notice, NoticeState::Failed, why.clone(), now))?;
            nobody_told(batch, &notice, &why)
        }
        Posted::Again(answer) => {
            let wait = usize::try_from(notice.attempts).ok().and_then(|made| WAITS.get(made.saturating_sub(1)));
            let Some(wait) = wait else {
                let why = Text::from(format!("it was tried {} times without success ({answer})", notice.attempts));
                batch.writer().put_notice(&close(&notice, NoticeState::Failed, why.clone(), now))?;
                return nobody_told(batch, &notice, &why);
            };
            let due_at = Some(now.plus_secs(*wait));
            let again = NoticeRow { state: NoticeState::Due, due_at, answer: Some(answer.clone()), ..notice };
            batch.effects.notices = true;
            Ok(batch.writer().put_notice(&again)?)
        }
    }
}

fn told(batch: &mut Batch<'_>, notice: &NoticeRow) -> Result<()> {
    if !notice.kind.is_for_patient() {
        return Ok(());
    }
    let way = if notice.channel.as_deref() == Some(Channel::Sms.word()) { Channel::Sms } else { Channel::Mail };
    let language = match notice.language.unwrap_or_default() {
        Language::English => "English",
        Language::Spanish => "Spanish",
        Language::French => "French",
    };
    let how =
        format!("Patient {} was told by {} in {language}: {}.", notice.recipient, way.label(), notice.kind.word());
    append_told(batch, notice, how)?;
    let key = AppointmentKey { integration: notice.integration, source_id: notice.subject.clone() };
    let now = batch.now;
    batch.writer().delete_stop(&key, &stop(notice), now)?;
    batch.effects.causes.insert(key.integration);
    Ok(())
}

/// A patient was not told, as far as anybody knows: the desk hears of it (`SYNCED_NOT_NOTIFIED`).
pub(super) fn nobody_told(batch: &mut Batch<'_>, notice: &NoticeRow, why: &str) -> Result<()> {
    if !notice.kind.is_for_patient() {
        return Ok(());
    }
    append_told(batch, notice, format!("Patient {} was not told ({}): {why}.", notice.recipient, notice.kind.word()))?;
    let key = AppointmentKey { integration: notice.integration, source_id: notice.subject.clone() };
    let start = notice.about.and_then(|about| about.start);
    let now = batch.now;
    batch.writer().put_stop(&key, &stop(notice), start, now)?;
    batch.effects.causes.insert(key.integration);
    Ok(())
}

fn stop(notice: &NoticeRow) -> Stop {
    Stop { reason: Reason::SyncedNotNotified, subject: notice.subject.clone() }
}

/// Writes into the ledger of the visit what people were told.
pub(super) fn append_told(batch: &mut Batch<'_>, notice: &NoticeRow, how: String) -> Result<()> {
    let key = AppointmentKey { integration: notice.integration, source_id: notice.subject.clone() };
    let Some(before) = load_before(batch, &key)? else { return Ok(()) };
    let mut row = before.row.clone();
    let id = batch.entry_id_after(Some(row.last));
    let now = batch.now;
    batch.writer().put_entry(&key, id, Some(row.last), now, &Entry::Told { how: Text::from(how) })?;
    row.last = id;
    batch.writer().put_appointment(&key, Some(&before.row), &row)?;
    batch.tell(&key);
    Ok(())
}

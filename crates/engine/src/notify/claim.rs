//! Taking notices that are due into hand: each is looked at again under what is known now, and written.

use crate::Result;
use crate::decide::{account_of, doubles_of, load_before};
use crate::deliver::card_of;
use crate::exceptions::{Seen, cause_seen};
use crate::notify::letter::{Letter, Telling, write};
use crate::notify::outcome::{append_told, nobody_told};
use crate::notify::queue::close;
use crate::notify::{Channel, NoticeOptions};
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::ids::AppointmentKey;
use domain::model::Way;
use domain::notice::{Language, NoWay, NoticeKind, NoticeState, Reach};
use domain::phi::Phi;
use domain::reasons::Reason;
use domain::setup::{Lifecycle, PatientNotices};
use domain::text::Text;
use domain::time::Moment;
use store::NoticeRow;

/// So many are taken into hand at a time.
const AT_A_TIME: usize = 16;
/// Whoever has one in hand that long is gone, and what became of it nobody knows.
const LEASE_SECS: i64 = 120;
/// A notice that is put off is looked at again after as long as it has waited already, within these bounds.
const SOONEST_SECS: i64 = 5;
const LATEST_SECS: i64 = 3600;
/// So many visits are named in one letter.
const NAMED: usize = 20;

/// A notice in hand, with the letter to be sent.
pub(super) struct InHand {
    pub(super) notice: NoticeRow,
    pub(super) channel: Channel,
    pub(super) letter: Letter,
}

/// Why a notice is not sent.
enum Instead {
    /// It is no longer true, or nobody wants it.
    Drop(Text),
    /// There is something to tell, and no way to tell it.
    NoWay(Text),
    /// The integration is paused, the visit stopped, or the patient not to be reached: what is still true when that
    /// ends is told then.
    Later(Text),
}

/// What a claim found.
pub(super) struct Claimed {
    pub(super) in_hand: Vec<InHand>,
    /// When the next one is due.
    pub(super) next: Option<Moment>,
}

/// Takes notices that are due into hand.
pub(super) fn claim(batch: &mut Batch<'_>, options: &NoticeOptions) -> Result<Claimed> {
    let now = batch.now;
    let mut in_hand = Vec::new();
    for notice in batch.reader().notices_due(now, AT_A_TIME)? {
        if notice.state == NoticeState::Sending {
            lost(batch, &notice)?;
            continue;
        }
        let Some(integration) = batch.book().get(notice.integration).cloned() else {
            let gone = close(&notice, NoticeState::Dropped, Text::literal("the integration is gone"), now);
            batch.writer().put_notice(&gone)?;
            continue;
        };
        let written = match notice.kind {
            NoticeKind::Booked | NoticeKind::Moved | NoticeKind::Cancelled => {
                for_patient(batch, options, &integration, &notice)?
            }
            NoticeKind::SyncError | NoticeKind::Reminder | NoticeKind::Escalated => {
                for_owner(batch, options, &integration, &notice)?
            }
            NoticeKind::Live => live(options, &integration, &notice),
        };
        match written {
            Ok((channel, language, letter)) => {
                let taken = NoticeRow {
                    state: NoticeState::Sending,
                    due_at: Some(now.plus_secs(LEASE_SECS)),
                    attempts: notice.attempts + 1,
                    channel: Some(Text::literal(channel.word())),
                    language: Some(language),
                    ..notice
                };
                batch.writer().put_notice(&taken)?;
                in_hand.push(InHand { notice: taken, channel, letter });
            }
            Err(Instead::Drop(why)) => {
                batch.writer().put_notice(&close(&notice, NoticeState::Dropped, why.clone(), now))?;
                if notice.kind.is_for_patient() {
                    append_told(batch, &notice, format!("A notice ({}) was not sent: {why}.", notice.kind.word()))?;
                }
            }
            Err(Instead::Later(why)) => {
                let due_at = Some(now.plus_secs(now.secs_since(notice.made_at).clamp(SOONEST_SECS, LATEST_SECS)));
                batch.writer().put_notice(&NoticeRow { due_at, answer: Some(why), ..notice })?;
            }
            Err(Instead::NoWay(why)) => {
                batch.writer().put_notice(&close(&notice, NoticeState::Failed, why.clone(), now))?;
                nobody_told(batch, &notice, &why)?;
            }
        }
    }
    let next = batch.reader().next_notice()?;
    Ok(Claimed { in_hand, next })
}

/// Whoever was sending it is gone.
fn lost(batch: &mut Batch<'_>, notice: &NoticeRow) -> Result<()> {
    let why = Text::literal("it is not known whether it went: whoever was sending it ended in the middle");
    let closed = close(notice, NoticeState::Unknown, why.clone(), batch.now);
    batch.writer().put_notice(&closed)?;
    nobody_told(batch, notice, &why)
}

type Written = std::result::Result<(Channel, Language, Letter), Instead>;

fn drop_it(why: &'static str) -> Written {
    Err(Instead::Drop(Text::literal(why)))
}

fn for_patient(
    batch: &mut Batch<'_>,
    options: &NoticeOptions,
    integration: &Integration,
    notice: &NoticeRow,
) -> Result<Written> {
    if integration.rules.patient_notices != PatientNotices::Punctual {
        return Ok(drop_it("Punctual does not tell patients of this integration any more"));
    }
    let key = AppointmentKey { integration: notice.integration, source_id: notice.subject.clone() };
    let Some(known) = load_before(batch, &key)? else { return Ok(drop_it("the visit is gone")) };
    // State is read again right before acting: a visit that changed meanwhile brings its own notice once the platform
    // shows it (requirement S3-10, `ACTED_ON_STALE_STATE`).
    if known.row.delivery.wanted != notice.version {
        return Ok(drop_it("the visit changed before the notice went"));
    }
    let shown = match known.row.shown {
        Some(shown) => card_of(batch, shown)?,
        None => None,
    };
    let Some(card) = shown else { return Ok(drop_it("the platform does not show the visit")) };
    if card.start.is_none_or(|start| start <= batch.now) {
        return Ok(drop_it("the visit has begun"));
    }
    // A pause, or something that stops the visit for now: when it ends with the same card, no confirmation comes again.
    if integration.rules.lifecycle != Lifecycle::Live || !known.row.judgement.shows() {
        return Ok(Err(stopped_for_now()));
    }
    let Some(row) = batch.reader().patient(key.integration, &notice.recipient)? else {
        return Ok(drop_it("the patient is gone"));
    };
    let account = match &row.link {
        Some(link) => account_of(batch.reader(), key.integration, link)?,
        None => None,
    };
    let decided = |reason| known.decision.appointment.ruling(reason);
    for reason in [Reason::ContactDuplicated, Reason::ContactConflict] {
        if decided(reason) == Some(false) {
            return Ok(Err(Instead::Drop(Text::from(format!("{reason}, and somebody decided that nothing is told")))));
        }
    }
    if decided(Reason::ContactDuplicated).is_none() && !doubles_of(batch.reader(), key.integration, &row)?.is_empty() {
        return Ok(Err(held_back(Reason::ContactDuplicated)));
    }
    let source_holds = decided(Reason::ContactConflict).is_some();
    let reach = Reach { patient: Some(&row.patient), account: account.as_ref(), source_holds };
    let (channel, to) = match way_of(reach, options) {
        Ok(found) => found,
        Err(instead) => return Ok(Err(instead)),
    };
    let language = match row.patient.language.value() {
        None => options.language,
        Some(said) => match Language::of_source(said.open()) {
            Some(language) => language,
            None => return Ok(Err(held_back(Reason::LanguageMismatch))),
        },
    };
    let telling = Telling { kind: notice.kind, language, to, id: message_id(notice, options) };
    let inactive = account.is_some_and(|account| account.inactive);
    Ok(Ok((channel, language, write::to_patient(&telling, integration, &card, inactive))))
}

/// How a patient is reached: by e-mail, else by a text message where there is a gateway.
fn way_of(reach: Reach<'_>, options: &NoticeOptions) -> std::result::Result<(Channel, Phi<Text>), Instead> {
    match reach.way() {
        Ok((Way::Mail, address)) => Ok((Channel::Mail, address.clone())),
        Ok((_, number)) if options.sms => Ok((Channel::Sms, number.clone())),
        Ok(_) => Err(Instead::NoWay(Text::literal(
            "the patient has no usable e-mail address, and no mobile number that a gateway reaches",
        ))),
        // It is not kept for later: what somebody did not want to be told is not told once they want to be told things.
        Err(NoWay::Restricted(restriction)) => {
            let (code, how, place) = (Reason::CommunicationRestricted, restriction.way.label(), &restriction.place);
            Err(Instead::Drop(Text::from(format!("{code}, the patient may not be told {how} ({place})"))))
        }
        Err(NoWay::Unknown) => Err(held_back(Reason::MobileMissing)),
        Err(NoWay::Disputed) => Err(held_back(Reason::ContactConflict)),
    }
}

fn stopped_for_now() -> Instead {
    Instead::Later(Text::literal("put off: the integration is not live, or the visit is stopped"))
}

/// It waits until what the visit's finding names is put right.
fn held_back(reason: Reason) -> Instead {
    Instead::Later(Text::from(format!("put off: {reason}")))
}

fn owner_address(integration: &Integration, notice: &NoticeRow) -> Option<Phi<Text>> {
    let mut owners = integration.rules.owners.iter().filter(|owner| owner.code.is_none() && owner.step == 0);
    owners.find(|owner| *owner.role.word() == *notice.recipient)?.email.clone().map(Phi::new)
}

fn for_owner(
    batch: &mut Batch<'_>,
    options: &NoticeOptions,
    integration: &Integration,
    notice: &NoticeRow,
) -> Result<Written> {
    if !integration.document.notices.clinic {
        return Ok(drop_it("the practice does not want to be told any more"));
    }
    let now = batch.now;
    let Some(Seen { cause, .. }) = cause_seen(batch.reader(), integration, &notice.subject, now)? else {
        return Ok(drop_it("it was put right before"));
    };
    let path = integration.rules.path_for(cause.reason, &cause.subject);
    // The version of such a notice is the place on the path.
    let there = usize::try_from(notice.version).ok().and_then(|step| path.get(step).and_then(|(_, person)| *person));
    let Some(to) = there.and_then(|person| person.email.clone()).map(Phi::new) else {
        return Ok(Err(Instead::NoWay(Text::literal("whoever owns this has no e-mail address any more"))));
    };
    let stop = store::Stop { reason: cause.reason, subject: cause.subject.clone() };
    let visits = batch.reader().stopped_by(cause.integration, &stop, None, NAMED)?;
    let language = options.language;
    let telling = Telling { kind: notice.kind, language, to, id: message_id(notice, options) };
    Ok(Ok((Channel::Mail, language, write::to_owner(&telling, integration, &cause, &visits, options))))
}

fn live(options: &NoticeOptions, integration: &Integration, notice: &NoticeRow) -> Written {
    if integration.rules.lifecycle != Lifecycle::Live {
        return Err(stopped_for_now());
    }
    let Some(to) = owner_address(integration, notice) else {
        return Err(Instead::NoWay(Text::literal("whoever was to be told has no e-mail address any more")));
    };
    let language = options.language;
    let telling = Telling { kind: notice.kind, language, to, id: message_id(notice, options) };
    Ok((Channel::Mail, language, write::live(&telling, integration, options)))
}

/// The same however often it is tried, so that a mail server that saw it recognises it.
fn message_id(notice: &NoticeRow, options: &NoticeOptions) -> Text {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&notice.integration.practice.0.to_le_bytes());
    hasher.update(&notice.integration.integration.to_le_bytes());
    hasher.update(notice.once.as_bytes());
    Text::from(format!("{}@{}", &hasher.finalize().to_hex()[..24], options.domain))
}

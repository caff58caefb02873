//! Joining a thing of the source with a thing of the platform, and taking them apart.

use crate::decide::{account_id, is_own_account};
use crate::ops::Actor;
use crate::scribe::Batch;
use crate::setup::Changed;
use crate::{Engine, Error, Result};
use domain::gates::{ANY_ACCOUNT, WakeKey};
use domain::ids::IntegrationKey;
use domain::matching::Account;
use domain::model::{Fact, LinkMethod, Patient, PatientLink};
use domain::phi::Phi;
use domain::setup::{LinkFact, LinkKind};
use domain::text::Text;
use store::{AccountRow, PatientRow, WakeScope};

impl Engine {
    /// Links two things. Whatever waits for the link is decided again by itself (requirements S0-15, S0-23). An account
    /// that another record is linked to is not taken from it: one account is one person.
    pub async fn set_link(
        &self,
        actor: &Actor,
        integration: &str,
        kind: LinkKind,
        source_id: &str,
        platform_id: &str,
    ) -> Result<()> {
        let (source_id, platform_id) = (required("source_id", source_id)?, required("platform_id", platform_id)?);
        let integration = self.integration_for(actor, integration)?;
        let (key, actor) = (integration.key(), actor.clone());
        let done = self.scribe.run(move |batch| {
            let now = batch.now;
            if kind == LinkKind::Patient {
                link_patient(batch, key, &source_id, &platform_id, &actor)?;
            } else {
                let link = LinkFact {
                    kind,
                    source_id: source_id.clone(),
                    platform_id: platform_id.clone(),
                    author: actor.name.clone(),
                    at: now,
                };
                batch.writer().put_link(key, &link)?;
                raise_version(batch, key)?;
            }
            let why = format!("linked to {platform_id} by {}", actor.name);
            wake(batch, key, kind, &source_id, WakeScope::Waiting, &why)?;
            if kind == LinkKind::Patient {
                wake_lookalikes(batch, key, &platform_id)?;
            }
            actor.audit(batch, key.practice, "link", &format!("{}:{source_id}", kind.word()), &platform_id)?;
            refresh(batch, key, kind)
        });
        done.await
    }

    /// Takes two linked things apart; future visits are held again.
    pub async fn remove_link(&self, actor: &Actor, integration: &str, kind: LinkKind, source_id: &str) -> Result<()> {
        let source_id = required("source_id", source_id)?;
        let integration = self.integration_for(actor, integration)?;
        let (key, actor) = (integration.key(), actor.clone());
        let done = self.scribe.run(move |batch| {
            let removed = match kind {
                LinkKind::Patient => unlink_patient(batch, key, &source_id)?,
                _ => batch.writer().delete_link(key, kind, &source_id)?,
            };
            if !removed {
                return Err(Error::NotFound { what: "link", id: source_id.clone() });
            }
            if kind != LinkKind::Patient {
                raise_version(batch, key)?;
            }
            let why = format!("unlinked by {}", actor.name);
            wake(batch, key, kind, &source_id, WakeScope::Upcoming, &why)?;
            actor.audit(batch, key.practice, "unlink", &format!("{}:{source_id}", kind.word()), "")?;
            refresh(batch, key, kind)
        });
        done.await
    }
}

fn required(name: &str, value: &str) -> Result<Text> {
    Text::present(value).ok_or_else(|| Error::Invalid(format!("{name} is empty: say which two things belong together")))
}

fn link_patient(
    batch: &mut Batch<'_>,
    key: IntegrationKey,
    source_id: &Text,
    platform_id: &Text,
    actor: &Actor,
) -> Result<()> {
    if let Some(holder) = other_holder(batch, key, platform_id, source_id)? {
        return Err(Error::Taken(holder.refusal(platform_id)));
    }
    let held = batch.reader().patient(key, source_id)?;
    let mut row =
        held.clone().unwrap_or_else(|| PatientRow { patient: Patient::unknown(source_id.clone()), link: None });
    row.link = Some(PatientLink {
        platform_id: platform_id.clone(),
        method: LinkMethod::Person,
        at: batch.now,
        author: Some(actor.name.clone()),
    });
    batch.writer().put_patient(key, held.as_ref(), &row)?;
    // The account of before is nobody's from now on.
    let left = held.and_then(|held| held.link).filter(|left| left.platform_id != *platform_id);
    if let Some(left) = left {
        mark_account(batch, key, &left.platform_id, None)?;
    }
    mark_account(batch, key, platform_id, Some(source_id))
}

/// Who else an account belongs to.
enum Holder {
    /// The record of the source that is linked to it.
    Record(Text),
    /// It was made with a visit or an import of some other record, and nobody took that link apart.
    Other,
}

impl Holder {
    fn refusal(&self, platform_id: &Text) -> String {
        let whose = match self {
            Holder::Record(id) => format!("record {id}"),
            Holder::Other => "another record".to_owned(),
        };
        format!(
            "account {platform_id} belongs to {whose}: if that link is wrong take it apart first; if both records are one \
             person, have them merged in the practice system"
        )
    }
}

/// Who else than this record an account belongs to; `None`: nobody, as far as is known.
fn other_holder(
    batch: &mut Batch<'_>,
    key: IntegrationKey,
    platform_id: &Text,
    source_id: &Text,
) -> Result<Option<Holder>> {
    let Some(account) = batch.reader().account(key, platform_id)? else {
        // Nobody listed it. One of our own making is its record's until that link is taken apart, which lists it.
        let others = is_own_account(platform_id) && account_id(key, source_id) != *platform_id;
        return Ok(others.then_some(Holder::Other));
    };
    let Some(id) = account.source_id.filter(|id| id != source_id) else { return Ok(None) };
    let holder = batch.reader().patient(key, &id)?;
    // A record that was merged away holds nothing any more.
    let merged = holder.is_some_and(|row| row.patient.merged_into.is_some());
    Ok((!merged).then_some(Holder::Record(id)))
}

fn unlink_patient(batch: &mut Batch<'_>, key: IntegrationKey, source_id: &Text) -> Result<bool> {
    let Some(held) = batch.reader().patient(key, source_id)? else { return Ok(false) };
    let Some(link) = held.link.clone() else { return Ok(false) };
    batch.writer().put_patient(key, Some(&held), &PatientRow { link: None, ..held.clone() })?;
    if batch.reader().account(key, &link.platform_id)?.is_some() {
        mark_account(batch, key, &link.platform_id, None)?;
    } else {
        // An account that was made with a visit or an import: it is there, and whose it is somebody has to say.
        let made = made_for(&held.patient, link.platform_id);
        batch.writer().put_account(key, &AccountRow { source_id: None, account: made })?;
    }
    Ok(true)
}

/// What the platform knows of the holder of an account that was made from a record.
fn made_for(patient: &Patient, platform_id: Text) -> Account {
    let text = |fact: &Fact<Phi<Text>>| fact.value().map(|value| value.open().clone());
    Account {
        platform_id,
        family: text(&patient.family),
        given: text(&patient.given),
        birth_date: patient.birth_date.value().map(|date| *date.open()),
        email: text(&patient.email),
        phone: text(&patient.mobile).or_else(|| text(&patient.phone)),
        ..Account::default()
    }
}

/// Marks a platform account as belonging to a patient of the source, or to nobody.
fn mark_account(
    batch: &mut Batch<'_>,
    key: IntegrationKey,
    platform_id: &Text,
    source_id: Option<&Text>,
) -> Result<()> {
    if let Some(mut account) = batch.reader().account(key, platform_id)? {
        account.source_id = source_id.cloned();
        batch.writer().put_account(key, &account)?;
    }
    Ok(())
}

/// Whom an account stopped because it might have been theirs goes on.
fn wake_lookalikes(batch: &mut Batch<'_>, key: IntegrationKey, platform_id: &Text) -> Result<()> {
    let why = format!("account {platform_id} was linked");
    fire(batch, key, &WakeKey::Account(platform_id.clone()), WakeScope::Waiting, &why)?;
    if batch.reader().has_unlinked_accounts(key)? {
        return Ok(());
    }
    let none_left = WakeKey::Account(Text::literal(ANY_ACCOUNT));
    fire(batch, key, &none_left, WakeScope::Waiting, "every account is linked")
}

/// The set-up as it is with the link. Whether accounts are left that are nobody's is part of it, so that others hear
/// of that too.
fn refresh(batch: &mut Batch<'_>, key: IntegrationKey, kind: LinkKind) -> Result<()> {
    let integration = batch.integration(key)?;
    if kind == LinkKind::Patient && batch.reader().has_unlinked_accounts(key)? != integration.has_unlinked_accounts {
        raise_version(batch, key)?;
    }
    batch.refresh_book(&Changed::integration(&integration.rules.integration))
}

/// Links are part of the set-up: its version moves with them.
fn raise_version(batch: &mut Batch<'_>, key: IntegrationKey) -> Result<()> {
    let id = batch.integration(key)?.rules.integration.clone();
    let stored = batch.reader().integration(&id)?;
    let mut row = stored.ok_or(Error::NotFound { what: "integration", id })?;
    row.version += 1;
    row.changed_at = batch.now;
    batch.writer().put_integration(key.practice, &row, false)?;
    Ok(())
}

/// Has everything that waits for the thing decided again.
fn wake(
    batch: &mut Batch<'_>,
    key: IntegrationKey,
    kind: LinkKind,
    source_id: &Text,
    scope: WakeScope,
    why: &str,
) -> Result<()> {
    let wake_key = match kind {
        LinkKind::Provider => WakeKey::Provider(source_id.clone()),
        LinkKind::Patient => WakeKey::Patient(source_id.clone()),
        LinkKind::Type | LinkKind::Reason => WakeKey::Type(source_id.clone()),
        LinkKind::Department | LinkKind::Location | LinkKind::Book => WakeKey::Department(source_id.clone()),
    };
    fire(batch, key, &wake_key, scope, why)
}

fn fire(batch: &mut Batch<'_>, key: IntegrationKey, wake_key: &WakeKey, scope: WakeScope, why: &str) -> Result<()> {
    let now = batch.now;
    batch.writer().fire(key, &wake_key.to_string(), scope, why, now)?;
    batch.effects.fired = true;
    Ok(())
}

//! Measuring: one answer a check.

use crate::Result;
use crate::checks::coming::{Counts, count};
use crate::setup::Integration;
use domain::checks::{DataCheck, Measured};
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use std::collections::BTreeSet;
use store::{Reader, cause_id};

/// Accounts of a document that are looked at, at most.
const ACCOUNTS: usize = 2000;
/// Open items, at most.
const ITEMS: usize = 4000;
/// Messages set aside, at most.
const MESSAGES: usize = 1000;
const PAGE: usize = 500;

/// Measures several checks at once: the visits are passed by once for all of them.
pub(super) fn measure(
    reader: &mut dyn Reader,
    integration: &Integration,
    checks: &[DataCheck],
    now: Moment,
) -> Result<Vec<(DataCheck, Measured)>> {
    let mut visits: Option<Counts> = None;
    let mut measured = Vec::new();
    for check in checks {
        let found = match check {
            DataCheck::LinkUnheard => links_unheard(reader, integration)?,
            DataCheck::ItemOldest => oldest_item(reader, integration, now)?,
            DataCheck::MessageSetAside => set_aside(reader, integration, now)?,
            of_visits => {
                if visits.is_none() {
                    visits = Some(count(reader, integration, now)?);
                }
                visits.as_ref().map_or_else(Measured::default, |counts| match of_visits {
                    DataCheck::ContactMissing => counts.contact_missing,
                    DataCheck::VisitIncomplete => counts.incomplete,
                    DataCheck::PatientTwice => counts.twice,
                    DataCheck::HeldLong => counts.held_long,
                    DataCheck::VisitLeftOpen => counts.left_open,
                    _ => counts.words,
                })
            }
        };
        measured.push((*check, found));
    }
    Ok(measured)
}

fn links_unheard(reader: &mut dyn Reader, integration: &Integration) -> Result<Measured> {
    let (mut measured, mut after, mut seen) = (Measured::default(), None::<Text>, 0);
    while seen < ACCOUNTS {
        let accounts = reader.accounts(integration.key(), after.as_deref(), PAGE)?;
        for account in &accounts {
            let Some(patient) = &account.source_id else { continue };
            measured.of += 1;
            measured.found += u64::from(reader.patient(integration.key(), patient)?.is_none());
        }
        let Some(last) = accounts.last().filter(|_| accounts.len() == PAGE) else { return Ok(measured) };
        after = Some(last.account.platform_id.clone());
        seen += accounts.len();
    }
    measured.cut_short = !reader.accounts(integration.key(), after.as_deref(), 1)?.is_empty();
    Ok(measured)
}

fn oldest_item(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<Measured> {
    let items = reader.open_exceptions(integration.key(), ITEMS)?;
    let own = |check: DataCheck| cause_id(integration.key(), Reason::DataCheckFailed, check.word());
    let own: BTreeSet<Text> = DataCheck::ALL.into_iter().map(own).collect();
    // A check that watched itself would never pass again.
    let opened = items.iter().filter(|row| !own.contains(&row.cause)).map(|row| row.item.opened_at);
    let hours = opened.clone().min().map_or(0, |oldest| now.secs_since(oldest).max(0).unsigned_abs() / 3600);
    Ok(Measured { found: hours, of: opened.count() as u64, cut_short: items.len() == ITEMS })
}

fn set_aside(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<Measured> {
    let kept = reader.envelopes_not_applied(integration.key(), now.plus_secs(-86_400), MESSAGES)?;
    let found = kept.len() as u64;
    Ok(Measured { found, of: found, cut_short: kept.len() == MESSAGES })
}

//! # On schedule
//!
//! ## What it checks
//! How long the visit has been under way, against this system's usual and abnormal times: up to the average it is on
//! time, past it slow, past the abnormal limit abnormal. Exactly on a limit still belongs to the better band.
//!
//! ## Why it matters
//! "Is it late or is it broken?" Each system has its own patience; minutes that are normal for one are an outage for
//! another.
//!
//! ## What to do
//! On time and slow: nothing. Abnormal: one incident for the whole feed; look at the feed and the platform's endpoint.
//!
//! ## Example
//! A system with an average of 3–15 minutes, abnormal above 30: at 15:00 on time, at 15:01 slow, at 30:00 slow, at
//! 30:01 abnormal.
//!
//! ## Source
//! Requirements S1-16, S1-17, S1-20, S1-21, X-7; ambiguity A7.

use crate::gates::{Check, Finding, Gate, GateId, LiveView, LooksAt, Side, Source, WakeKey};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::OnSchedule,
    family: Family::Write,
    side: Side::Source,
    expects: "delivered within this system's usual time",
    looks_at: LooksAt::Words("in time"),
    check: Check::Live(check),
};

fn check(view: &LiveView<'_>) -> Finding {
    if !view.is_to_be_shown() {
        return Finding::not_applicable(GATE.id);
    }
    let (usual, abnormal) = (view.usual_secs(), view.abnormal_secs());
    let since = view.waiting_since();
    let waited = view.now.secs_since(since);
    if view.delivery.is_done(view.rules.platform.confirmed_by) || waited <= usual {
        return Finding::pass(GATE.id);
    }
    let reason = if waited <= abnormal { Reason::SlowBand } else { Reason::SyncAbnormalDelay };
    Finding::of(GATE.id, reason)
        .observed(span(waited))
        .expected(Text::from(format_args!("up to {}", span(usual))))
        .about(view.rules.integration.clone())
        .from(Source::Ledger)
        .detail("usual", span(usual))
        .detail("abnormal", span(abnormal))
        .detail("system", view.rules.source.profile.name.clone())
        .detail("since", crate::explain::clock(view.rules, None, since))
        .wakes_on(WakeKey::Integration)
}

fn span(secs: i64) -> Text {
    if secs >= 7200 && secs % 3600 == 0 {
        Text::from(format_args!("{} h", secs / 3600))
    } else if secs >= 7200 {
        // Beyond two hours nobody counts in minutes, and seconds decide nothing.
        Text::from(format_args!("{} h {} min", secs / 3600, secs % 3600 / 60))
    } else if secs % 60 == 0 {
        Text::from(format_args!("{} min", secs / 60))
    } else {
        Text::from(format_args!("{}:{:02} min", secs / 60, secs % 60))
    }
}

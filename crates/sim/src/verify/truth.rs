//! What is true in the diaries, against what the platforms show and what people are told.

use crate::disk::Told;
use crate::plan::{kind_name, provider_id};
use crate::platform::ShownCard;
use crate::source::{Diary, Visit};
use crate::world::World;
use domain::decide::Verdict;
use domain::explain::Explanation;
use domain::reasons::{Class, Reason};
use domain::setup::OwnerRole;
use domain::status::Status;
use domain::time::Moment;
use engine::Error;
use engine::ops::Actor;

/// A visit that starts within so many days is inside every horizon.
const NEAR_DAYS: i64 = 88;

/// Looks at every visit of every diary.
pub(super) async fn look(world: &World) -> Told<Vec<String>> {
    let mut faults = Vec::new();
    let engine = world.engine()?;
    let now = world.now();
    for (number, (clinic, at)) in world.feeds().iter().enumerate() {
        let feed = &world.plan().clinics[*clinic].feeds[*at];
        let diary = world.diary(*clinic);
        let platform = world.platform(number);
        faults.extend(platform.complaints.iter().map(|what| format!("{}: {what}", feed.id)));
        for visit in diary.visits.values() {
            let card = platform.cards.get(&visit.id);
            let explained = engine.explain_appointment(&Actor::operator(), &feed.id, &visit.id).await;
            let explanation = match explained {
                Ok(explained) => explained.explanation,
                // What was deleted before anybody asked for it was never heard of.
                Err(Error::NotFound { .. })
                    if world.plan().clinics[*clinic].asked && visit.status == Status::Removed && card.is_none() =>
                {
                    continue;
                }
                Err(error) => {
                    faults.push(format!("{}/{}: was told of and cannot be explained: {error}", feed.id, visit.id));
                    continue;
                }
            };
            let (newest, heard) = (explanation.appointment.version, world.heard_of(&feed.id, &visit.id));
            if newest != heard && !world.plan().clocks_differ() {
                let what = format!("who pulls heard of version {heard}, and the newest is {newest}");
                faults.push(format!("{}/{}: {what}", feed.id, visit.id));
            }
            let asked = world.plan().clinics[*clinic].asked;
            let readable_from = world.plan().start.plus_millis(i64::try_from(world.plan().calm_at).unwrap_or(0));
            let readable_from = readable_from.plus_secs(86_400);
            let case = Case { visit, card, diary, platform: feed.platform, asked, readable_from, now };
            let believed = explanation.verdict == Verdict::InSync && world.was_forgotten(&feed.id, &visit.id, newest);
            let shown = || case.fits(&explanation).or_else(|| case.zombie());
            let wrong = case.whole(&explanation).or_else(|| if believed { None } else { shown() });
            if let Some(what) = wrong {
                faults.push(format!("{}/{}: {what}; {}", feed.id, visit.id, explanation.sentence));
            }
        }
        for id in platform.cards.keys() {
            if !diary.visits.values().any(|visit| visit.id == *id) {
                faults.push(format!("{}: the platform shows {id}, which is no visit", feed.id));
            }
        }
    }
    Ok(faults)
}

struct Case<'a> {
    visit: &'a Visit,
    card: Option<&'a ShownCard>,
    diary: &'a Diary,
    platform: &'a str,
    asked: bool,
    /// What begins before this may have begun before anybody could be asked about it.
    readable_from: Moment,
    now: Moment,
}

impl Case<'_> {
    /// One verdict, with a reason that has an owner and a fix.
    fn whole(&self, explanation: &Explanation) -> Option<String> {
        let verdict = explanation.verdict;
        if (verdict == Verdict::InSync) == explanation.primary.is_some() {
            return Some(format!("{verdict} with {:?} as its reason", explanation.primary));
        }
        if let Some(primary) = explanation.primary {
            let Some(finding) = explanation.findings.iter().find(|finding| finding.code == Some(primary)) else {
                return Some(format!("{primary} is its reason and not among its findings"));
            };
            let owned = finding.owner.as_ref().is_some_and(|owner| owner.role != OwnerRole::Nobody);
            if finding.fix.is_none_or(str::is_empty) || !(owned || finding.class == Some(Class::Excluded)) {
                return Some(format!("{primary} has no owner or no fix"));
            }
        }
        None
    }

    fn ended(&self) -> bool {
        self.visit.status.is_ended()
    }

    fn drops_unseen_ends(&self) -> bool {
        matches!(self.platform, "hale" | "healthengine")
    }

    /// After people put everything right, only what nobody can put right is not in sync.
    fn fits(&self, explanation: &Explanation) -> Option<String> {
        let (start, _) = self.visit.times();
        let refuses_past = matches!(self.platform, "chiron" | "hale");
        let allowed = match (explanation.verdict, explanation.primary) {
            (Verdict::InSync, _) => return self.same(),
            (Verdict::Excluded, Some(Reason::EndedBeforeSent)) => self.ended() && self.card.is_none(),
            (Verdict::Excluded, Some(Reason::PastAtBooking)) => {
                refuses_past && self.visit.booked_at > start && !self.asked
            }
            (Verdict::Held, Some(Reason::PastOnArrival)) => {
                let past = start < self.now || self.was_past_when_last_read(explanation);
                refuses_past && past && self.card.is_none()
            }
            (Verdict::WaitingByRule, Some(Reason::BeyondSyncHorizon)) => {
                self.platform == "chiron" && start.secs_since(self.now) > NEAR_DAYS * 86_400 && self.card.is_none()
            }
            _ => false,
        };
        if allowed {
            return None;
        }
        let code = explanation.primary.map_or("", Reason::code);
        let shown = if self.card.is_some() { "shown" } else { "not shown" };
        let drops = if self.drops_unseen_ends() { ", drops ends that it never saw" } else { "" };
        Some(format!(
            "{} for {code} although everything was put right ({}, {shown}, {}{drops})",
            explanation.verdict, self.visit.status, self.platform
        ))
    }

    /// The platform shows what is true.
    fn same(&self) -> Option<String> {
        let Some(card) = self.card else {
            return Some("said to be in sync, and the platform does not show it".to_owned());
        };
        let card = &card.data["card"];
        if self.vanished_unnoticed(card) {
            return None;
        }
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("nothing").to_owned();
        let (start, end) = self.visit.times();
        let patient = &self.diary.patients[self.visit.patient];
        let mut pairs = vec![("status", self.visit.status.word().to_owned(), text(&card["status"]))];
        // What else changed before a visit was deleted was never to be read.
        let unread = self.asked && self.visit.status == Status::Removed;
        let told = [
            ("start", moment(start), text(&card["start"])),
            ("end", moment(end), text(&card["end"])),
            ("type", kind_name(self.visit.kind).to_owned(), text(&card["type"]["name"])),
            ("provider", provider_id(self.visit.provider), text(&card["provider"]["source_id"])),
        ];
        pairs.extend(told.into_iter().filter(|_| !unread));
        let people = card["participants"].as_array().map(Vec::as_slice).unwrap_or_default();
        if self.visit.status == Status::Removed {
            pairs.push(("people", "0".to_owned(), people.len().to_string()));
        } else {
            pairs.push(("people", "1".to_owned(), people.len().to_string()));
            let shown = people.first().unwrap_or(&serde_json::Value::Null);
            pairs.push(("patient", patient.id.clone(), text(&shown["source_id"])));
            // What ended is history: later edits of the patient's record need not reach it.
            if !self.ended() {
                pairs.push(("family name", patient.family.clone(), text(&shown["family"])));
                let email = patient.email.clone().unwrap_or_else(|| "nothing".to_owned());
                pairs.push(("e-mail", email, text(&shown["email"])));
            }
        }
        let wrong: Vec<String> = pairs
            .into_iter()
            .filter(|(_, wanted, is)| wanted != is)
            .map(|(what, wanted, is)| format!("{what} is {wanted} and shown as {is}"))
            .collect();
        if wrong.is_empty() { None } else { Some(format!("said to be in sync, but {}", wrong.join(", "))) }
    }

    /// What stands in no list any more is missed only while it is still to come and has not ended; everything else a
    /// list may leave out.
    fn vanished_unnoticed(&self, card: &serde_json::Value) -> bool {
        let ended = card["status"].as_str().and_then(Status::from_word).is_some_and(Status::is_ended);
        let start = card["start"].as_str().and_then(|start| start.parse::<jiff::Timestamp>().ok()).map(Moment::from);
        let begun = start.is_some_and(|start| start < self.readable_from);
        self.asked && self.visit.status == Status::Removed && (ended || begun)
    }

    /// What happened to a visit between its last reading and its deletion was never to be read: it is judged as it
    /// stood then, and nobody looks for what had begun by that.
    fn was_past_when_last_read(&self, explanation: &Explanation) -> bool {
        let begun = explanation.appointment.start.is_some_and(|start| start < self.readable_from);
        self.asked && self.visit.status == Status::Removed && begun
    }

    /// What ended must not be shown as still to come, whatever is said about it.
    fn zombie(&self) -> Option<String> {
        if self.card.is_some_and(|card| self.vanished_unnoticed(&card.data["card"])) {
            return None;
        }
        let shown = self.card.and_then(|card| card.data["card"]["tab"].as_str());
        (self.ended() && shown == Some("upcoming"))
            .then(|| format!("it is {} and shown as upcoming", self.visit.status))
    }
}

fn moment(moment: Moment) -> String {
    moment.to_string()
}

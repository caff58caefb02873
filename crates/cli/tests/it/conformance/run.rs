//! Runs the cases of a scene, one after the other.

use super::case::{Act, Booking, Case, SceneName, Then, cases};
use super::compare::{Sides, look};
use super::system::{Claim, System};
use super::world::{ID, World};
use domain::text::Text;
use engine::ops::{Actor, AppointmentsAsked, CausesAsked, WhyAsked};
use hyper::Method;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Unless a case says otherwise, both sides are equal within so many minutes.
const PATIENCE: u64 = 300;
/// What was equal stays so for so many minutes.
const CALM: u64 = 15;

/// A case that is being run.
struct Stage<'w> {
    world: &'w mut World,
    case: &'w Case,
    /// Ids of the twin by the case's names.
    visits: BTreeMap<String, u64>,
    patients: Vec<u64>,
    providers: Vec<u64>,
    /// The clocks of the practice.
    zone: jiff::tz::TimeZone,
    /// Which patient is next.
    next: usize,
    /// Visits in which both sides may differ, and why.
    held: &'w mut BTreeMap<String, String>,
    /// What begins before this is left alone.
    since: jiff::Timestamp,
}

/// Runs all cases of a scene that the system says it passes.
pub(crate) async fn run(name: &str, scene: SceneName) {
    let system = System::read(name);
    let all = cases();
    let claimed = |case: &&Case| {
        let claim = system.cases.get(&case.id);
        claim.unwrap_or_else(|| panic!("systems/{name}.toml says nothing of the case {}", case.id)) == &Claim::Passes
    };
    let cases: Vec<&Case> = all.iter().filter(|case| case.scene == scene).filter(claimed).collect();
    if cases.is_empty() {
        return;
    }
    let mut world = World::open(system.clone(), 7).await;
    let (mut held, mut next) = (BTreeMap::new(), 0);
    let since = world.clock.timestamp();
    for case in cases {
        let began = world.clock.timestamp();
        let mut stage = Stage::set(&mut world, case, &mut held, since, next).await;
        stage.act().await;
        next = stage.next;
        let took = world.clock.timestamp().duration_since(began);
        println!("{name}: {} ({} min of the scene)", case.title, took.as_secs() / 60);
    }
    world.close().await;
}

/// Books a visit right after everything was read, and waits for the vendor's call to bring it.
pub(crate) async fn called(name: &str) {
    let mut world = World::open(System::read(name), 11).await;
    world.connect().await;
    world.pass(20).await;
    let state = world.state().await;
    let before = world.hook.taken();
    let body = json!({"start": "2026-11-25T10:00", "patient": state["patients"][3]["id"]});
    let made = world.desk(Method::POST, "appointments", Some(&body)).await;
    let id = world.source_id(&made["appointment"]);
    // Far below the interval between two readings of any kind.
    let shown = |platform: &emulators::platform::Platform| platform.card(ID, &id).is_some();
    for _ in 0..30 {
        if world.platform.look(shown) {
            break;
        }
        world.pass(1).await;
    }
    assert!(world.platform.look(shown), "{}", world.last_requests().await);
    assert!(world.hook.taken() > before, "the vendor called");
    world.close().await;
}

impl<'w> Stage<'w> {
    async fn set(
        world: &'w mut World,
        case: &'w Case,
        held: &'w mut BTreeMap<String, String>,
        since: jiff::Timestamp,
        next: usize,
    ) -> Stage<'w> {
        let state = world.state().await;
        let ids = |rows: &Value| rows.as_array().unwrap().iter().map(|row| number(&row["id"])).collect::<Vec<_>>();
        let (patients, providers) = (ids(&state["patients"]), ids(&state["practice"]["providers"]));
        let zone = state["practice"]["departments"][0]["time_zone"].as_str().unwrap();
        let zone = jiff::tz::TimeZone::get(zone).unwrap();
        if case.scene != SceneName::Everyday && !world.is_running() {
            world.connect().await;
        }
        Stage { world, case, visits: BTreeMap::new(), patients, providers, zone, next, held, since }
    }

    async fn act(&mut self) {
        let case = self.case;
        for act in &case.given {
            self.do_it(act).await;
        }
        if !case.given.is_empty() && self.world.is_running() {
            self.equal_within(PATIENCE, "before it begins").await;
        }
        for act in &case.when {
            self.do_it(act).await;
        }
        for then in &case.then {
            self.must(then).await;
        }
        self.equal_within(PATIENCE, "in the end").await;
        self.world.pass(CALM * 60).await;
        let sides = self.look().await;
        self.check(&sides, "and a while later").await;
    }

    async fn look(&self) -> Sides {
        look(self.world, self.since).await
    }

    fn differences(&self, sides: &Sides) -> BTreeMap<String, String> {
        let mut differences = sides.differences();
        differences.retain(|id, _| !self.held.contains_key(id));
        differences
    }

    async fn equal_within(&self, minutes: u64, when: &str) {
        let mut waited = 0;
        loop {
            let sides = self.look().await;
            if self.differences(&sides).is_empty() {
                return self.check(&sides, when).await;
            }
            if waited >= minutes {
                self.check(&sides, when).await;
            }
            let step = if waited < 60 { 1 } else { 10 };
            self.world.pass(step * 60).await;
            waited += step;
        }
    }

    /// Both sides are equal, nothing is shown twice, nobody was told twice, and every verdict has its reason.
    async fn check(&self, sides: &Sides, when: &str) {
        let mut wrong: Vec<String> = Vec::new();
        for (id, how) in self.differences(sides) {
            wrong.push(format!("{id}: {how}; {}", self.world.why(&id).await));
        }
        wrong.extend(sides.doubles());
        wrong.extend(self.world.told_twice());
        wrong.extend(self.world.without_reason().await);
        let refused = self.world.platform.look(|platform| {
            let counters = platform.counters();
            counters.badly_signed + counters.malformed + counters.refused
        });
        if refused > 0 {
            wrong.push(format!("the platform refused {refused} cards"));
        }
        assert!(
            wrong.is_empty(),
            "{} ({}), {when}: {} things are not as they must be\n{}\nlast requests: {}",
            self.case.title,
            self.case.id,
            wrong.len(),
            wrong.join("\n"),
            self.world.last_requests().await
        );
    }

    fn visit(&self, name: &str) -> u64 {
        *self.visits.get(name).unwrap_or_else(|| panic!("{}: nobody booked {name}", self.case.id))
    }

    fn patient(&self, place: usize) -> u64 {
        self.patients[place % self.patients.len()]
    }

    async fn idea_id(&self, name: &str) -> String {
        let visit = self.world.desk(Method::GET, &format!("appointments/{}", self.visit(name)), None).await;
        self.world.source_id(&visit)
    }

    /// A time so many business days from today.
    fn time(&self, day: i64, at: &str) -> String {
        let mut date = self.world.clock.timestamp().to_zoned(self.zone.clone()).date();
        for _ in 0..day {
            date = date.tomorrow().unwrap();
            while matches!(date.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday) {
                date = date.tomorrow().unwrap();
            }
        }
        format!("{date}T{at}")
    }

    async fn edit(&self, visit: &str, what: Value) {
        self.world.desk(Method::PATCH, &format!("appointments/{}", self.visit(visit)), Some(&what)).await;
    }

    async fn do_it(&mut self, act: &Act) {
        match act {
            Act::Book(booking) => self.book(booking).await,
            Act::Move { visit, day, at } => self.edit(visit, json!({"start": self.time(*day, at)})).await,
            Act::Status { visit, is } => self.edit(visit, json!({"status": is})).await,
            Act::Provider { visit, to } => self.edit(visit, json!({"provider": self.providers[*to]})).await,
            Act::Delete { visit } => drop(self.at(Method::DELETE, visit, "", None).await),
            Act::Purge { visit } => drop(self.at(Method::DELETE, visit, "?purge=true", None).await),
            Act::Rebook { visit, r#as, day, at } => {
                let body = json!({"start": self.time(*day, at)});
                let new = self.at(Method::POST, visit, "/replace", Some(&body)).await;
                self.visits.insert(r#as.clone(), number(&new["id"]));
            }
            Act::Join { visit, patient } => {
                let path = format!("/patients/{}", self.patient(*patient));
                self.at(Method::PUT, visit, &path, None).await;
            }
            Act::Leave { visit, patient } => {
                let path = format!("/patients/{}", self.patient(*patient));
                self.at(Method::DELETE, visit, &path, None).await;
            }
            Act::EditPatient { patient, set } => {
                let path = format!("patients/{}", self.patient(*patient));
                self.world.desk(Method::PATCH, &path, Some(&Value::Object(set.clone()))).await;
            }
            Act::Merge { patient, into } => {
                let path = format!("patients/{}/merge", self.patient(*patient));
                let body = json!({"into": self.patient(*into)});
                self.world.desk(Method::POST, &path, Some(&body)).await;
            }
            Act::Busy { acts } => self.busy(*acts).await,
            Act::Faults(plan) => self.faults(plan).await,
            Act::ExpireTokens {} => drop(self.world.desk(Method::POST, "tokens/expire", None).await),
            Act::Restart {} => self.world.restart(),
            Act::Ask { visit } => {
                let id = Text::from(self.idea_id(visit).await);
                let read = self.world.engine().read_now(&Actor::operator(), ID, &id).await.unwrap();
                assert_eq!(read.outcome, "found", "{}: {read:?}", self.case.id);
            }
            Act::Search {} => super::search::search(self.world, &self.case.id).await,
            Act::Compare {} => self.world.engine().order_census(&Actor::operator(), ID).await.unwrap(),
            Act::Minutes(minutes) => self.world.pass(minutes * 60).await,
            Act::Connect {} => self.world.connect().await,
        }
    }

    async fn faults(&self, plan: &Map<String, Value>) {
        self.world.desk(Method::PUT, "faults", Some(&Value::Object(plan.clone()))).await;
    }

    async fn at(&self, method: Method, visit: &str, path: &str, body: Option<&Value>) -> Value {
        self.world.desk(method, &format!("appointments/{}{path}", self.visit(visit)), body).await
    }

    async fn book(&mut self, booking: &Booking) {
        let people: Vec<u64> = if booking.patients.is_empty() {
            self.next += 1;
            vec![self.patient(self.next)]
        } else {
            booking.patients.iter().map(|place| self.patient(*place)).collect()
        };
        let mut body = json!({
            "start": self.time(booking.day, &booking.at), "provider": self.providers[booking.provider],
        });
        if booking.group {
            body["group"] = true.into();
            body["patients"] = json!(people);
        } else {
            body["patient"] = people[0].into();
        }
        if let Some(count) = booking.weekly {
            body["repeat"] = json!({"weeks": 1, "count": count});
        }
        let made = self.world.desk(Method::POST, "appointments", Some(&body)).await;
        self.visits.insert(booking.visit.clone(), number(&made["id"]));
    }

    /// A morning at the desk: bookings, moves, cancellations.
    async fn busy(&mut self, acts: usize) {
        let mut rng = fastrand::Rng::with_seed(self.case.id.bytes().fold(7, |seed, byte| seed * 31 + u64::from(byte)));
        // Visits that the case itself speaks of are left alone.
        let mut names: Vec<String> = self.visits.keys().filter(|name| name.starts_with("busy")).cloned().collect();
        let mut used: BTreeSet<(i64, usize)> = BTreeSet::new();
        for n in 0..acts {
            // Each quarter of an hour with each provider is given out once, so that no two visits are alike.
            let (day, slot) = loop {
                let free = (rng.i64(1..8), rng.usize(0..32));
                if used.insert(free) {
                    break free;
                }
            };
            let at = format!("{:02}:{:02}", 8 + slot / 4, slot % 4 * 15);
            let provider = rng.usize(0..3);
            let any = (!names.is_empty()).then(|| names[rng.usize(..names.len())].clone());
            match (rng.u8(0..10), any) {
                (0..=3, _) | (_, None) => {
                    let visit = format!("busy {}", self.next);
                    let booking = Booking {
                        visit: visit.clone(),
                        day,
                        at,
                        patients: Vec::new(),
                        provider,
                        group: false,
                        weekly: None,
                    };
                    self.book(&booking).await;
                    names.push(visit);
                }
                (4..=6, Some(visit)) => {
                    self.edit(&visit, json!({"start": self.time(day, &at), "status": "booked"})).await;
                }
                (7 | 8, Some(visit)) => {
                    let word = ["cancelled_by_patient", "cancelled_by_provider", "no_show"][rng.usize(0..3)];
                    self.edit(&visit, json!({"status": word})).await;
                    // What is over is left alone: who calls off what was missed changes nothing for anybody.
                    names.retain(|name| *name != visit);
                    self.visits.remove(&visit);
                }
                (_, Some(visit)) => self.edit(&visit, json!({"status": "confirmed"})).await,
            }
            if n % 5 == 4 {
                self.world.pass(60).await;
            }
        }
    }

    async fn must(&mut self, then: &Then) {
        match then {
            Then::EqualWithin(minutes) => self.equal_within(*minutes, "within its time").await,
            Then::Shows { visit, status, day, at, people } => {
                let id = self.idea_id(visit).await;
                let sides = self.look().await;
                let idea = sides.platform.get(&id).unwrap_or_else(|| panic!("{}: {visit} is not shown", self.case.id));
                if let Some(status) = status {
                    let said = self.world.system.says.get(status).unwrap_or(status);
                    assert_eq!(&idea.status, said, "{}: {visit}", self.case.id);
                }
                if let (Some(day), Some(at)) = (day, at) {
                    let state =
                        self.world.desk(Method::GET, &format!("appointments/{}", self.visit(visit)), None).await;
                    let zone = jiff::tz::TimeZone::get(state["time_zone"].as_str().unwrap()).unwrap();
                    let local: jiff::civil::DateTime = self.time(*day, at).parse().unwrap();
                    let start = local.to_zoned(zone).unwrap().timestamp();
                    assert_eq!(idea.start, Some(start), "{}: {visit}", self.case.id);
                }
                if let Some(people) =
                    people.filter(|_| !self.world.system.leaves_out.iter().any(|what| what == "people"))
                {
                    assert_eq!(idea.people.len(), people, "{}: {visit}: {idea:?}", self.case.id);
                }
            }
            Then::Gone { visit } => {
                let id = self.idea_id(visit).await;
                let sides = self.look().await;
                let idea = sides.platform.get(&id);
                assert!(idea.is_none_or(|idea| !idea.is_on()), "{}: {visit} is shown: {idea:?}", self.case.id);
            }
            Then::Held { visit, reason } => {
                let id = self.idea_id(visit).await;
                self.held_for(&id, reason).await;
                self.held.insert(id, reason.clone());
            }
            Then::LateSays(words) => self.late(words).await,
            Then::Incident(code) => self.incident(code).await,
            // Whom nobody knows nobody can tell.
            Then::Told { .. } if !self.world.tells_people() => {}
            Then::Told { visit, booked, moved, cancelled } => {
                let id = self.idea_id(visit).await;
                let told = self.world.told(&id);
                let wanted = [("booked", booked), ("moved", moved), ("cancelled", cancelled)];
                let wanted = wanted.into_iter().filter(|(_, n)| **n > 0).map(|(kind, n)| (kind.to_owned(), *n));
                assert_eq!(told, wanted.collect(), "{}: {visit}", self.case.id);
            }
            Then::Act(act) => self.do_it(act).await,
        }
    }

    /// Waits until a visit is held for a reason.
    async fn held_for(&self, id: &str, reason: &str) {
        let mut why = String::new();
        for _ in 0..PATIENCE / 10 {
            why = self.world.why(id).await;
            if why.starts_with(&format!("held {reason}")) {
                return;
            }
            self.world.pass(600).await;
        }
        panic!("{}: {id} is not held for {reason}: {why}", self.case.id);
    }

    async fn late(&self, words: &[String]) {
        let sides = self.look().await;
        let late = self.differences(&sides);
        assert!(!late.is_empty(), "{}: nothing is late", self.case.id);
        for (id, how) in &late {
            let word = self.world.late_word(id, sides.changed.get(id).copied()).await;
            assert!(words.contains(&word), "{}: {id} is late and says {word:?}: {how}", self.case.id);
        }
    }

    async fn incident(&self, code: &str) {
        let mut open = Vec::new();
        for _ in 0..120 {
            open = self.world.incidents().await;
            if open.iter().any(|one| one == code) {
                return;
            }
            self.world.pass(60).await;
        }
        panic!("{}: there is no incident {code}, only {open:?}", self.case.id);
    }
}

fn number(value: &Value) -> u64 {
    value.as_str().map_or_else(|| value.as_u64(), |text| text.parse().ok()).unwrap()
}

impl World {
    fn is_running(&self) -> bool {
        self.has_engine()
    }

    /// The source tells who comes.
    fn tells_people(&self) -> bool {
        !self.system.leaves_out.iter().any(|what| what == "people")
    }

    /// Verdict, reason and sentence of a visit; or what its absence means.
    async fn why(&self, id: &str) -> String {
        let asked = WhyAsked { source_id: Some(id.into()), ..WhyAsked::default() };
        let told = self.engine().answer_why(&Actor::operator(), ID, asked).await.unwrap();
        let told = serde_json::to_value(told).unwrap();
        let part = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
        match told["answer"].as_str() {
            Some("found") => format!("{} {}: {}", part("verdict"), part("primary"), part("sentence")),
            _ => format!("{}: {}", part("answer"), part("sentence")),
        }
    }

    /// Why a visit is late, in a word: what its absence means, its own reason, or that of the feed it comes by.
    async fn late_word(&self, id: &str, changed: Option<jiff::Timestamp>) -> String {
        let asked = WhyAsked { source_id: Some(id.into()), booked_at: changed.map(Into::into), ..WhyAsked::default() };
        let told = self.engine().answer_why(&Actor::operator(), ID, asked).await.unwrap();
        let told = serde_json::to_value(told).unwrap();
        if told["answer"] != "found" {
            return told["answer"].as_str().unwrap().to_owned();
        }
        if told["verdict"] != "in_sync"
            && let Some(code) = told["primary"].as_str()
        {
            return code.to_owned();
        }
        // What is held is what was read: then the reading itself says why it is old.
        match self.incidents().await.pop() {
            Some(code) => code,
            None if self.reads_again(changed).await => "not_yet_looked".to_owned(),
            None => "unexplained".to_owned(),
        }
    }

    /// The last complete reading began before the change, and another is due.
    async fn reads_again(&self, changed: Option<jiff::Timestamp>) -> bool {
        let item = self.engine().show_integration(&Actor::operator(), ID).await.unwrap();
        let item = serde_json::to_value(item).unwrap();
        let Some(changed) = changed else { return false };
        let feeds = item["polling"]["feeds"].as_array().cloned().unwrap_or_default();
        feeds.iter().all(|feed| {
            let complete = feed["complete_at"].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
            complete.is_none_or(|complete| complete < changed)
        })
    }

    async fn incidents(&self) -> Vec<String> {
        let causes = self.engine().list_causes(&Actor::operator(), CausesAsked::default()).await.unwrap();
        causes.items.iter().filter(|item| item.subject == ID).map(|item| item.code.code().to_owned()).collect()
    }

    /// Every verdict but `in_sync` has a reason, and no visit is unexplained.
    async fn without_reason(&self) -> Vec<String> {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let asked = AppointmentsAsked { cursor, limit: Some(500), ..AppointmentsAsked::default() };
            let page = self.engine().list_appointments(&Actor::operator(), ID, asked).await.unwrap();
            for item in serde_json::to_value(&page.items).unwrap().as_array().unwrap() {
                let verdict = item["verdict"].as_str().unwrap();
                if verdict == "unexplained" || (verdict != "in_sync" && item["primary"].is_null()) {
                    found.push(format!("no reason: {item}"));
                }
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                return found;
            }
        }
    }

    /// How often the patients of a visit were told what.
    fn told(&self, id: &str) -> BTreeMap<String, usize> {
        self.platform.look(|platform| {
            let mut counts = BTreeMap::new();
            for notice in platform.notices().filter(|notice| notice.source_id == id) {
                *counts.entry(notice.kind.label().to_owned()).or_insert(0) += 1;
            }
            counts
        })
    }

    /// Notices that say the same of the same visit to the same person, one after the other.
    fn told_twice(&self) -> Vec<String> {
        self.platform.look(|platform| {
            let mut last = BTreeMap::new();
            let mut found = Vec::new();
            for notice in platform.notices() {
                let key = (notice.source_id.clone(), notice.to.clone());
                let said = (notice.kind.label(), notice.start);
                if last.insert(key, said) == Some(said) {
                    found.push(format!("{} was told twice that it is {}", notice.source_id, said.0));
                }
            }
            found
        })
    }

    async fn last_requests(&self) -> String {
        let log = self.desk(Method::GET, "requests", None).await;
        let rows = log["items"].as_array().unwrap();
        let last = rows.iter().rev().take(12).rev();
        last.map(|row| format!("\n  {row}")).collect()
    }
}

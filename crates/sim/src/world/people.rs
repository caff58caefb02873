//! People, and programs of the platforms, who ask something of a process until it is done.

use crate::disk::Told;
use crate::plan::{Clinic, PersonStep, account_id, provider_id};
use crate::source::Diary;
use crate::world::machine::Back;
use crate::world::{Event, World};
use domain::setup::{Document, Lifecycle, LinkKind};
use engine::ops::{Actor, ReceiptGiven};
use engine::{Engine, Error};

/// What the people of a clinic know of their own set-up.
pub(super) struct Desk {
    /// Types on the list.
    pub(super) approved: Vec<bool>,
    /// The clinic's own status word is explained.
    pub(super) bumped: bool,
    /// How often each feed was given a new address.
    addresses: Vec<u32>,
    /// Feeds whose address is gone, and somebody knows.
    mourned: Vec<bool>,
    /// Since when each feed is paused for certain, in milliseconds.
    paused: Vec<Option<u64>>,
    /// Errands that were done, by the word of the audit log.
    pub(super) done: Vec<&'static str>,
}

/// Something that somebody wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Errand {
    /// The document is applied as it stands.
    Apply,
    /// The endpoint moved.
    NewAddress,
    /// A type is put on the list, or taken off, and the document applied.
    Approve(usize, bool),
    /// A provider is linked, or not.
    Provider(usize, bool),
    /// A patient is linked with the account that the platform has.
    Patient(usize),
    /// The integration goes there.
    Lifecycle(Lifecycle),
    /// A visit is driven again.
    Redrive(String),
    /// A platform tells which card it shows.
    Receipt(String),
}

/// An errand that is not done yet.
#[derive(Clone)]
pub(super) struct Call {
    clinic: usize,
    at: usize,
    errand: Errand,
    /// The process that was asked last, while it has not answered.
    pub(super) node: Option<usize>,
    tries: u32,
}

impl Desk {
    pub(super) fn new(clinic: &Clinic) -> Desk {
        Desk {
            approved: (0..clinic.kinds).map(|kind| kind < clinic.approved).collect(),
            bumped: false,
            addresses: vec![0; clinic.feeds.len()],
            mourned: vec![false; clinic.feeds.len()],
            paused: vec![None; clinic.feeds.len()],
            done: Vec::new(),
        }
    }

    /// The address of a feed's platform. Each has a host of its own, since each has troubles of its own.
    pub(super) fn address(&self, at: usize) -> String {
        format!("https://platform-{at}.example/{}", self.addresses[at])
    }

    /// Somebody hears that an address is gone; `true` the first time.
    pub(super) fn mourn(&mut self, at: usize) -> bool {
        !std::mem::replace(&mut self.mourned[at], true)
    }

    /// Since when a feed is paused for certain.
    pub(super) fn paused_since(&self, at: usize) -> Option<u64> {
        self.paused[at]
    }

    /// Addresses that are gone.
    pub(super) fn mourned(&self) -> impl Iterator<Item = usize> {
        self.mourned.iter().enumerate().filter(|(_, gone)| **gone).map(|(at, _)| at)
    }

    pub(super) fn document(&self, clinic: &Clinic) -> Told<Document> {
        let addresses: Vec<String> = (0..clinic.feeds.len()).map(|at| self.address(at)).collect();
        clinic.document(&self.approved, self.bumped, &addresses)
    }
}

impl Errand {
    /// The word under which the audit log has it.
    fn action(&self) -> &'static str {
        match self {
            Errand::Apply | Errand::NewAddress | Errand::Approve(..) => "apply",
            Errand::Provider(_, true) | Errand::Patient(_) => "link",
            Errand::Provider(_, false) => "unlink",
            Errand::Lifecycle(_) => "lifecycle",
            Errand::Redrive(_) => "redrive",
            Errand::Receipt(_) => "receipt",
        }
    }
}

impl World {
    /// A person's step of the plan.
    pub(super) fn person(&mut self, clinic: usize, feed: usize, step: &PersonStep) {
        let errand = match step {
            PersonStep::LinkProvider(provider) => Errand::Provider(*provider, true),
            PersonStep::UnlinkProvider(provider) => Errand::Provider(*provider, false),
            PersonStep::Approve(kind) => Errand::Approve(*kind, true),
            PersonStep::Disapprove(kind) => Errand::Approve(*kind, false),
            PersonStep::Apply => Errand::Apply,
            PersonStep::Pause => Errand::Lifecycle(Lifecycle::Paused),
            PersonStep::Resume => Errand::Lifecycle(Lifecycle::Live),
            PersonStep::Secret { hidden } => {
                self.secret.hide(*hidden);
                Errand::Apply
            }
            PersonStep::Redrive(visit) => Errand::Redrive(Diary::visit_id(&self.plan.clinics[clinic], *visit)),
        };
        self.ask(clinic, feed, errand);
    }

    /// Somebody wants something done now.
    pub(super) fn ask(&mut self, clinic: usize, at: usize, errand: Errand) {
        self.ask_later(0, clinic, at, errand);
    }

    /// Somebody is going to want something done.
    pub(super) fn ask_later(&mut self, wait_ms: u64, clinic: usize, at: usize, errand: Errand) {
        self.next_call += 1;
        self.calls.insert(self.next_call, Call { clinic, at, errand, node: None, tries: 0 });
        self.soon(wait_ms, Event::Try(self.next_call));
    }

    /// Somebody asks some process.
    pub(super) fn try_call(&mut self, number: u64) {
        let Some(mut call) = self.calls.get(&number).cloned() else { return };
        call.tries += 1;
        call.node = self.someone(&format!("call {number} {}", call.tries));
        self.calls.insert(number, call.clone());
        if call.tries == 1 {
            self.decide_on(&call);
        }
        let Some(node) = call.node else { return self.soon(10_000, Event::Try(number)) };
        let doing = match self.prepare(&call) {
            Some(doing) => doing,
            None => {
                self.calls.remove(&number);
                return;
            }
        };
        let id = self.plan.clinics[call.clinic].feeds[call.at].id.clone();
        let Some(up) = &mut self.machines[node].up else { return };
        let (engine, life, came) = (up.engine.clone(), up.life.clone(), self.came.clone());
        up.asked.spawn(async move {
            let outcome = doing.done_by(&engine, &id).await;
            if !life.is_over() {
                came.put(Back::Call(number, outcome));
            }
        });
    }

    /// What a person changes in their own papers before they ask.
    fn decide_on(&mut self, call: &Call) {
        let desk = &mut self.desks[call.clinic];
        match call.errand {
            Errand::Approve(kind, approved) => desk.approved[kind] = approved,
            Errand::Lifecycle(Lifecycle::Live) => desk.paused[call.at] = None,
            Errand::NewAddress => {
                desk.addresses[call.at] += 1;
                desk.mourned[call.at] = false;
            }
            _ => {}
        }
    }

    /// The errand with everything it needs; `None` when there is nothing to do.
    fn prepare(&self, call: &Call) -> Option<Doing> {
        let clinic = &self.plan.clinics[call.clinic];
        let linked = |kind, source_id: String, platform_id: Option<String>| Doing::Link(kind, source_id, platform_id);
        Some(match &call.errand {
            Errand::Apply | Errand::NewAddress | Errand::Approve(..) => {
                Doing::Apply(Box::new(self.desks[call.clinic].document(clinic).ok()?))
            }
            Errand::Provider(provider, link) => {
                linked(LinkKind::Provider, provider_id(*provider), link.then(|| format!("prov_{provider}")))
            }
            Errand::Patient(patient) => {
                let id = self.diaries[call.clinic].patients[*patient].id.clone();
                linked(LinkKind::Patient, id, Some(account_id(*patient)))
            }
            Errand::Lifecycle(to) => Doing::Lifecycle(*to),
            Errand::Redrive(visit) => Doing::Redrive(visit.clone()),
            Errand::Receipt(visit) => {
                let feed = self.feed_of(call.clinic, call.at)?;
                let card = self.platforms[feed].cards.get(visit)?;
                Doing::Receipt(ReceiptGiven {
                    source_id: visit.as_str().into(),
                    version: u32::try_from(card.version).ok()?,
                    platform_id: Some(card.platform_id.as_str().into()),
                    participants: None,
                    status: None,
                })
            }
        })
    }

    /// What was asked of a process that died is asked again.
    pub(super) fn give_back_calls(&mut self, node: usize) {
        let lost: Vec<u64> = self.calls.iter().filter(|(_, call)| call.node == Some(node)).map(|(n, _)| *n).collect();
        for number in lost {
            if let Some(call) = self.calls.get_mut(&number) {
                call.node = None;
            }
            self.soon(15_000, Event::Try(number));
        }
    }

    /// A process answered what a person asked.
    pub(super) fn called_back(&mut self, number: u64, outcome: Result<(), String>) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        call.node = None;
        let (clinic, at, errand) = (call.clinic, call.at, call.errand.clone());
        match outcome {
            Ok(()) => {
                self.calls.remove(&number);
                let others = self.calls.values().any(|call| call.clinic == clinic && call.at == at && call.resumes());
                if errand == Errand::Lifecycle(Lifecycle::Paused) && !others {
                    self.desks[clinic].paused[at] = Some(self.time.millis());
                }
                self.desks[clinic].done.push(errand.action());
                self.tell(|| format!("{errand:?} is done"));
            }
            Err(why) => {
                self.tell(|| format!("{errand:?} is not done: {why}"));
                self.soon(20_000, Event::Try(number));
            }
        }
    }
}

/// An errand with everything it needs.
enum Doing {
    Apply(Box<Document>),
    Link(LinkKind, String, Option<String>),
    Lifecycle(Lifecycle),
    Redrive(String),
    Receipt(ReceiptGiven),
}

impl Doing {
    /// `Err`: it has to be asked again.
    async fn done_by(self, engine: &Engine, integration: &str) -> Result<(), String> {
        let person = Actor::operator();
        let outcome = match self {
            Doing::Apply(document) => engine.apply_document(&person, *document, false).await.map(|_| ()),
            Doing::Link(kind, source_id, Some(platform_id)) => {
                engine.set_link(&person, integration, kind, &source_id, &platform_id).await
            }
            Doing::Link(kind, source_id, None) => engine.remove_link(&person, integration, kind, &source_id).await,
            Doing::Lifecycle(to) => engine.change_lifecycle(&person, integration, to).await.map(|_| ()),
            Doing::Redrive(visit) => engine.redrive_appointment(&person, integration, &visit, false).await.map(|_| ()),
            Doing::Receipt(receipt) => engine.receive_receipt(&person, integration, receipt).await,
        };
        match outcome {
            Ok(()) => Ok(()),
            // A refusal is an answer.
            Err(Error::NotFound { .. } | Error::Lifecycle { .. } | Error::NotReady { .. } | Error::Taken(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Call {
    /// Somebody wants the integration live.
    fn resumes(&self) -> bool {
        self.errand == Errand::Lifecycle(Lifecycle::Live)
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} after {} tries", self.errand, self.tries)
    }
}

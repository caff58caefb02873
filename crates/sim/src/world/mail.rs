//! Between the sources and us: letters that are sent until they are answered, over a network that may fail.

use crate::mutant::Mutant;
use crate::plan::NetworkFault;
use crate::source::Message;
use crate::world::machine::Back;
use crate::world::{Event, World};
use std::sync::Arc;

/// A message on its way.
pub(super) struct Letter {
    pub(super) clinic: usize,
    pub(super) message: Message,
    /// Some process said that it has it.
    pub(super) acknowledged: bool,
    /// The source heard so.
    pub(super) heard: bool,
    sent: u32,
}

impl World {
    /// The source has something to tell.
    pub(super) fn post_letter(&mut self, clinic: usize, message: Message) {
        let letter = self.letters.len();
        self.letters.push(Letter { clinic, message, acknowledged: false, heard: false, sent: 0 });
        self.figures.messages += 1;
        self.queues[clinic].push_back(letter);
        if !self.plan.in_order || self.queues[clinic].len() == 1 {
            self.resend(letter, 0);
        }
    }

    /// The source sends a letter, unless it heard that it arrived.
    pub(super) fn resend(&mut self, letter: usize, tries: u32) {
        if self.letters[letter].heard {
            return;
        }
        self.letters[letter].sent += 1;
        self.figures.sendings += 1;
        let clinic = self.letters[letter].clinic;
        let mut chance = self.chance(&format!("letter {letter} {}", self.letters[letter].sent));
        let mut way = chance.u64(1..60);
        let mut arrives = true;
        for fault in self.trouble(clinic, &mut chance) {
            match fault {
                NetworkFault::LosesMessages => arrives = false,
                NetworkFault::Doubles => self.soon(way + chance.u64(0..300_000), Event::Arrive(letter)),
                NetworkFault::Delays => way += chance.u64(0..600_000),
                NetworkFault::LosesAnswers => {}
            }
        }
        if arrives {
            self.soon(way, Event::Arrive(letter));
        }
        let patience = (10_000 << tries.min(5)) + chance.u64(0..3_000);
        self.soon(patience, Event::Resend(letter, tries + 1));
    }

    /// What the network of a clinic does to one message.
    fn trouble(&mut self, clinic: usize, chance: &mut fastrand::Rng) -> Vec<NetworkFault> {
        let now = self.time.millis();
        let lucks = &mut self.networks[clinic];
        lucks.retain(|luck| luck.until > now);
        lucks.iter().filter(|luck| chance.u32(0..100) < luck.percent).map(|luck| luck.what).collect()
    }

    /// A letter reaches us.
    pub(super) fn arrive(&mut self, letter: usize) {
        let about = format!("door {letter} {}", self.letters[letter].sent);
        let Some(node) = self.someone(&about) else { return };
        let drops = self.mutant == Some(Mutant::AcknowledgesAndDrops) && self.chance(&about).u32(0..10) == 0;
        let early = self.mutant == Some(Mutant::AcknowledgesEarly);
        let Some(up) = &mut self.machines[node].up else { return };
        if drops || early {
            self.came.put(Back::Letter(letter, "AA", None));
        }
        if drops {
            return;
        }
        let (intake, life, came) = (up.intake.clone(), up.life.clone(), self.came.clone());
        let body: Arc<[u8]> = self.letters[letter].message.body.as_slice().into();
        up.asked.spawn(async move {
            let answered = intake.take(&body, &"sim".into(), None).await;
            if !life.is_over() {
                came.put(Back::Letter(letter, answered.code, answered.problem));
            }
        });
    }

    /// A process answered a letter.
    pub(super) fn answered(&mut self, letter: usize, code: &'static str, problem: Option<String>) {
        self.tell(|| format!("letter {letter} is answered {code}"));
        if code != "AA" {
            // What these sources send can be read and is for us.
            let not_stored = problem.as_deref().is_some_and(|problem| problem.contains("could not be stored"));
            if !not_stored {
                let id = self.letters[letter].message.control_id.clone();
                self.faults.push(format!("message {id} was answered {code}: {}", problem.unwrap_or_default()));
            }
            return;
        }
        if !self.letters[letter].acknowledged {
            self.letters[letter].acknowledged = true;
            self.figures.acknowledged += 1;
        }
        let clinic = self.letters[letter].clinic;
        let mut chance = self.chance(&format!("answer {letter} {}", self.letters[letter].sent));
        let mut way = chance.u64(1..60);
        for fault in self.trouble(clinic, &mut chance) {
            match fault {
                NetworkFault::LosesAnswers => return,
                NetworkFault::Delays => way += chance.u64(0..60_000),
                NetworkFault::LosesMessages | NetworkFault::Doubles => {}
            }
        }
        self.soon(way, Event::Heard(letter));
    }

    /// The source hears that a letter arrived.
    pub(super) fn heard(&mut self, letter: usize) {
        if std::mem::replace(&mut self.letters[letter].heard, true) {
            return;
        }
        let clinic = self.letters[letter].clinic;
        self.queues[clinic].retain(|waiting| *waiting != letter);
        if let Some(next) = self.queues[clinic].front().copied().filter(|_| self.plan.in_order) {
            self.resend(next, 0);
        }
    }

    /// Letters that nobody acknowledged.
    pub(super) fn unheard(&self) -> usize {
        self.letters.iter().filter(|letter| !letter.heard).count()
    }
}

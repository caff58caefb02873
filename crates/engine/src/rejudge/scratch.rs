//! The world in which messages are judged again: an engine of its own on an empty store, a clock that goes from message
//! to message, and a platform that takes everything.

use crate::deliver::{Answer, CourierOptions, Parcel, confirm_by_receipt};
use crate::engine::{Duty, EngineOptions, Running, Sweeps};
use crate::ingest::{Content, Incoming, hand_in};
use crate::poll::NoReaders;
use crate::ports::{Announcement, Carrier, Clock, PortFuture, Rereader};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::ids::IntegrationKey;
use domain::model::{Patient, Record, RosterRecord};
use domain::text::Text;
use domain::time::Moment;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{EnvelopeRow, IntegrationRow, PatientRow, Reader, Store};

/// Accounts that are carried over at a time.
const PAGE: usize = 1000;
/// Cards that the platform takes at a time.
const CARDS: usize = 500;

/// A clock that stands where it is put.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Moment {
        Moment::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// Nothing is sent from here.
struct Nobody;

impl Carrier for Nobody {
    fn carry<'a>(&'a self, _: &'a Parcel) -> PortFuture<'a, Answer> {
        Box::pin(std::future::ready(Answer::Unreachable { answer: Text::literal("nothing is sent from here") }))
    }

    fn announce<'a>(&'a self, _: &'a Announcement) -> PortFuture<'a, Answer> {
        Box::pin(std::future::ready(Answer::Unreachable { answer: Text::literal("nothing is sent from here") }))
    }

    fn check_address(&self, _: &str) -> std::result::Result<(), Text> {
        Ok(())
    }
}

/// What became of a message.
pub(super) enum Taken {
    Applied,
    /// It would be refused or set aside.
    NotApplied,
    /// Messages of its kind are not read again.
    NotRead,
}

/// The world.
pub(super) struct Scratch {
    running: Running,
    clock: Arc<Hands>,
    integration: Arc<Integration>,
}

/// What of the real world holds in this one from the beginning.
struct Given {
    row: IntegrationRow,
    links: Vec<domain::setup::LinkFact>,
    accounts: Vec<store::AccountRow>,
}

impl Scratch {
    /// Begins with today's set-up, links and accounts.
    pub(super) async fn begin(
        real: &Engine,
        integration: &Arc<Integration>,
        store: Arc<dyn Store>,
        at: Moment,
    ) -> Result<Scratch> {
        let (key, id) = (integration.key(), integration.rules.integration.clone());
        let given = real.read(move |reader| given(reader, key, &id)).await?;
        let mut writer = store.writer()?;
        writer.begin(&mut |_| {})?;
        let practice = writer.put_practice(&integration.practice, at)?;
        let key = writer.put_integration(practice, &given.row, true)?;
        for link in &given.links {
            writer.put_link(key, link)?;
        }
        for account in &given.accounts {
            writer.put_account(key, account)?;
        }
        writer.commit()?;
        drop(writer);
        let clock = Arc::new(Hands(AtomicI64::new(at.micros())));
        let running = Engine::start(EngineOptions {
            store,
            clock: clock.clone(),
            secrets: real.registry.kept_secrets(),
            chance: real.chance.clone(),
            carrier: Arc::new(Nobody),
            readers: Arc::new(NoReaders),
            courier: CourierOptions::default(),
            // Whoever only visits delivers nothing, and keeps no time by itself.
            duty: Duty::Visit,
            threads: real.threads,
            sweeps: Sweeps::default(),
        })?;
        let named = running.engine.setup().named(&integration.rules.integration).cloned();
        let lost = || Error::Invalid("the set-up could not be carried over".to_owned());
        Ok(Scratch { clock, integration: named.ok_or_else(lost)?, running })
    }

    /// The engine of this world.
    pub(super) fn engine(&self) -> &Engine {
        &self.running.engine
    }

    /// The integration in this world.
    pub(super) fn integration(&self) -> &Arc<Integration> {
        &self.integration
    }

    /// Takes a kept message in, at the time at which it arrived.
    pub(super) async fn take(&self, real: &Engine, reader: &dyn Rereader, envelope: EnvelopeRow) -> Result<Taken> {
        self.pass_until(envelope.at).await?;
        let Some(content) = reader.reread(&self.integration, &envelope) else { return Ok(Taken::NotRead) };
        let Content::Records(records) = &content else { return Ok(Taken::NotApplied) };
        self.link_as_now(real, envelope.integration, records).await?;
        let message = Incoming {
            integration: self.integration.key(),
            channel: envelope.channel,
            format: envelope.format,
            body: envelope.body.into(),
            // What is kept was no repetition.
            control_id: None,
            content,
            note: None,
            answer: Vec::new(),
        };
        let receipt = hand_in(self.engine().scribe(), message).await?.receipt().await?;
        self.settle().await?;
        Ok(if receipt.set_aside.is_some() { Taken::NotApplied } else { Taken::Applied })
    }

    /// Lets the time pass: what waits for an instant is decided at that instant.
    pub(super) async fn pass_until(&self, to: Moment) -> Result<()> {
        while let Some(next) = self.engine().read(|reader| Ok(reader.next_timer()?)).await? {
            if next > to {
                break;
            }
            self.set(next.max(self.clock.now()));
            self.engine().scribe().run(crate::tasks::one_page_of_timers).await?;
            self.settle().await?;
        }
        self.set(to.max(self.clock.now()));
        Ok(())
    }

    fn set(&self, now: Moment) {
        self.clock.0.store(now.micros(), Ordering::Relaxed);
    }

    /// Works off what follows, and has the platform take every card.
    async fn settle(&self) -> Result<()> {
        self.engine().settle_facts().await?;
        let key = self.integration.key();
        loop {
            let shown = self.engine().scribe().run(move |batch| {
                let now = batch.now;
                let cards = batch.reader().outbox_visible(now, &[key], CARDS)?;
                for card in &cards {
                    confirm_by_receipt(batch, &card.key, card.version, Some(card.key.source_id.clone()), None)?;
                }
                Ok(cards.len())
            });
            if shown.await? < CARDS {
                return Ok(());
            }
        }
    }

    /// Whoever has an account today has it from the beginning.
    async fn link_as_now(&self, real: &Engine, key: IntegrationKey, records: &[Record]) -> Result<()> {
        let mut people: BTreeSet<Text> = BTreeSet::new();
        for record in records {
            match record {
                Record::Appointment(visit, patients) => {
                    people.extend(patients.iter().map(|patient| patient.source_id.clone()));
                    if let RosterRecord::All(named) = &visit.participants {
                        people.extend(named.iter().map(|person| person.source_id.clone()));
                    }
                }
                Record::Patient(patient) => drop(people.insert(patient.source_id.clone())),
                Record::Merge(merge) => drop(people.insert(merge.survivor.clone())),
            }
        }
        let here = self.integration.key();
        let unknown = self.engine().read(move |reader| {
            let mut unknown = Vec::new();
            for id in people {
                if reader.patient(here, &id)?.is_none() {
                    unknown.push(id);
                }
            }
            Ok(unknown)
        });
        let unknown = unknown.await?;
        let linked = real.read(move |reader| {
            let mut linked = Vec::new();
            for id in unknown {
                let link = reader.patient(key, &id)?.and_then(|row| row.link);
                linked.extend(link.map(|link| PatientRow { patient: Patient::unknown(id), link: Some(link) }));
            }
            Ok(linked)
        });
        let linked = linked.await?;
        if linked.is_empty() {
            return Ok(());
        }
        let put = self
            .engine()
            .scribe()
            .run(move |batch| linked.iter().try_for_each(|row| Ok(batch.writer().put_patient(here, None, row)?)));
        put.await
    }

    /// The world ends.
    pub(super) async fn end(self) {
        let Scratch { running, integration, .. } = self;
        drop(integration);
        running.drain().await;
    }
}

fn given(reader: &mut dyn Reader, key: IntegrationKey, id: &str) -> Result<Given> {
    let row = reader.integration(id)?.ok_or_else(|| Error::NotFound { what: "integration", id: id.into() })?;
    let links = reader.links(key)?;
    let mut accounts: Vec<store::AccountRow> = Vec::new();
    loop {
        let after = accounts.last().map(|row| row.account.platform_id.clone());
        let page = reader.accounts(key, after.as_deref(), PAGE)?;
        let last = page.len() < PAGE;
        accounts.extend(page);
        if last {
            return Ok(Given { row, links, accounts });
        }
    }
}

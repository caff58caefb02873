//! The world in which messages are judged again: an engine of its own on an empty store, a clock that goes from message
//! to message, and a platform that takes everything.

use crate::deliver::{Answer, CourierOptions, Parcel, confirm_by_receipt};
use crate::engine::{Duty, EngineOptions, Running, Sweeps};
use crate::ingest::{Content, Incoming, Line, hand_in};
use crate::poll::{HowRead, NoReaders, Reading, Sheet, Storing, reading_of_old, take_sheets};
use crate::ports::{Announcement, Carrier, Clock, NoRereader, PortFuture, Reread, Rereader};
use crate::rejudge::known::Carried;
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::ids::IntegrationKey;
use domain::model::Record;
use domain::text::Text;
use domain::time::Moment;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{EnvelopeRow, IntegrationRow, Reader, Store};

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
    /// It cannot be read again: why.
    NotRead(&'static str),
}

/// A message as it is kept, with how it was read.
pub(super) struct Kept {
    pub(super) envelope: EnvelopeRow,
    pub(super) how: Option<HowRead>,
}

/// The world.
pub(super) struct Scratch {
    running: Running,
    clock: Arc<Hands>,
    integration: Arc<Integration>,
    /// What was known up to here holds from the beginning.
    pub(super) known_until: Moment,
    /// What has been carried over, or was found to be unknown then.
    pub(super) carried: Carried,
}

/// What of the real world holds in this one from the beginning.
struct Given {
    row: IntegrationRow,
    links: Vec<domain::setup::LinkFact>,
    accounts: Vec<store::AccountRow>,
}

impl Scratch {
    /// Begins with today's set-up, links and accounts, right behind a moment.
    pub(super) async fn begin(
        real: &Engine,
        integration: &Arc<Integration>,
        store: Arc<dyn Store>,
        known_until: Moment,
    ) -> Result<Scratch> {
        let at = known_until;
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
            rereader: Arc::new(NoRereader),
            courier: CourierOptions::default(),
            // Whoever only visits delivers nothing, and keeps no time by itself.
            duty: Duty::Visit,
            threads: real.threads,
            sweeps: Sweeps::default(),
        })?;
        let named = running.engine.setup().named(&integration.rules.integration).cloned();
        let lost = || Error::Invalid("the set-up could not be carried over".to_owned());
        let carried = Carried::default();
        Ok(Scratch { clock, integration: named.ok_or_else(lost)?, running, known_until, carried })
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
    pub(super) async fn take(&mut self, real: &Engine, kept: Kept, reader: &dyn Rereader) -> Result<Taken> {
        let Kept { envelope, how } = kept;
        self.pass_until(envelope.at).await?;
        let with = how.as_ref().and_then(|how| how.with.as_deref());
        match reader.reread(&self.integration, &envelope, with) {
            Reread::Cannot(why) => Ok(Taken::NotRead(why)),
            Reread::Message(Content::Records(records)) => {
                self.know(real, envelope.integration, &records).await?;
                self.message(envelope, records).await
            }
            Reread::Message(Content::Refused | Content::SetAside) => Ok(Taken::NotApplied),
            Reread::Page { sheet, .. } if sheet.records.is_empty() && !sheet.problems.is_empty() => {
                Ok(Taken::NotApplied)
            }
            Reread::Page { sheet, stamps } => {
                self.know(real, envelope.integration, &sheet.records).await?;
                let old = || reading_of_old(&envelope.channel, envelope.at, stamps);
                let reading = how.as_ref().map_or_else(old, HowRead::reading);
                self.page(envelope.channel, *sheet, reading).await
            }
        }
    }

    async fn message(&self, envelope: EnvelopeRow, records: Vec<Record>) -> Result<Taken> {
        let message = Incoming {
            integration: self.integration.key(),
            channel: envelope.channel,
            format: envelope.format,
            body: envelope.body.into(),
            // What is kept was no repetition.
            control_id: None,
            content: Content::Records(records),
            note: None,
            answer: Vec::new(),
            line: Line::ALONE,
        };
        let receipt = hand_in(self.engine(), message).await?.receipt().await?;
        self.settle().await?;
        Ok(if receipt.set_aside.is_some() { Taken::NotApplied } else { Taken::Applied })
    }

    /// Takes a page in by the way that pages take when they are read.
    async fn page(&self, channel: Text, sheet: Sheet, reading: Reading) -> Result<Taken> {
        let integration = self.integration.clone();
        let taken = self.engine().scribe().run(move |batch| {
            let poison = Vec::new();
            let storing =
                Storing { integration: &integration, reading, channel: &channel, keep_all: false, poison: &poison };
            take_sheets(batch, &storing, std::slice::from_ref(&sheet), &mut None).map(drop)
        });
        let taken = taken.await;
        self.settle().await?;
        // A record that cannot be applied takes its page with it.
        Ok(if taken.is_ok() { Taken::Applied } else { Taken::NotApplied })
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
    pub(super) async fn settle(&self) -> Result<()> {
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

//! Who asks.

use crate::scribe::Batch;
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::explain::Sight;
use domain::ids::PracticeNo;
use domain::text::Text;
use std::fmt;
use std::sync::Arc;
use store::{NewAudit, Reader};
use tokio::sync::oneshot;

/// What a person or program may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything.
    Admin,
    /// Everything but tokens and other people's decisions.
    Engineer,
    /// Reads masked until it gives a reason; links, re-drives.
    Support,
    /// Reads its practice, acknowledges, links patients.
    Desk,
    /// The audit log.
    Compliance,
    /// Changes, cards, receipts, slots and bookings of its integrations.
    Platform,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 6] =
        [Role::Admin, Role::Engineer, Role::Support, Role::Desk, Role::Compliance, Role::Platform];

    /// The word used in the API and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Engineer => "engineer",
            Role::Support => "support",
            Role::Desk => "desk",
            Role::Compliance => "compliance",
            Role::Platform => "platform",
        }
    }

    /// Reads the word back.
    pub fn from_word(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The name on the token, or of the person at the command line.
    pub name: Text,
    /// As what.
    pub role: Role,
    /// The practice it is confined to; `None`: all.
    pub practice: Option<Text>,
    /// The reason given for seeing patient data.
    pub purpose: Option<Text>,
}

impl Actor {
    /// The operator at the command line of the machine itself.
    pub fn operator() -> Actor {
        Actor { name: Text::literal("operator"), role: Role::Admin, practice: None, purpose: None }
    }

    /// What follows from time alone.
    pub(crate) fn clockwork() -> Actor {
        Actor { name: Text::literal("clockwork"), ..Actor::operator() }
    }

    /// The task that removes old messages.
    pub(crate) fn retention() -> Actor {
        Actor { name: Text::literal("retention"), ..Actor::operator() }
    }

    /// How much of patient data this actor sees: the clinic's own people everything, others masked until they give a
    /// reason (requirement X-10).
    pub fn sight(&self) -> Sight {
        match self.role {
            Role::Admin | Role::Desk | Role::Platform => Sight::Open,
            Role::Engineer | Role::Support | Role::Compliance if self.purpose.is_some() => Sight::Open,
            Role::Engineer | Role::Support | Role::Compliance => Sight::Masked,
        }
    }

    /// Whether a practice exists for this actor.
    pub fn may_see(&self, practice: &str) -> bool {
        self.practice.as_ref().is_none_or(|own| own == practice)
    }

    /// A row for the audit log.
    pub(crate) fn audit(
        &self,
        batch: &mut Batch<'_>,
        practice: PracticeNo,
        action: &'static str,
        subject: &str,
        detail: &str,
    ) -> Result<()> {
        let row = NewAudit {
            id: batch.audit_id(),
            practice,
            at: batch.now,
            actor: self.name.clone(),
            role: Text::literal(self.role.word()),
            action: Text::literal(action),
            subject: subject.into(),
            detail: detail.into(),
        };
        Ok(batch.writer().put_audit(&row)?)
    }
}

impl Engine {
    /// An integration that this actor may know of. Another practice's is not found.
    pub(crate) fn integration_for(&self, actor: &Actor, id: &str) -> Result<Arc<Integration>> {
        let book = self.setup();
        let found = book.named(id).filter(|integration| actor.may_see(&integration.rules.practice));
        found.cloned().ok_or_else(|| Error::NotFound { what: "integration", id: id.into() })
    }

    /// Notes in the audit log that an actor saw something.
    pub(crate) async fn note_view(&self, actor: &Actor, practice: PracticeNo, subject: String) -> Result<()> {
        let actor = actor.clone();
        let detail = actor.purpose.clone().unwrap_or_default();
        self.scribe.run(move |batch| actor.audit(batch, practice, "view", &subject, &detail)).await
    }

    /// Looks something up and notes in the audit log that an actor saw it, as soon as the look-up tells that it is
    /// there: the row gets onto the disk while the rest is being read, and the answer waits for both. A look-up that
    /// fails later leaves the row; one that found nothing to tell of leaves none.
    pub(crate) async fn read_noting<T, F>(
        &self,
        actor: &Actor,
        practice: PracticeNo,
        subject: String,
        look: F,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Reader, ItIsThere) -> Result<T> + Send + 'static,
    {
        let (told, there) = oneshot::channel();
        let looking = self.read(move |reader| look(reader, ItIsThere(told)));
        let noting = async {
            match there.await {
                Ok(()) => self.note_view(actor, practice, subject).await,
                Err(_) => Ok(()),
            }
        };
        let (found, noted) = tokio::join!(looking, noting);
        let found = found?;
        noted?;
        Ok(found)
    }
}

/// How a look-up tells that what an actor asked for is there.
pub(crate) struct ItIsThere(oneshot::Sender<()>);

impl ItIsThere {
    /// It is there.
    pub(crate) fn tell(self) {
        // Nobody listens any more when whoever asked has gone away.
        self.0.send(()).unwrap_or_default();
    }
}

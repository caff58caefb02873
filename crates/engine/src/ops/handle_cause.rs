//! What people say about an item: that they are at it, that it can wait, that it is resolved, that somebody else must
//! see to it. None of that closes it: closing is observed.

use crate::exceptions::{cause_seen, count_asked, count_use, follow, item_of, put};
use crate::ops::Actor;
use crate::ops::list_causes::{CauseStory, story};
use crate::{Engine, Error, Result};
use domain::exception::{Asked, Move, QueueUse};
use domain::explain::Sight;
use domain::text::Text;

/// The longest note, in characters.
const NOTE: usize = 500;

impl Engine {
    /// Acknowledges an item, puts it off, says that it is resolved, or sends it to the next person on its path.
    pub async fn handle_cause(&self, actor: &Actor, id: &str, asked: Asked, note: &str) -> Result<CauseStory> {
        if note.chars().count() > NOTE {
            return Err(Error::Invalid(format!("a note has at most {NOTE} characters")));
        }
        let (integration, _) = self.cause_for(actor, id).await?;
        let (actor, id, note) = (actor.clone(), Text::from(id), Text::from(note.trim()));
        let handled = self.scribe.run(move |batch| {
            let now = batch.now;
            let rules = &integration.rules.platform.exceptions;
            let Some(seen) = cause_seen(batch.reader(), &integration, &id, now)? else {
                return Err(Error::Invalid("it is closed already: what it was about is no longer seen".to_owned()));
            };
            let cause = &seen.cause;
            let kept = batch.reader().exception(integration.key(), &id)?;
            let mut row = match kept.filter(|row| row.item.closed_at.is_none()) {
                Some(row) => row,
                None => {
                    count_use(batch, &integration, &[QueueUse::Opened])?;
                    item_of(&integration, cause, now)
                }
            };
            // The answer shows what others typed before.
            let sight = actor.sight();
            if sight == Sight::Open && row.item.history.iter().any(Move::is_typed) {
                let purpose = actor.purpose.clone().unwrap_or_default();
                actor.audit(batch, integration.key().practice, "view", &id, &purpose)?;
            }
            let situation = crate::exceptions::situation(&integration, cause);
            let follows = row.item.ask(rules, &situation, &asked, &actor.name, note.clone(), now);
            let follows = follows.map_err(|why| Error::Invalid(why.to_owned()))?;
            match follows {
                Some(follows) => follow(batch, &integration, cause, &mut row, follows, Some(&actor), &note)?,
                None => {
                    let word = match &asked {
                        Asked::Acknowledge => "acknowledge",
                        Asked::Snooze(_) => "snooze",
                        Asked::Resolve => "resolve",
                        Asked::Escalate => "escalate",
                    };
                    let detail = match &asked {
                        Asked::Snooze(until) => format!("until {until}: {note}"),
                        _ => note.to_string(),
                    };
                    actor.audit(batch, integration.key().practice, word, &id, &detail)?;
                }
            }
            count_asked(batch, &integration, &asked)?;
            put(batch, &integration, cause, row)?;
            let told = story(batch.reader(), &integration, &id, now)?;
            let told = told.ok_or_else(|| Error::NotFound { what: "cause", id: id.clone() })?;
            Ok(told.seen_with(sight))
        });
        handled.await
    }
}

//! The postman: takes notices that are due, sends them, and brings back what came of it.

use crate::notify::claim::{Claimed, InHand, claim};
use crate::notify::outcome::record;
use crate::notify::{Channel, Posted};
use crate::ports::Postbox;
use crate::tasks::{Stop, rest_after};
use crate::{Engine, Result};
use domain::notice::Language;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// The clock may be set, and another process may queue notices: look at least this often.
const SWEEP: Duration = Duration::from_secs(5);

/// How notices are written.
#[derive(Clone, Debug)]
pub struct NoticeOptions {
    /// Where people reach the console, for links in letters: `https://punctual.example`.
    pub console: Option<String>,
    /// The domain that message ids end in.
    pub domain: String,
    /// Text messages can be sent.
    pub sms: bool,
    /// The language for whoever named none.
    pub language: Language,
}

/// Sends notices as they become due, until told to stop; what is being sent then is finished first.
pub async fn keep_notices(engine: Engine, postbox: Arc<dyn Postbox>, options: NoticeOptions, mut stop: Stop) {
    loop {
        let round = rest_after("notices", one_round(&engine, &postbox, &options).await).await;
        let wait = match round {
            Some((sent, _)) if sent > 0 => Duration::ZERO,
            Some((_, Some(next))) => {
                let millis = (next.micros() - engine.clock().now().micros()) / 1000;
                Duration::from_millis(millis.clamp(0, 5000).unsigned_abs())
            }
            _ => SWEEP,
        };
        tokio::select! {
            () = engine.courier.notices.notified() => {}
            () = tokio::time::sleep(wait.min(SWEEP)) => {}
            () = stop.requested() => return,
        }
    }
}

/// Sends what is due; how many that was, and when the next one is.
async fn one_round(
    engine: &Engine,
    postbox: &Arc<dyn Postbox>,
    options: &NoticeOptions,
) -> Result<(usize, Option<domain::time::Moment>)> {
    let now = engine.clock().now();
    // Looking costs nothing; a batch is only opened when something is due.
    let next = engine.read(|reader| Ok(reader.next_notice()?)).await?;
    if next.is_none_or(|next| next > now) {
        return Ok((0, next));
    }
    let writing = options.clone();
    let Claimed { in_hand, next } = engine.scribe.run(move |batch| claim(batch, &writing)).await?;
    // From here on they are ours, durably: whoever crashes now leaves them as "nobody knows", never as "again".
    let mut sending = JoinSet::new();
    let sent = in_hand.len();
    for InHand { notice, channel, letter } in in_hand {
        let postbox = postbox.clone();
        sending.spawn(async move {
            let posted = match channel {
                Channel::Mail => postbox.mail(&letter).await,
                Channel::Sms => postbox.sms(&letter).await,
            };
            (notice, posted)
        });
    }
    while let Some(done) = sending.join_next().await {
        let Ok((notice, posted)) = done else {
            tracing::error!("sending a notice panicked; its lease runs out");
            continue;
        };
        if let Posted::Again(_) | Posted::Refused(_) | Posted::Unknown(_) = &posted {
            tracing::warn!(kind = notice.kind.word(), attempts = notice.attempts, "a notice did not go");
        }
        engine.scribe.run(move |batch| record(batch, &notice, &posted)).await?;
    }
    Ok((sent, next))
}

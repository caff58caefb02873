//! Kept messages judged again for people and programs: a page at a time, and one at a time, so that nobody waits long
//! and the service has its hands free for what is under way.

use crate::app::App;
use crate::auth::Who;
use crate::failure::{Failure, Result};
use engine::rejudge::{RejudgeAsked, RejudgeBounds, Rejudged};

/// Messages of one page, unless fewer or more are asked for.
const MESSAGES: usize = 200;
/// And at most.
const MOST_MESSAGES: usize = 1000;
/// So long a page takes, in seconds, well within the time of a request; what is left comes with the next.
const SECS: i64 = 10;

/// Judges one page.
pub(crate) async fn judge(
    app: &App,
    who: &Who,
    integration: &str,
    asked: RejudgeAsked,
    limit: Option<usize>,
) -> Result<Rejudged> {
    let Some(worlds) = &app.options.worlds else {
        return Err(Failure::unavailable("no_room", "This service was started without room to judge messages again."));
    };
    let Ok(_turn) = app.judging.try_acquire() else {
        return Err(Failure::unavailable(
            "busy",
            "Somebody else is having messages judged again. It takes some seconds; then try again.",
        ));
    };
    let messages = limit.unwrap_or(MESSAGES).clamp(1, MOST_MESSAGES);
    let asked = RejudgeAsked { bounds: Some(RejudgeBounds { messages, secs: SECS }), ..asked };
    Ok(app.engine.rejudge(&who.actor, integration, asked, worlds.begin()?, |_, _| {}).await?)
}

//! A practice system that is asked, and how it answers.

use crate::diary::{ASKED, Mood};
use crate::sentence::Values;
use crate::steps::when::seconds;
use crate::steps::{Known, act, note};
use crate::world::{Told, World};
use domain::text::Text;
use engine::poll::Failure;

pub(super) const SENTENCES: &[Known] = &[
    note("the practice system is asked every {rest}", is_asked),
    act!("the practice system answers {quoted}", answers),
    act!("the practice system answers in part", in_part),
    act!("the practice system answers as if its diary were empty", empty),
    act!("the practice system answers by a clock that is {rest} ahead", ahead),
    act!("the practice system answers as it should", well),
];

fn is_asked(world: &mut World, values: &Values) -> Told {
    let every = u32::try_from(seconds(values.at(0))?).map_err(|error| error.to_string())?;
    let source = &mut world.integration().source;
    source.route = ASKED.into();
    source.poll_seconds = Some(every);
    Ok(())
}

/// What an answer is to whoever asked: the words of HTTP and of OAuth 2.0 (RFC 6749 section 5.2).
fn failure(said: &str) -> Told<Failure> {
    let what = Text::from(said);
    Ok(match said {
        "401 Unauthorized" => Failure::Unauthorized,
        "403 Forbidden" => Failure::Refused { what },
        "410 Gone" => Failure::CursorLost,
        "429 Too Many Requests" => Failure::Throttled { retry_after: None },
        "503 Service Unavailable" => Failure::Unreachable { what },
        "invalid_client" => Failure::Rejected { what },
        "invalid_grant" => Failure::Revoked { what },
        "no such folder" => Failure::NoPlace { what },
        "no JSON" => Failure::Malformed { what },
        other => return Err(format!("nobody knows what {other:?} means")),
    })
}

async fn answers(world: &mut World, values: Values) -> Told {
    world.diary.answers(Mood::Fails(failure(values.at(0))?));
    Ok(())
}

async fn in_part(world: &mut World, _: Values) -> Told {
    world.diary.answers(Mood::InPart);
    Ok(())
}

async fn empty(world: &mut World, _: Values) -> Told {
    world.diary.answers(Mood::Empty);
    Ok(())
}

async fn ahead(world: &mut World, values: Values) -> Told {
    world.diary.answers(Mood::Ahead(seconds(values.at(0))?));
    Ok(())
}

async fn well(world: &mut World, _: Values) -> Told {
    world.diary.answers(Mood::Well);
    Ok(())
}

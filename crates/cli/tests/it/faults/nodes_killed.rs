//! Three services on one PostgreSQL; messages come in at any of them, and one after another is killed.

use super::{either, is_long, millis, seeded};
use crate::support::{Database, Load, Plan, Punctual, Rig, SENDERS};
use std::thread;
use std::time::{Duration, Instant};

/// So many services.
const NODES: usize = 3;

/// The long form goes on for so long.
const LONG: Duration = Duration::from_secs(30 * 60);

/// So many senders that those who wait at one node are a crowd: both desks of the scribe are busy.
const CROWD: usize = 48;

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn nothing_acknowledged_is_lost_or_doubled_when_one_of_three_nodes_is_killed_again_and_again() {
    // In half an hour as many messages as can be compared one by one afterwards.
    let pace = either(Duration::ZERO, Duration::from_millis(400));
    killed_again_and_again(SENDERS, pace, |kills, began| if is_long() { began.elapsed() < LONG } else { kills < 8 });
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn nothing_acknowledged_is_lost_or_doubled_when_a_node_with_a_crowd_is_killed() {
    killed_again_and_again(CROWD, Duration::ZERO, |kills, _| kills < 4);
}

/// Kills one node after another under load while `goes_on`, told of the kills so far and the beginning, says so.
fn killed_again_and_again(senders: usize, pace: Duration, goes_on: impl Fn(usize, Instant) -> bool) {
    let mut rng = seeded();
    let database = Database::fresh();
    let rig = Rig::on(Some(database.address()), NODES, 5);
    let mut nodes: Vec<Option<Punctual>> = (0..NODES).map(|node| Some(rig.serve(node))).collect();
    let plan = Plan { senders, pace, ..rig.plan() };
    let (began, load) = (Instant::now(), Load::start(&plan, &rig.ledger));
    let mut kills = 0;
    while goes_on(kills, began) {
        rig.ledger.grows_beyond(rig.ledger.count() + senders);
        thread::sleep(millis(&mut rng, either(0..400, 500..8000)));
        let node = rng.usize(..NODES);
        if let Some(killed) = nodes[node].take() {
            killed.kill();
            kills += 1;
        }
        thread::sleep(millis(&mut rng, either(0..200, 0..2000)));
        nodes[node] = Some(rig.serve(node));
    }
    let since = Instant::now();
    thread::sleep(Duration::from_millis(300));
    load.finish();
    println!("{NODES} nodes, {senders} senders, {kills} kills in {:.0} s", began.elapsed().as_secs_f64());
    let account = rig.ledger.settle(&rig.api(0), since);
    assert!(account.acknowledged > senders * 10, "the senders did send: {account}");
    assert_eq!(account.refused, 0, "a node that is there takes what it is sent");
    // A card is sent twice only by a node that was killed before it could say that it was taken.
    assert!(account.duplicated <= kills * senders * 2, "{account}");
    for node in nodes.into_iter().flatten() {
        node.stop();
    }
}

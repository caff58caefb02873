//! `kill -9` of the service on SQLite, again and again while messages come in.

use super::{either, millis, seeded};
use crate::support::{Load, Rig, SENDERS};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn nothing_acknowledged_is_lost_when_the_service_is_killed_again_and_again() {
    let mut rng = seeded();
    let rig = Rig::on(None, 1, 5);
    let load = Load::start(&rig.plan(), &rig.ledger);
    for _ in 0..either(20, 200) {
        let (service, before) = (rig.serve(0), rig.ledger.count());
        // Sometimes it does not even come to its first answer.
        if rng.u8(..4) > 0 {
            rig.ledger.grows_beyond(before + 3);
        }
        thread::sleep(millis(&mut rng, 0..300));
        service.kill();
    }
    let service = rig.serve(0);
    let since = Instant::now();
    thread::sleep(Duration::from_millis(300));
    load.finish();
    let account = rig.ledger.settle(&rig.api(0), since);
    assert!(account.acknowledged > SENDERS * 10, "the senders did send: {account}");
    assert_eq!(account.refused, 0, "a service that is there takes what it is sent");
    service.stop();
}

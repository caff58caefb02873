//! PostgreSQL is stopped with `immediate` and started again while messages come in at two services.

use super::{either, millis, seeded};
use crate::support::{Cluster, Load, Rig, SENDERS, until};
use std::thread;
use std::time::{Duration, Instant};

/// No sender waits longer for its `AE`, whatever the database does; the machine of the test may be busy.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

#[test]
#[ignore = "needs a PostgreSQL server to start: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn nothing_acknowledged_is_lost_when_the_database_is_stopped_at_once_and_started_again() {
    let mut rng = seeded();
    let mut cluster = Cluster::start();
    let rig = Rig::on(Some(cluster.address("")), 2, 5);
    let services = [rig.serve(0), rig.serve(1)];
    let load = Load::start(&rig.plan(), &rig.ledger);
    let mut since = Instant::now();
    for _ in 0..either(2, 40) {
        let before = rig.ledger.count();
        until("messages are acknowledged", || {
            let now = rig.ledger.count();
            if now > before + SENDERS { Ok(()) } else { Err(format!("{now} acknowledged")) }
        });
        thread::sleep(millis(&mut rng, 0..500));
        cluster.stop_immediately();
        let refused = rig.ledger.refusals();
        until("senders are told that nothing is stored", || {
            let now = rig.ledger.refusals();
            if now > refused { Ok(()) } else { Err(format!("{now} refused")) }
        });
        for service in 0..2 {
            assert_eq!(rig.api(service).get("/readyz").status, 503, "it is not ready, and says so");
            assert_eq!(rig.api(service).get("/healthz").status, 200, "it lives");
        }
        thread::sleep(millis(&mut rng, 0..1000));
        cluster.start_again();
        since = Instant::now();
        for service in 0..2 {
            until("it is ready again, by itself", || {
                let answer = rig.api(service).get("/readyz");
                if answer.status == 200 { Ok(()) } else { Err(answer.body) }
            });
        }
    }
    load.finish();
    let account = rig.ledger.settle(&rig.api(0), since);
    assert!(account.refused > 0, "{account}");
    assert!(account.longest_wait < LONGEST_WAIT, "{account}");
    for service in services {
        service.stop();
    }
}

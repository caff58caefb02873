//! A new database has statistics as soon as there is something to see.

use crate::backends::{Fixture, Postgres, ask_server, write};
use crate::rows::*;
use std::time::Duration;

/// So often somebody had statistics gathered; what the server does by itself does not count.
fn gathered(on: &Postgres) -> i64 {
    let sql = "SELECT coalesce(sum(analyze_count), 0)::bigint FROM pg_stat_user_tables WHERE schemaname = ";
    ask_server::<i64>(&format!("{sql}'{}'", on.name()))[0]
}

fn fill(on: &Postgres, visits: std::ops::Range<u64>) {
    write(on.store(), |writer| {
        visits.clone().try_for_each(|n| writer.put_appointment(&visit(&format!("N{n}")), None, &row()))
    });
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn after_a_thousand_visits_a_new_database_has_statistics() {
    let on = Postgres::fresh();
    fill(&on, 0..999);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(gathered(&on), 0, "there is too little to see yet");
    fill(&on, 999..1000);
    let mut rounds = 0;
    while gathered(&on) == 0 {
        rounds += 1;
        assert!(rounds < 600, "nobody gathered any");
        std::thread::sleep(Duration::from_millis(100));
    }
}

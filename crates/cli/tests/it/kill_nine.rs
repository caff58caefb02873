//! The service is killed again and again while messages come in: nothing that was acknowledged is lost.

use crate::support::{
    Client, Finished, INTEGRATION, Mllp, Punctual, Receiver, Visit, command, document, schedule, until,
};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The service is killed so often.
const KILLS: usize = 20;
/// So many senders, each on a connection of its own.
const SENDERS: usize = 6;

/// What a sender was told: the visit, the control id and the message.
pub(crate) type Acknowledged = Arc<Mutex<Vec<(String, String, String)>>>;

/// A port that was free a moment ago: the service comes back on the same one.
pub(crate) fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("its address is known").to_string()
}

/// A sender as they are: one message at a time, and what got no answer is sent again as it was. Where there are several
/// addresses, each message goes to another one than the message before it.
pub(crate) fn send_until_told(sender: usize, addresses: &[String], stop: &AtomicBool, acknowledged: &Acknowledged) {
    let mut feeds: Vec<Option<Mllp>> = addresses.iter().map(|_| None).collect();
    let mut turn = sender;
    for number in 0.. {
        let mut visit = Visit::new(&format!("A-{sender}-{number}"));
        let mut versions = vec![(visit.clone(), "S12")];
        // Every third visit is moved, and some of those once more.
        for step in 0..[2, 0, 1][number % 3] {
            visit.minute += 10 + step;
            versions.push((visit.clone(), "S13"));
        }
        for (visit, trigger) in versions {
            let (control_id, message) = visit.message(trigger);
            loop {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                turn = (turn + 1) % addresses.len();
                let (address, feed) = (&addresses[turn], &mut feeds[turn]);
                let sent = match feed.as_mut() {
                    Some(feed) => feed.send(&message),
                    None => Mllp::connect(address).and_then(|fresh| feed.insert(fresh).send(&message)),
                };
                match sent {
                    Ok((code, answered, answer)) => {
                        assert_eq!((code.as_str(), &answered), ("AA", &control_id), "{answer}");
                        let told = (visit.source_id.clone(), control_id, message);
                        acknowledged.lock().expect("no sender panics").push(told);
                        break;
                    }
                    Err(_) => {
                        *feed = None;
                        thread::sleep(Duration::from_millis(10));
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_service_is_killed_twenty_times() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    let folder = tempfile::tempdir().unwrap();
    let platform = Receiver::start();
    // A busy platform, so that deliveries are on their way when the power goes.
    platform.answers(|delivery| crate::support::Reply::confirmed(delivery).after(Duration::from_millis(3)));
    let waits = schedule(&[1, 1, 1, 1, 1, 1], 5);
    std::fs::write(folder.path().join("practice.toml"), document("webhook", &platform.url(), &waits)).unwrap();
    Finished::of(command(folder.path()).args(["apply", "practice.toml"])).done();
    let made =
        Finished::of(command(folder.path()).args(["token", "create", "--role", "admin", "--name", "T", "--json"]));
    let token = made.json()["token"].as_str().unwrap().to_owned();
    let (http, mllp) = (free_port(), free_port());
    let serve = |folder: &Path| Punctual::start(command(folder).args(["serve", "--http", &http, "--mllp", &mllp]));

    let acknowledged = Acknowledged::default();
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let (addresses, stop, acknowledged) = ([mllp.clone()], stop.clone(), acknowledged.clone());
            thread::spawn(move || send_until_told(sender, &addresses, &stop, &acknowledged))
        })
        .collect();
    for _ in 0..KILLS {
        let service = serve(folder.path());
        thread::sleep(Duration::from_millis(rng.u64(20..400)));
        service.kill();
    }
    let service = serve(folder.path());
    thread::sleep(Duration::from_millis(300));
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.join().expect("every answer was AA, to the message it was for");
    }

    let acknowledged = acknowledged.lock().unwrap().clone();
    let api = Client::new(&http).token(&token);
    until("everything is on the platform", || {
        let counts = api.json(&format!("/api/v1/integrations/{INTEGRATION}"))["counts"].clone();
        let all: u64 = counts.as_object().unwrap().values().filter_map(Value::as_u64).sum();
        (counts["in_sync"].as_u64() == Some(all)).then_some(()).ok_or_else(|| counts.to_string())
    });
    let (told, present) = (acknowledged.len(), count_present(&api, &acknowledged));
    println!("acknowledged {told}, present {present}, lost {}", told - present);
    assert!(told > SENDERS * 10, "the senders did send: {told}");
    assert_eq!(present, told, "what was acknowledged is there");
    let (delivered, duplicated) = check_deliveries(&api, &platform, &acknowledged);
    println!("delivered {delivered}, duplicated {duplicated}");
    service.stop();
}

/// How many of the acknowledged messages are there, each as an envelope with the bytes that were sent.
pub(crate) fn count_present(api: &Client, acknowledged: &[(String, String, String)]) -> usize {
    let mut envelopes: HashMap<String, String> = HashMap::new();
    let visits: HashSet<&str> = acknowledged.iter().map(|(visit, ..)| visit.as_str()).collect();
    for visit in visits {
        let answer = api.get(&format!("/api/v1/integrations/{INTEGRATION}/appointments/{visit}"));
        // A visit that is not there is counted as what was lost with it.
        let explanation = if answer.status == 200 { answer.json() } else { Value::Null };
        for entry in explanation["timeline"].as_array().into_iter().flatten() {
            if let Some(id) = entry["envelope"].as_str() {
                let envelope = api.json(&format!("/api/v1/envelopes/{id}"));
                envelopes.insert(id.to_owned(), envelope["body"].as_str().unwrap_or_default().to_owned());
            }
        }
    }
    let bodies: HashSet<&str> = envelopes.values().map(String::as_str).collect();
    assert_eq!(bodies.len(), envelopes.len(), "no message was taken in twice");
    acknowledged.iter().filter(|(.., message)| bodies.contains(message.as_str())).count()
}

/// Every visit's newest version arrived, each version under one key, in order; how many arrived, and how many twice.
pub(crate) fn check_deliveries(
    api: &Client,
    platform: &Receiver,
    acknowledged: &[(String, String, String)],
) -> (usize, usize) {
    let deliveries = platform.deliveries();
    let mut by_visit: BTreeMap<&str, Vec<(u64, &str, &str)>> = BTreeMap::new();
    for delivery in &deliveries {
        let row = (delivery.version(), delivery.id.as_str(), delivery.body.as_str());
        by_visit.entry(delivery.source_id()).or_default().push(row);
    }
    let visits: HashSet<&str> = acknowledged.iter().map(|(visit, ..)| visit.as_str()).collect();
    let mut once: HashSet<&str> = HashSet::new();
    for visit in visits {
        let explanation = api.json(&format!("/api/v1/integrations/{INTEGRATION}/appointments/{visit}"));
        let newest = explanation["appointment"]["version"].as_u64().unwrap();
        let arrived = by_visit.get(visit).unwrap_or_else(|| panic!("{visit} never arrived"));
        let versions: Vec<u64> = arrived.iter().map(|(version, ..)| *version).collect();
        assert_eq!(versions.last(), Some(&newest), "{visit}: the newest version is the last: {versions:?}");
        assert!(versions.is_sorted(), "{visit}: in order: {versions:?}");
        let mut keys: HashMap<u64, (&str, &str)> = HashMap::new();
        for (version, id, body) in arrived {
            let first = keys.entry(*version).or_insert((id, body));
            assert_eq!(*first, (*id, *body), "{visit}: a version has one key and one body");
            once.insert(id);
        }
        let distinct: HashSet<&str> = keys.values().map(|(id, _)| *id).collect();
        assert_eq!(distinct.len(), keys.len(), "{visit}: each version has a key of its own");
    }
    (once.len(), deliveries.len() - once.len())
}

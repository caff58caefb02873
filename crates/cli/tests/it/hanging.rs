//! A host that takes connections and never answers costs others nothing: their cards flow, and their sources are read.

use crate::support::{Client, Finished, Mllp, Receiver, Reply, Visit, command, document, schedule, serve, until};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A server that reads what it is asked.
struct Host {
    address: String,
    /// Connections that were made.
    met: Arc<AtomicUsize>,
    /// Of these, those that the other side gave up.
    left: Arc<AtomicUsize>,
}

impl Host {
    /// `answer`: to whatever is asked; `None`: it never answers.
    fn start(answer: Option<String>) -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (met, left) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (meeting, leaving) = (met.clone(), left.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                meeting.fetch_add(1, Ordering::SeqCst);
                let (answer, leaving) = (answer.clone(), leaving.clone());
                thread::spawn(move || serve_one(stream, answer.as_deref(), &leaving));
            }
        });
        Host { address, met, left }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn serve_one(mut stream: TcpStream, answer: Option<&str>, leaving: &AtomicUsize) {
    let mut portion = [0; 64 << 10];
    while stream.read(&mut portion).is_ok_and(|count| count > 0) {
        let Some(answer) = answer else { continue };
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/fhir+json\r\nconnection: close";
        drop(write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{answer}", answer.len()));
        return;
    }
    leaving.fetch_add(1, Ordering::SeqCst);
}

/// A second integration of the practice, on a platform of its own.
fn beside(hook: &str) -> String {
    let first = document("webhook", hook, "");
    let integration = first.split_once("[[integration]]").unwrap().1;
    let integration = integration.replace("NORTHSIDE", "SOUTHSIDE");
    let (before, after) = integration.split_once("id = \"").unwrap();
    format!("\n[[integration]]{before}id = \"southside\"{}", after.split_once('"').unwrap().1)
}

fn metric(http: &str, line: &str) -> Result<(), String> {
    let text = Client::new(http).get("/metrics").body;
    let name = line.split_once(' ').unwrap().0;
    let found = text.lines().find(|found| found.starts_with(name)).unwrap_or_default();
    if found == line { Ok(()) } else { Err(found.to_owned()) }
}

#[test]
fn cards_flow_to_a_platform_that_answers_beside_one_that_hangs() {
    let (hanging, platform) = (Host::start(None), Receiver::start());
    platform.answers(Reply::confirmed);
    let folder = tempfile::tempdir().unwrap();
    // Within this test nobody gives up.
    let text = document("webhook", &hanging.url("/hook"), &schedule(&[3600], 3600)) + &beside(&platform.url());
    std::fs::write(folder.path().join("practice.toml"), text).unwrap();
    Finished::of(command(folder.path()).args(["apply", "practice.toml"])).done();
    let service = serve(folder.path());
    let mut feed = Mllp::connect(service.told("mllp")).unwrap();
    let mut send = |source_id: &str, facility: &str| {
        let message = Visit::new(source_id).message("S12").1.replace("NORTHSIDE", facility);
        assert_eq!(feed.send(&message).unwrap().0, "AA");
    };
    // More than there are places for cards.
    (0..1100).for_each(|n| send(&format!("N-{n}"), "NORTHSIDE"));
    until("the host that hangs holds its part", || {
        metric(service.told("http"), "punctual_places_held{of=\"cards\"} 512")
    });
    let wanted: BTreeSet<String> = (0..50).map(|n| format!("S-{n}")).collect();
    wanted.iter().for_each(|id| send(id, "SOUTHSIDE"));
    until("all cards are on the platform that answers", || {
        let came: BTreeSet<String> = platform.deliveries().iter().map(|one| one.source_id().to_owned()).collect();
        if came == wanted { Ok(()) } else { Err(format!("{} of {}", came.len(), wanted.len())) }
    });
    assert_eq!(hanging.left.load(Ordering::SeqCst), 0, "the host that hangs goes on hanging");
}

#[test]
fn a_platform_that_does_not_answer_keeps_few_places_until_it_does() {
    let hanging = Host::start(None);
    let folder = tempfile::tempdir().unwrap();
    let text = document("webhook", &hanging.url("/hook"), &schedule(&[3600], 1));
    std::fs::write(folder.path().join("practice.toml"), text).unwrap();
    Finished::of(command(folder.path()).args(["apply", "practice.toml"])).done();
    let service = serve(folder.path());
    let mut feed = Mllp::connect(service.told("mllp")).unwrap();
    for n in 0..60 {
        assert_eq!(feed.send(&Visit::new(&format!("N-{n}")).message("S12").1).unwrap().0, "AA");
    }
    let http = service.told("http");
    until("the host counts as silent", || metric(http, "punctual_silent_hosts{of=\"cards\"} 1"));
    // Every card has its attempt all the same, a few at a time.
    until("every card was tried", || match hanging.left.load(Ordering::SeqCst) {
        60.. => Ok(()),
        few => Err(few.to_string()),
    });
    until("nothing is in hand any more", || metric(http, "punctual_places_held{of=\"cards\"} 0"));
}

#[test]
fn a_source_is_read_beside_one_that_hangs_with_more_practices_than_there_are_places() {
    let hanging = Host::start(None);
    let healthy = Host::start(Some("{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[]}".to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let mut text = "[practice]\nid = \"n\"\nname = \"N\"\ntime_zone = \"America/Chicago\"\n".to_owned();
    let sources = (0..140).map(|_| hanging.url("/r4")).chain([healthy.url("/r4")]);
    for (n, url) in sources.enumerate() {
        text += &format!(
            "[[integration]]\nid = \"n-{n:03}\"\nlifecycle = \"live\"\n\
             source = {{ profile = \"fhir-r4\", route = \"fhir-r4\", url = \"{url}\" }}\n\
             platform = {{ profile = \"webhook\", route = \"webhook\", url = \"http://127.0.0.1:9/hook\" }}\n"
        );
    }
    std::fs::write(folder.path().join("practice.toml"), text).unwrap();
    Finished::of(command(folder.path()).args(["apply", "practice.toml"])).done();
    let service = serve(folder.path());
    until("the healthy source is read", || match healthy.met.load(Ordering::SeqCst) {
        0 => Err(format!("{} others", hanging.met.load(Ordering::SeqCst))),
        _ => Ok(()),
    });
    let (met, left) = (hanging.met.load(Ordering::SeqCst), hanging.left.load(Ordering::SeqCst));
    assert_eq!(left, 0, "of {met} that are read of the host that hangs, none was given up before");
    assert!(met <= 96, "{met}");
    drop(service);
}

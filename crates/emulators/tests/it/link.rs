//! The practice system's connection: one message at a time, each until it is answered.

use crate::support::receiver::{Receiver, Reply};
use crate::support::{believable, clock, listener, quiet_options, running, within};
use emulators::faults::{Fault, Faults};
use emulators::practice::{MessageState, PatientEdit, PracticeFault, PracticeHandle, PracticeOptions};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Edits a patient so many times: so many messages.
fn edit(practice: &PracticeHandle, times: usize) -> Vec<String> {
    (0..times)
        .flat_map(|n| {
            let edit = PatientEdit { phone: Some(format!("(217) 555-01{n:02}")), ..PatientEdit::default() };
            practice.at_desk(|practice, now| practice.edit_patient("P4001", edit, now)).unwrap()
        })
        .collect()
}

/// Answers of the messages that a receiver with these answers got, for three edits.
async fn exchange(answers: &'static [Reply]) -> (PracticeHandle, Receiver, Vec<String>) {
    let (practice, first) = running(quiet_options()).await;
    let receiver = Receiver::start(move |n| answers.get(n).copied().unwrap_or(Reply::Accept)).await;
    practice.point_at(Some(receiver.address));
    let ids = edit(&practice, 3);
    within("three answers", practice.settled()).await;
    assert!(first.got().is_empty(), "everything went to the new address");
    (practice, receiver, ids)
}

fn came(receiver: &Receiver) -> Vec<String> {
    receiver.got().iter().map(|got| got.control_id()).collect()
}

fn message(practice: &PracticeHandle, id: &str) -> (MessageState, u32, String) {
    practice.look(|practice| {
        let message = practice.messages().find(|message| message.control_id == id).unwrap();
        let answer = message.answer.as_ref().map_or(String::new(), |answer| format!("{} {}", answer.code, answer.text));
        (message.state, message.attempts, answer.trim().to_owned())
    })
}

#[tokio::test]
async fn the_whole_past_goes_out_in_order_on_one_connection() {
    let receiver = Receiver::start(|_| Reply::Accept).await;
    let options = PracticeOptions { feed: Some(receiver.address), ..quiet_options() };
    let practice = believable().practice.start(listener().await, options).unwrap();
    within("the past", practice.settled()).await;
    let sent: Vec<String> =
        practice.look(|practice| practice.messages().map(|message| message.control_id.clone()).collect());
    assert!(sent.len() > 40);
    assert_eq!(came(&receiver), sent);
    assert_eq!(receiver.connections(), 1);
    assert!(practice.look(|practice| practice.messages().all(|message| message.state == MessageState::Accepted)));
}

#[tokio::test]
async fn a_lost_answer_means_the_same_message_again() {
    let (practice, receiver, ids) = exchange(&[Reply::Accept, Reply::Silence, Reply::Silence]).await;
    let expected = [&ids[0], &ids[1], &ids[1], &ids[1], &ids[2]];
    assert_eq!(came(&receiver).iter().collect::<Vec<_>>(), expected);
    let got = receiver.got();
    assert!(got[1].bytes == got[2].bytes && got[2].bytes == got[3].bytes, "the same bytes, MSH-7 included");
    assert!(got[1].connection < got[2].connection, "a late answer cannot meet the wrong message");
    assert_eq!(message(&practice, &ids[1]), (MessageState::Accepted, 3, "AA".to_owned()));
    assert_eq!(message(&practice, &ids[2]).1, 1);
}

#[tokio::test]
async fn a_broken_connection_means_the_same_message_again() {
    for broken in [Reply::HangUp, Reply::HalfAnAnswer] {
        let answers: &'static [Reply] = match broken {
            Reply::HangUp => &[Reply::HangUp],
            _ => &[Reply::HalfAnAnswer],
        };
        let (_practice, receiver, ids) = exchange(answers).await;
        let expected = [&ids[0], &ids[0], &ids[1], &ids[2]];
        assert_eq!(came(&receiver).iter().collect::<Vec<_>>(), expected, "{broken:?}");
        assert_eq!(receiver.connections(), 2);
    }
}

#[tokio::test]
async fn an_answer_to_something_else_is_not_taken_for_the_answer() {
    let (practice, receiver, ids) = exchange(&[Reply::WrongFirst, Reply::Trickle]).await;
    assert_eq!(came(&receiver), ids);
    // The wrong answer was a refusal; the right one was not.
    assert_eq!(message(&practice, &ids[0]), (MessageState::Accepted, 1, "AA".to_owned()));
    assert_eq!(message(&practice, &ids[1]), (MessageState::Accepted, 1, "CA".to_owned()));
}

#[tokio::test]
async fn refusals_and_what_is_set_aside_do_not_stop_the_line() {
    let (practice, receiver, ids) = exchange(&[Reply::Refuse, Reply::Aside]).await;
    assert_eq!(came(&receiver), ids);
    assert_eq!(message(&practice, &ids[0]).0, MessageState::Refused);
    let (state, attempts, answer) = message(&practice, &ids[1]);
    assert_eq!((state, attempts), (MessageState::SetAside, 1));
    assert!(answer.starts_with("AE") && answer.contains("no such day"), "{answer}");
    assert_eq!(message(&practice, &ids[2]).0, MessageState::Accepted);

    assert!(practice.at_desk(|practice, _| practice.send_again(&ids[0])));
    assert!(!practice.at_desk(|practice, _| practice.send_again(&ids[2])), "what was accepted stays accepted");
    within("the repetition", practice.settled()).await;
    assert_eq!(came(&receiver).last(), Some(&ids[0]));
    assert_eq!(receiver.got()[3].bytes, receiver.got()[0].bytes);
}

#[tokio::test]
async fn what_could_not_be_stored_is_sent_again_but_not_for_ever() {
    let (practice, receiver, ids) =
        exchange(&[Reply::Again, Reply::Accept, Reply::Again, Reply::Again, Reply::Again, Reply::Again, Reply::Again])
            .await;
    assert_eq!(message(&practice, &ids[0]), (MessageState::Accepted, 2, "AA".to_owned()));
    assert_eq!(message(&practice, &ids[1]).0, MessageState::SetAside);
    assert_eq!(message(&practice, &ids[1]).1, 5);
    assert_eq!(message(&practice, &ids[2]).0, MessageState::Accepted);
    assert_eq!(receiver.connections(), 1, "an answer is no reason to hang up");
}

#[tokio::test]
async fn the_line_is_open_while_nothing_happens_and_opened_anew() {
    let practice = believable().practice.start(listener().await, quiet_options()).unwrap();
    assert!(!practice.is_connected());
    // Nobody listens here yet: what waits, waits.
    let address = listener().await.local_addr().unwrap();
    practice.point_at(Some(address));
    tokio::time::sleep(Duration::from_millis(80)).await;
    assert!(!practice.is_connected());

    let receiver = Receiver::start(|_| Reply::Accept).await;
    practice.point_at(Some(receiver.address));
    within("the past", practice.settled()).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(practice.is_connected());
    assert_eq!(receiver.connections(), 1);
    practice.point_at(None);
    within("hanging up", async {
        while practice.is_connected() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_stopped_system_sends_nothing_more() {
    let (practice, receiver) = running(quiet_options()).await;
    let http = practice.http;
    let mut open = tokio::net::TcpStream::connect(http).await.unwrap();
    open.write_all(b"GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 16_384];
    assert!(open.read(&mut answer).await.unwrap() > 0);
    let mut practice = practice.stop().await;
    assert_eq!(within("hanging up", open.read(&mut answer)).await.unwrap_or(0), 0, "it hangs up on everybody");
    practice.cancel("A-1001", None, crate::support::now()).unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(receiver.got().is_empty());
    assert!(tokio::net::TcpStream::connect(http).await.is_err(), "nobody listens any more");
    assert!(practice.messages().any(|message| message.state == MessageState::Waiting));
}

/// The receiver of so many edits under a fault.
async fn under(kind: PracticeFault, fault: Fault, edits: usize) -> (PracticeHandle, Receiver, Vec<String>) {
    let (practice, receiver) = running(quiet_options()).await;
    practice.set_faults(Faults::none(3).with(kind, fault));
    let ids = edit(&practice, edits);
    within("the answers", practice.settled()).await;
    (practice, receiver, ids)
}

#[tokio::test]
async fn lost_messages_are_lost_and_nobody_notices() {
    let (practice, receiver, ids) = under(PracticeFault::LostEvent, Fault::rate(0.4), 20).await;
    let came: BTreeSet<String> = came(&receiver).into_iter().collect();
    let lost: Vec<&String> = ids.iter().filter(|id| !came.contains(*id)).collect();
    assert!((2..18).contains(&lost.len()), "{}", lost.len());
    assert!(lost.iter().all(|id| message(&practice, id).0 == MessageState::Lost));
    let (_practice, receiver, ids) = under(PracticeFault::LostEvent, Fault::always(), 2).await;
    assert!(receiver.got().is_empty() && ids.len() == 2);
}

#[tokio::test]
async fn doubled_messages_come_twice_with_the_same_id() {
    let (practice, receiver, ids) = under(PracticeFault::DuplicateEvent, Fault::always(), 3).await;
    let expected: Vec<&String> = ids.iter().flat_map(|id| [id, id]).collect();
    assert_eq!(came(&receiver).iter().collect::<Vec<_>>(), expected);
    assert_eq!(message(&practice, &ids[0]).1, 2);
}

#[tokio::test]
async fn overtaken_messages_still_come() {
    let fault = Fault::rate(0.3).millis(500);
    let (_practice, receiver, ids) = under(PracticeFault::Reorder, fault, 12).await;
    let came = came(&receiver);
    assert_ne!(came, ids);
    assert_eq!(came.iter().collect::<BTreeSet<_>>(), ids.iter().collect::<BTreeSet<_>>());
    // One place at most: it is overtaken by the one behind it, and not forgotten.
    for (place, id) in came.iter().enumerate() {
        let made = ids.iter().position(|other| other == id).unwrap();
        assert!(place.abs_diff(made) <= 1, "{id} came as {place} and was made as {made}");
    }
    // With nothing behind it, it comes when its time is up.
    let (_practice, receiver, ids) = under(PracticeFault::Reorder, Fault::always().millis(30), 1).await;
    assert_eq!(self::came(&receiver), ids);
}

#[tokio::test]
async fn latency_and_outages_cost_time_and_no_messages() {
    let began = Instant::now();
    let (_practice, receiver, ids) = under(PracticeFault::Latency, Fault::always().millis(40), 3).await;
    assert!(began.elapsed() > Duration::from_millis(120));
    assert_eq!(came(&receiver), ids);

    let (_practice, receiver, ids) = under(PracticeFault::Outage, Fault::rate(0.5).millis(10), 6).await;
    assert_eq!(came(&receiver), ids);
    assert!(receiver.connections() > 1, "it hung up in between");

    let (practice, receiver) = running(quiet_options()).await;
    practice.set_faults(Faults::none(3).with(PracticeFault::Outage, Fault::always().millis(10)));
    edit(&practice, 1);
    tokio::time::sleep(Duration::from_millis(80)).await;
    assert!(receiver.got().is_empty());
    practice.set_faults(Faults::none(3));
    within("the end of the outage", practice.settled()).await;
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test]
async fn a_clock_that_was_put_back_stamps_an_hour_early() {
    let (_practice, receiver, _) = under(PracticeFault::ClockChange, Fault::always(), 1).await;
    // 15:00 UTC is 9:00 in Chicago.
    assert_eq!(&receiver.got()[0].text("MSH", 7, 1)[..12], "202611190800");
    let (practice, receiver) = running(PracticeOptions { clock: clock(), ..quiet_options() }).await;
    edit(&practice, 1);
    assert_eq!(&receiver.wait_for(1).await[0].text("MSH", 7, 1)[..12], "202611190900");
}

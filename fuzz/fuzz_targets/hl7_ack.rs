//! An answer to any bytes is a message that says which control id it answers.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::hl7::Message;
use wire::hl7::ack::{Ack, AckCode, AckRequest, ErrorCode, Origin, Outcome, Problem, Reply, write};

fuzz_target!(|bytes: &[u8]| {
    check(&Origin::salvage(bytes));
    let Ok(message) = Message::parse(bytes) else { return };
    check(&Origin::of(&message, message.charset(None)));
    let request = AckRequest::of(&message);
    for outcome in [Outcome::Accepted, Outcome::Failed, Outcome::Rejected] {
        assert!(request.commit(outcome).is_none_or(AckCode::is_commit));
        assert!(request.application(outcome).is_none_or(|code| !code.is_commit()));
    }
    if let Ok(reply) = Reply::read(&message) {
        assert_eq!(AckCode::parse(reply.code.as_str().as_bytes()), Some(reply.code));
    }
    for error in Reply::errors(&message) {
        assert!(error.location.is_none_or(|location| !location.to_string().is_empty()));
    }
});

fn check(origin: &Origin<'_>) {
    let problems = [Problem::error(ErrorCode::DATA_TYPE, "a|b^c~d\\e&f\rg é"), Problem::error(ErrorCode(65535), "")];
    let ack = Ack { code: AckCode::ApplicationReject, control_id: "Q&1", time: "20270401-0500", problems: &problems };
    let mut out = Vec::new();
    write(&mut out, origin, &ack);
    assert!(!out.contains(&b'\n'));
    let answer = Message::parse(&out).expect("what we write we read");
    let reply = Reply::read(&answer).expect("an answer");
    assert_eq!(reply.code, AckCode::ApplicationReject);
    assert_eq!(reply.answers.raw(), origin.control_id());
    // Never answered in turn, unless it says it wants that; ours do not.
    assert_eq!(AckRequest::of(&answer), AckRequest::NONE);
}

//! The platform's own check of signatures.

use crate::support::sender::SECRET;
use emulators::platform::{Rejected, Secret, Signed};
use jiff::Timestamp;

const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn verify(id: &str, at: &str, signature: &str, body: &[u8], now: i64) -> Result<String, Rejected> {
    let signed = Signed { id: Some(id), timestamp: Some(at), signature: Some(signature), body };
    let secrets = [Secret::read(SECRET).unwrap()];
    signed.verify(&secrets, Timestamp::from_second(now).unwrap()).map(str::to_owned)
}

#[test]
fn the_published_vector_holds() {
    assert_eq!(verify(ID, "1614265330", SIGNATURE, BODY, AT), Ok(ID.to_owned()));
}

#[test]
fn any_altered_byte_is_noticed() {
    let body = br#"{"test": 2432232315}"#;
    assert_eq!(verify(ID, "1614265330", SIGNATURE, body, AT), Err(Rejected::SignatureWrong));
    assert_eq!(verify(&ID.replace('p', "q"), "1614265330", SIGNATURE, BODY, AT), Err(Rejected::SignatureWrong));
    assert_eq!(verify(ID, "1614265331", SIGNATURE, BODY, AT), Err(Rejected::SignatureWrong));
    let other = SIGNATURE.replace("g0h", "g1h");
    assert_eq!(verify(ID, "1614265330", &other, BODY, AT), Err(Rejected::SignatureWrong));
}

#[test]
fn time_is_part_of_it() {
    let at = |now| verify(ID, "1614265330", SIGNATURE, BODY, now);
    assert!(at(AT + 300).is_ok() && at(AT - 300).is_ok());
    assert_eq!(at(AT + 301), Err(Rejected::TimestampTooOld));
    assert_eq!(at(AT - 301), Err(Rejected::TimestampInFuture));
    assert_eq!(verify(ID, "yesterday", SIGNATURE, BODY, AT), Err(Rejected::TimestampUnreadable));
    assert_eq!(verify(ID, &i64::MIN.to_string(), SIGNATURE, BODY, AT), Err(Rejected::TimestampTooOld));
}

#[test]
fn several_signatures_are_tried_and_unknown_versions_skipped() {
    for listed in [
        format!("v1a,unknown {SIGNATURE}"),
        format!("v1,AAAA {SIGNATURE}"),
        format!("{SIGNATURE} v2,x"),
        format!("v1,!!! {SIGNATURE}"),
    ] {
        assert!(verify(ID, "1614265330", &listed, BODY, AT).is_ok(), "{listed}");
    }
    for listed in ["v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,", "v1", "g0hM9SsE+OTPJTGt"] {
        assert_eq!(verify(ID, "1614265330", listed, BODY, AT), Err(Rejected::SignatureWrong), "{listed}");
    }
}

#[test]
fn nothing_may_be_missing() {
    let secrets = [Secret::read(SECRET).unwrap()];
    let now = Timestamp::from_second(AT).unwrap();
    let whole = Signed { id: Some(ID), timestamp: Some("1614265330"), signature: Some(SIGNATURE), body: BODY };
    assert!(whole.verify(&secrets, now).is_ok());
    assert!(whole.verify(&[], now).is_err(), "without a secret nothing holds");
    for part in [
        Signed { id: None, ..whole },
        Signed { id: Some(""), ..whole },
        Signed { timestamp: None, ..whole },
        Signed { signature: None, ..whole },
    ] {
        assert_eq!(part.verify(&secrets, now), Err(Rejected::HeaderMissing));
    }
    assert_eq!(Signed { id: Some("a.b"), ..whole }.verify(&secrets, now), Err(Rejected::IdUnusable));
}

#[test]
fn while_secrets_change_either_serves() {
    let both = [Secret::from_seed(1), Secret::read(SECRET).unwrap()];
    let signed = Signed { id: Some(ID), timestamp: Some("1614265330"), signature: Some(SIGNATURE), body: BODY };
    assert!(signed.verify(&both, Timestamp::from_second(AT).unwrap()).is_ok());
    assert!(signed.verify(&both[..1], Timestamp::from_second(AT).unwrap()).is_err());
}

#[test]
fn secrets_are_what_they_say_and_do_not_show_themselves() {
    for wrong in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_not base64!", "whsec_c2hvcnQ="] {
        assert!(Secret::read(wrong).is_err(), "{wrong:?}");
    }
    let secret = Secret::from_seed(7);
    assert_eq!(Secret::read(secret.text()).unwrap().text(), secret.text());
    assert_ne!(secret.text(), Secret::from_seed(8).text());
    assert!(!format!("{secret:?}").contains(&secret.text()[6..]));
}

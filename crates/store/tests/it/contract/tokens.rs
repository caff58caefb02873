//! Tokens and sessions.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use store::{Retry, SessionRow, TokenRow};

contract![
    a_token_reads_back_as_it_was_put_and_is_found_by_its_digest,
    tokens_are_listed_newest_first,
    a_token_may_change_in_everything_but_its_secret,
    two_tokens_cannot_have_one_secret,
    a_session_reads_back_as_it_was_put,
    a_session_takes_the_place_of_an_earlier_one_with_its_secret,
    a_session_that_is_ended_is_gone,
    sessions_that_ended_long_ago_are_forgotten,
];

fn a_token_reads_back_as_it_was_put_and_is_found_by_its_digest(on: &dyn Fixture) {
    let full = TokenRow {
        practice: Some("northside".into()),
        name: "naïve \"name\"".into(),
        revoked_at: Some(at(5)),
        digest: [0xff; 32],
        ..token("full")
    };
    let bare = TokenRow { digest: [0; 32], ..token("bare") };
    write(on.store(), |writer| {
        writer.put_token(&full)?;
        writer.put_token(&bare)
    });
    look(on.store(), |reader| {
        assert_eq!(reader.token_by_digest(&[0xff; 32])?, Some(full), "revoked or not");
        assert_eq!(reader.token_by_digest(&[0; 32])?, Some(bare));
        assert_eq!(reader.token_by_digest(&[1; 32])?, None);
        Ok(())
    });
}

fn tokens_are_listed_newest_first(on: &dyn Fixture) {
    assert_eq!(look(on.store(), |reader| reader.tokens()), []);
    let rows = [("b", 3), ("c", 3), ("z", 2), ("a", 1)];
    let rows = rows.map(|(id, minute)| TokenRow { created_at: at(minute), ..token(id) });
    write(on.store(), |writer| rows.iter().rev().try_for_each(|row| writer.put_token(row)));
    assert_eq!(look(on.store(), |reader| reader.tokens()), rows);
}

fn a_token_may_change_in_everything_but_its_secret(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_token(&token("t")));
    let changed = TokenRow {
        name: "Back office".into(),
        role: "admin".into(),
        practice: Some("northside".into()),
        revoked_at: Some(at(9)),
        ..token("t")
    };
    write(on.store(), |writer| writer.put_token(&changed));
    let other_secret = TokenRow { digest: [9; 32], created_at: at(99), ..changed.clone() };
    write(on.store(), |writer| writer.put_token(&other_secret));
    look(on.store(), |reader| {
        assert_eq!(reader.tokens()?, std::slice::from_ref(&changed));
        assert_eq!(reader.token_by_digest(&changed.digest)?, Some(changed));
        assert_eq!(reader.token_by_digest(&[9; 32])?, None);
        Ok(())
    });
}

fn two_tokens_cannot_have_one_secret(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_token(&token("t")));
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    let put = writer.put_token(&TokenRow { id: "u".into(), ..token("t") });
    assert_eq!(put.and_then(|()| writer.commit()).unwrap_err().retry(), Retry::Now);
    writer.rollback();
    assert_eq!(writer.tokens().unwrap(), [token("t")]);
}

fn a_session_reads_back_as_it_was_put(on: &dyn Fixture) {
    let bare = session("bare", at(60));
    let full = SessionRow { purpose: Some("a patient asked".into()), ..session("full", at(61)) };
    write(on.store(), |writer| {
        writer.put_session(&bare)?;
        writer.put_session(&full)
    });
    look(on.store(), |reader| {
        assert_eq!(reader.session(&digest("bare"))?, Some(bare));
        assert_eq!(reader.session(&digest("full"))?, Some(full));
        assert_eq!(reader.session(&digest("other"))?, None);
        Ok(())
    });
}

fn a_session_takes_the_place_of_an_earlier_one_with_its_secret(on: &dyn Fixture) {
    let later = SessionRow { purpose: Some("billing".into()), token: "tok_2".into(), ..session("s", at(99)) };
    for row in [session("s", at(60)), later, session("s", at(1))] {
        write(on.store(), |writer| writer.put_session(&row));
        assert_eq!(look(on.store(), |reader| reader.session(&digest("s"))), Some(row));
    }
}

fn a_session_that_is_ended_is_gone(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_session(&session("a", at(60)))?;
        writer.put_session(&session("b", at(60)))?;
        writer.delete_session(&digest("nobody's"))?;
        writer.delete_session(&digest("a"))
    });
    look(on.store(), |reader| {
        assert_eq!(reader.session(&digest("a"))?, None);
        assert!(reader.session(&digest("b"))?.is_some());
        Ok(())
    });
}

fn sessions_that_ended_long_ago_are_forgotten(on: &dyn Fixture) {
    write(on.store(), |writer| {
        [1, 2, 3, 4].iter().try_for_each(|end| writer.put_session(&session(&end.to_string(), at(*end))))
    });
    assert_eq!(write(on.store(), |writer| writer.forget_sessions(at(3))), 2);
    assert_eq!(write(on.store(), |writer| writer.forget_sessions(at(3))), 0);
    look(on.store(), |reader| {
        let left = [1, 2, 3, 4].map(|end: i64| reader.session(&digest(&end.to_string())).unwrap().is_some());
        assert_eq!(left, [false, false, true, true], "one that ends at that very moment is kept");
        Ok(())
    });
}

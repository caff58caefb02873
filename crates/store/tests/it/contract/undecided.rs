//! Messages that are kept before they are decided on: found by what they speak of, decided on once.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use domain::ids::EnvelopeId;
use store::{EnvelopeState, Error, Hints, Keeping, NewEnvelope, Porter, Result, Retry, Store, Subject, UndecidedRow};

contract![
    what_is_undecided_is_found_by_its_subjects_until_it_is_decided_on,
    the_batch_itself_sees_what_it_decided_on,
    a_message_comes_behind_those_about_the_same_that_were_kept_before_it,
    a_message_is_decided_on_once,
    a_message_is_taken_over_once,
    what_is_set_aside_says_why,
    a_porter_keeps_a_message_and_tells_what_comes_before_it,
    a_porter_keeps_nothing_under_an_id_that_is_there,
];

fn row(id: u64, integration: domain::ids::IntegrationKey) -> UndecidedRow {
    UndecidedRow {
        envelope: EnvelopeId(id),
        integration,
        at: at(i64::try_from(id).unwrap()),
        control_id: Some(format!("M{id}").into()),
    }
}

fn about(store: &dyn Store, subjects: &[Subject]) -> Vec<u64> {
    let found = look(store, |reader| reader.undecided_about(HERE.practice, subjects));
    found.into_iter().map(|id| id.0).collect()
}

fn what_is_undecided_is_found_by_its_subjects_until_it_is_decided_on(on: &dyn Fixture) {
    let store = on.store();
    write(store, |writer| {
        writer.put_undecided(&row(3, HERE), &[-5, 7])?;
        writer.put_undecided(&row(1, NEXT_DOOR), &[7])?;
        writer.put_undecided(&row(2, ELSEWHERE), &[7])
    });
    assert_eq!(about(store, &[7]), [3, 1], "of one practice, in the order in which they were kept");
    assert_eq!(about(store, &[-5, 7, 9]), [3, 1], "each once");
    assert_eq!(about(store, &[9]), [0_u64; 0]);
    let of = |before, limit| look(store, |reader| reader.undecided(at(before), limit));
    assert_eq!(of(99, 9), [row(3, HERE), row(1, NEXT_DOOR), row(2, ELSEWHERE)]);
    assert_eq!(of(99, 2), [row(3, HERE), row(1, NEXT_DOOR)]);
    assert_eq!(of(3, 9), [row(1, NEXT_DOOR), row(2, ELSEWHERE)], "those that arrived before");
    write(store, |writer| writer.decided(HERE.practice, EnvelopeId(3), &[-5, 7]));
    assert_eq!(about(store, &[-5, 7]), [1]);
    assert_eq!(of(99, 9), [row(1, NEXT_DOOR), row(2, ELSEWHERE)]);
}

fn the_batch_itself_sees_what_it_decided_on(on: &dyn Fixture) {
    let store = on.store();
    write(store, |writer| {
        writer.put_undecided(&row(2, HERE), &[7])?;
        writer.put_undecided(&row(1, HERE), &[7])
    });
    let hinted = Hints { subjects: vec![(HERE.practice, 7)], controls: vec![(HERE, "M9".into())], ..Hints::default() };
    for hints in [Hints::default(), hinted] {
        let mut writer = store.writer().unwrap();
        writer.begin(&mut |asked| *asked = hints.clone()).unwrap();
        assert_eq!(writer.undecided_about(HERE.practice, &[7]).unwrap(), [EnvelopeId(2), EnvelopeId(1)]);
        writer.decided(HERE.practice, EnvelopeId(1), &[7]).unwrap();
        assert_eq!(writer.undecided_about(HERE.practice, &[7]).unwrap(), [EnvelopeId(2)]);
        assert_eq!(writer.take_over(HERE.practice, EnvelopeId(2)).unwrap(), Some(row(2, HERE)));
        assert_eq!(writer.undecided_about(HERE.practice, &[7]).unwrap(), []);
        writer.rollback();
    }
    assert_eq!(about(store, &[7]), [2, 1], "nothing came of it");
}

fn a_message_comes_behind_those_about_the_same_that_were_kept_before_it(on: &dyn Fixture) {
    let store = on.store();
    write(store, |writer| {
        writer.put_undecided(&row(9, HERE), &[7])?;
        writer.put_undecided(&row(4, HERE), &[8])?;
        writer.put_undecided(&row(5, ELSEWHERE), &[7])?;
        writer.put_undecided(&row(2, HERE), &[6, 7, 8])?;
        writer.put_undecided(&row(1, HERE), &[6])
    });
    let up_to = |id| {
        let found = look(store, |reader| reader.undecided_up_to(HERE.practice, EnvelopeId(id)));
        found.into_iter().map(|id| id.0).collect::<Vec<u64>>()
    };
    assert_eq!(up_to(9), [9]);
    assert_eq!(up_to(2), [9, 4, 2]);
    assert_eq!(up_to(1), [2, 1]);
    assert_eq!(up_to(3), [0_u64; 0]);
}

/// What comes of a batch.
fn batch(store: &dyn Store, work: impl FnOnce(&mut dyn store::Writer) -> Result<()>) -> Result<()> {
    let mut writer = store.writer()?;
    writer.begin(&mut |_| {})?;
    let done = work(&mut *writer).and_then(|()| writer.commit());
    if done.is_err() {
        writer.rollback();
    }
    done
}

fn a_message_is_decided_on_once(on: &dyn Fixture) {
    let store = on.store();
    write(store, |writer| writer.put_undecided(&row(1, HERE), &[7, 8]));
    let decide = |writer: &mut dyn store::Writer| {
        writer.put_check_run(&check_run(HERE, 60, 1))?;
        writer.decided(HERE.practice, EnvelopeId(1), &[7, 8])
    };
    write(store, |writer| writer.take_over(HERE.practice, EnvelopeId(1)).map(drop));
    let error = batch(store, decide).unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    assert_eq!(error.retry(), Retry::Now);
    assert_eq!(look(store, |reader| reader.last_check_run(HERE)), None, "nothing of that batch is there");
    write(store, |writer| writer.put_undecided(&row(1, HERE), &[7, 8]));
    batch(store, decide).unwrap();
    assert!(look(store, |reader| reader.last_check_run(HERE)).is_some());
}

fn a_message_is_taken_over_once(on: &dyn Fixture) {
    let store = on.store();
    write(store, |writer| writer.put_undecided(&row(1, HERE), &[7, 8]));
    write(store, |writer| {
        assert_eq!(writer.take_over(ELSEWHERE.practice, EnvelopeId(1))?, None, "it is not theirs");
        assert_eq!(writer.take_over(HERE.practice, EnvelopeId(1))?, Some(row(1, HERE)));
        assert_eq!(writer.take_over(HERE.practice, EnvelopeId(1))?, None);
        Ok(())
    });
    assert_eq!(about(store, &[7, 8]), [0_u64; 0]);
}

fn what_is_set_aside_says_why(on: &dyn Fixture) {
    let store = on.store();
    let applied = NewEnvelope { state: EnvelopeState::Applied, note: None, ..envelope(5, HERE) };
    write(store, |writer| writer.put_envelope(&applied));
    write(store, |writer| writer.set_aside(HERE.practice, EnvelopeId(5), "it cannot be read any more"));
    let listed = look(store, |reader| reader.envelopes_set_aside(HERE, None, 9));
    let [kept] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((kept.state, kept.note.as_deref()), (EnvelopeState::SetAside, Some("it cannot be read any more")));
    assert_eq!(look(store, |reader| reader.envelope(EnvelopeId(5))).unwrap().body, applied.body, "as it came");
}

/// Keeps a message by a porter of the store; `None`: it has none.
fn keep(store: &dyn Store, id: u64, control_id: Option<&str>, subjects: &[Subject]) -> Option<Result<Vec<u64>>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Some(keep_by(&mut *store.porter().unwrap()?, &runtime, id, control_id, subjects))
}

/// Keeps a message by a porter that works on this runtime; what about the same was kept before.
pub(crate) fn keep_by(
    porter: &mut dyn Porter,
    runtime: &tokio::runtime::Runtime,
    id: u64,
    control_id: Option<&str>,
    subjects: &[Subject],
) -> Result<Vec<u64>> {
    let (name, control) = (control_id.map(domain::Text::from), control(id));
    let keeping = Keeping {
        envelope: NewEnvelope { state: EnvelopeState::Applied, note: None, ..envelope(id, HERE) },
        control: name.as_ref().map(|name| (name, &control)),
        subjects,
    };
    let kept = runtime.block_on(porter.keep(&keeping));
    kept.map(|before| before.into_iter().map(|id| id.0).collect())
}

fn a_porter_keeps_a_message_and_tells_what_comes_before_it(on: &dyn Fixture) {
    let store = on.store();
    let Some(first) = keep(store, 5, Some("M1"), &[7, 8]) else { return };
    assert_eq!(first.unwrap(), [0_u64; 0]);
    assert_eq!(keep(store, 6, None, &[8, 9]).unwrap().unwrap(), [5]);
    assert_eq!(keep(store, 7, Some("M2"), &[10]).unwrap().unwrap(), [0_u64; 0]);
    look(store, |reader| {
        assert_eq!(reader.control(HERE, "M1")?, Some(control(5)));
        let kept = reader.envelope(EnvelopeId(5))?.unwrap();
        assert_eq!((kept.state, kept.note), (EnvelopeState::Applied, None));
        assert_eq!(
            (kept.at, &kept.body[..], kept.digest),
            (envelope(5, HERE).at, envelope(5, HERE).body, *envelope(5, HERE).digest)
        );
        let undecided = reader.undecided(at(99_999), 9)?;
        let told: Vec<_> = undecided.iter().map(|row| (row.envelope.0, row.control_id.as_deref())).collect();
        assert_eq!(told, [(5, Some("M1")), (6, None), (7, Some("M2"))]);
        Ok(())
    });
    write(store, |writer| writer.decided(HERE.practice, EnvelopeId(5), &[7, 8]));
    assert_eq!(about(store, &[8]), [6]);
}

fn a_porter_keeps_nothing_under_an_id_that_is_there(on: &dyn Fixture) {
    let store = on.store();
    let Some(first) = keep(store, 5, Some("M1"), &[7]) else { return };
    first.unwrap();
    let error = keep(store, 6, Some("M1"), &[7]).unwrap().unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    look(store, |reader| {
        assert_eq!(reader.envelope(EnvelopeId(6))?, None);
        assert_eq!(reader.control(HERE, "M1")?, Some(control(5)));
        Ok(())
    });
    assert_eq!(about(store, &[7]), [5]);
}

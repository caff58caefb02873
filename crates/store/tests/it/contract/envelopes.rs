//! Envelopes and message ids.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use domain::ids::{EntryId, EnvelopeId, IntegrationKey, PracticeNo};
use store::{ControlRow, EnvelopeFormat, EnvelopeRow, EnvelopeState, NewEnvelope, Reader, Result, Retry, Writer};

contract![
    an_envelope_reads_back_byte_by_byte,
    every_format_and_state_reads_back,
    no_envelope_is_stored_twice,
    envelopes_that_were_not_applied_are_listed_newest_first_without_bodies,
    envelopes_that_nobody_could_be_found_for_are_listed_apart,
    a_message_id_stands_for_what_came_under_it_last,
    a_message_id_is_one_of_its_integration,
    messages_set_aside_are_found_by_time_and_those_refused_are_not,
    the_messages_of_an_integration_follow_in_their_order,
    the_oldest_envelope_is_told,
    forgetting_tells_how_many_of_each_practice,
    forgetting_takes_the_oldest_and_no_more_than_asked,
    forgetting_an_envelope_forgets_the_message_ids_that_stand_for_it,
    forgetting_leaves_the_ledger_as_it_is,
];

fn an_envelope_reads_back_byte_by_byte(on: &dyn Fixture) {
    let every_byte: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    for (id, body) in [(1, &b""[..]), (2, b"MSH|^~\\&|\r\xff\x00"), (3, &every_byte)] {
        let digest = [id as u8; 16];
        let new = NewEnvelope {
            body,
            digest: &digest,
            at: at(-3),
            channel: "",
            note: Some("naïve \"note\""),
            ..envelope(id, HERE)
        };
        write(on.store(), |writer| writer.put_envelope(&new));
        let expected = EnvelopeRow {
            id: EnvelopeId(id),
            integration: HERE,
            at: at(-3),
            channel: "".into(),
            format: EnvelopeFormat::Hl7v2,
            state: EnvelopeState::Applied,
            note: Some("naïve \"note\"".into()),
            digest,
            body: body.to_vec(),
        };
        assert_eq!(look(on.store(), |reader| reader.envelope(EnvelopeId(id))), Some(expected));
        assert_eq!(look(on.store(), |reader| reader.envelope_digest(EnvelopeId(id))), Some(digest));
    }
    assert_eq!(look(on.store(), |reader| reader.envelope(EnvelopeId(4))), None);
    assert_eq!(look(on.store(), |reader| reader.envelope_digest(EnvelopeId(4))), None);
}

fn every_format_and_state_reads_back(on: &dyn Fixture) {
    let formats = [
        EnvelopeFormat::Hl7v2,
        EnvelopeFormat::FhirJson,
        EnvelopeFormat::Csv,
        EnvelopeFormat::Json,
        EnvelopeFormat::Xml,
        EnvelopeFormat::Other,
    ];
    let states = [EnvelopeState::Applied, EnvelopeState::Refused, EnvelopeState::SetAside];
    let kinds = formats.into_iter().flat_map(|format| states.map(|state| (format, state)));
    for (id, (format, state)) in (1..).zip(kinds) {
        write(on.store(), |writer| writer.put_envelope(&NewEnvelope { format, state, ..envelope(id, HERE) }));
        let row = look(on.store(), |reader| reader.envelope(EnvelopeId(id))).unwrap();
        assert_eq!((row.format, row.state, row.note), (format, state, None));
    }
}

fn no_envelope_is_stored_twice(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_envelope(&envelope(1, HERE)));
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    let put = writer.put_envelope(&NewEnvelope { body: b"another", ..envelope(1, ELSEWHERE) });
    assert_eq!(put.and_then(|()| writer.commit()).unwrap_err().retry(), Retry::Now, "another id is all it takes");
    writer.rollback();
    assert_eq!(writer.envelope(EnvelopeId(1)).unwrap().unwrap().body, envelope(1, HERE).body);
}

fn aside(reader: &mut dyn Reader, integration: IntegrationKey, before: Option<u64>, limit: usize) -> Result<Vec<u64>> {
    let rows = reader.envelopes_set_aside(integration, before.map(EnvelopeId), limit)?;
    assert!(rows.iter().all(|row| row.body.is_empty() && row.integration == integration));
    Ok(rows.iter().map(|row| row.id.0).collect())
}

fn envelopes_that_were_not_applied_are_listed_newest_first_without_bodies(on: &dyn Fixture) {
    let states = [EnvelopeState::SetAside, EnvelopeState::Applied, EnvelopeState::Refused];
    write(on.store(), |writer| {
        for (id, state) in (1..10).zip(states.into_iter().cycle()) {
            writer.put_envelope(&NewEnvelope { state, note: Some("why"), ..envelope(id, HERE) })?;
        }
        writer.put_envelope(&NewEnvelope { state: EnvelopeState::SetAside, ..envelope(10, NEXT_DOOR) })
    });
    look(on.store(), |reader| {
        assert_eq!(aside(reader, HERE, None, 99)?, [9, 7, 6, 4, 3, 1]);
        assert_eq!(aside(reader, HERE, None, 2)?, [9, 7]);
        assert_eq!(aside(reader, HERE, Some(7), 2)?, [6, 4]);
        assert_eq!(aside(reader, HERE, Some(5), 99)?, [4, 3, 1]);
        assert_eq!(aside(reader, HERE, Some(1), 99)?, [0; 0]);
        assert_eq!(aside(reader, NEXT_DOOR, None, 99)?, [10]);
        let row = reader.envelopes_set_aside(HERE, None, 1)?.remove(0);
        let whole = reader.envelope(row.id)?.unwrap();
        assert_eq!(row, EnvelopeRow { body: Vec::new(), ..whole });
        Ok(())
    });
}

fn envelopes_that_nobody_could_be_found_for_are_listed_apart(on: &dyn Fixture) {
    let lost = NewEnvelope { state: EnvelopeState::Refused, ..envelope(1, IntegrationKey::UNROUTED) };
    write(on.store(), |writer| writer.put_envelope(&lost));
    look(on.store(), |reader| {
        assert_eq!(aside(reader, IntegrationKey::UNROUTED, None, 9)?, [1]);
        assert_eq!(aside(reader, HERE, None, 9)?, [0; 0]);
        Ok(())
    });
}

fn a_message_id_stands_for_what_came_under_it_last(on: &dyn Fixture) {
    let first = control(1);
    let second = ControlRow { envelope: EnvelopeId(2), answer: vec![0, 255, 13], source_id: Some("A".into()) };
    for row in [&first, &second, &first] {
        write(on.store(), |writer| writer.put_control(HERE, "M1", row));
        assert_eq!(look(on.store(), |reader| reader.control(HERE, "M1")).as_ref(), Some(row));
    }
    assert_eq!(look(on.store(), |reader| reader.control(HERE, "m1")), None);
    assert_eq!(look(on.store(), |reader| reader.control(HERE, "M")), None);
}

fn a_message_id_is_one_of_its_integration(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_control(HERE, "M1", &control(1))?;
        writer.put_control(NEXT_DOOR, "M1", &control(2))?;
        writer.put_control(ELSEWHERE, "M1", &control(3))
    });
    look(on.store(), |reader| {
        assert_eq!(reader.control(HERE, "M1")?, Some(control(1)));
        assert_eq!(reader.control(NEXT_DOOR, "M1")?, Some(control(2)));
        assert_eq!(reader.control(ELSEWHERE, "M1")?, Some(control(3)));
        Ok(())
    });
}

fn held(reader: &mut dyn Reader, ids: std::ops::Range<u64>) -> Vec<u64> {
    ids.filter(|id| reader.envelope(EnvelopeId(*id)).unwrap().is_some()).collect()
}

fn messages_set_aside_are_found_by_time_and_those_refused_are_not(on: &dyn Fixture) {
    // Envelope n arrived at minute n.
    let states = [EnvelopeState::SetAside, EnvelopeState::Refused, EnvelopeState::Applied];
    write(on.store(), |writer| {
        for (id, state) in (1..=9).zip(states.into_iter().cycle()) {
            let note = (state == EnvelopeState::SetAside).then_some("MSH-7: no such month");
            writer.put_envelope(&NewEnvelope { state, note, ..envelope(id, HERE) })?;
        }
        writer.put_envelope(&NewEnvelope { state: EnvelopeState::SetAside, ..envelope(20, NEXT_DOOR) })
    });
    let ids = |rows: Vec<EnvelopeRow>| rows.iter().map(|row| row.id.0).collect::<Vec<_>>();
    let found = |since, limit| ids(look(on.store(), |reader| reader.envelopes_not_applied(HERE, at(since), limit)));
    assert_eq!(found(0, 9), [7, 4, 1], "newest first");
    assert_eq!((found(4, 9), found(5, 9), found(8, 9)), (vec![7, 4], vec![7], vec![]));
    assert_eq!(found(0, 2), [7, 4]);
    let newest = look(on.store(), |reader| reader.envelopes_not_applied(HERE, at(0), 1)).remove(0);
    assert_eq!((newest.at, newest.note.as_deref()), (at(7), Some("MSH-7: no such month")));
    assert_eq!(newest.body, b"", "without the body");
}

fn the_oldest_envelope_is_told(on: &dyn Fixture) {
    assert_eq!(look(on.store(), |reader| reader.oldest_envelope()), None);
    write(on.store(), |writer| (3..6).try_for_each(|id| writer.put_envelope(&envelope(id, HERE))));
    assert_eq!(look(on.store(), |reader| reader.oldest_envelope()), Some((EnvelopeId(3), at(3))));
    forgotten(on, |writer| writer.forget_envelopes(at(4), 9));
    assert_eq!(look(on.store(), |reader| reader.oldest_envelope()), Some((EnvelopeId(4), at(4))));
}

/// How many were removed of all practices together.
fn forgotten(on: &dyn Fixture, forget: impl Fn(&mut dyn Writer) -> Result<Vec<(PracticeNo, usize)>>) -> usize {
    write(on.store(), |writer| forget(writer)).into_iter().map(|(_, count)| count).sum()
}

fn forgetting_tells_how_many_of_each_practice(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for (id, of) in [(1, HERE), (2, ELSEWHERE), (3, NEXT_DOOR), (4, IntegrationKey::UNROUTED), (5, HERE)] {
            writer.put_envelope(&envelope(id, of))?;
        }
        Ok(())
    });
    let counts = write(on.store(), |writer| writer.forget_envelopes(at(5), 9));
    let mut expected = std::collections::BTreeMap::new();
    for of in [HERE, ELSEWHERE, NEXT_DOOR, IntegrationKey::UNROUTED] {
        *expected.entry(of.practice).or_insert(0) += 1;
    }
    assert_eq!(counts, expected.into_iter().collect::<Vec<_>>());
}

fn forgetting_takes_the_oldest_and_no_more_than_asked(on: &dyn Fixture) {
    // Envelope n arrived at minute n.
    write(on.store(), |writer| (1..10).try_for_each(|id| writer.put_envelope(&envelope(id, HERE))));
    assert_eq!(forgotten(on, |writer| writer.forget_envelopes(at(1), 99)), 0, "none is older than the first");
    assert_eq!(forgotten(on, |writer| writer.forget_envelopes(at(6), 2)), 2);
    look(on.store(), |reader| {
        assert_eq!(held(reader, 1..10), [3, 4, 5, 6, 7, 8, 9]);
        Ok(())
    });
    assert_eq!(forgotten(on, |writer| writer.forget_envelopes(at(6), 0)), 0);
    assert_eq!(forgotten(on, |writer| writer.forget_envelopes(at(6), 99)), 3);
    assert_eq!(forgotten(on, |writer| writer.forget_envelopes(at(6), 99)), 0);
    look(on.store(), |reader| {
        assert_eq!(held(reader, 1..10), [6, 7, 8, 9]);
        Ok(())
    });
}

fn forgetting_an_envelope_forgets_the_message_ids_that_stand_for_it(on: &dyn Fixture) {
    write(on.store(), |writer| {
        (1..5).try_for_each(|id| writer.put_envelope(&envelope(id, HERE)))?;
        writer.put_control(HERE, "old", &control(1))?;
        writer.put_control(HERE, "also old", &control(1))?;
        writer.put_control(HERE, "used again", &control(1))?;
        writer.put_control(HERE, "used again", &control(3))?;
        writer.put_control(HERE, "older, and beyond what was asked", &control(2))
    });
    assert_eq!(forgotten(on, |writer| writer.forget_envelopes(at(3), 1)), 1);
    look(on.store(), |reader| {
        assert_eq!(reader.control(HERE, "old")?, None);
        assert_eq!(reader.control(HERE, "also old")?, None);
        assert_eq!(reader.control(HERE, "used again")?, Some(control(3)));
        assert_eq!(reader.control(HERE, "older, and beyond what was asked")?, Some(control(2)));
        Ok(())
    });
}

fn forgetting_leaves_the_ledger_as_it_is(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_envelope(&envelope(1, HERE))?;
        writer.put_entry(&visit("A"), EntryId(2), None, at(1), &decided("A", 1))?;
        writer.put_appointment(&visit("A"), None, &row())
    });
    assert_eq!(forgotten(on, |writer| writer.forget_envelopes(at(99), 99)), 1);
    look(on.store(), |reader| {
        assert_eq!(reader.entry(EntryId(2))?.unwrap().entry, decided("A", 1));
        assert_eq!(reader.appointment(&visit("A"))?, Some(row()));
        Ok(())
    });
}

fn the_messages_of_an_integration_follow_in_their_order(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for (id, integration) in [(4_u64, HERE), (2, HERE), (3, NEXT_DOOR), (6, ELSEWHERE), (5, HERE)] {
            let state = if id == 4 { EnvelopeState::Refused } else { EnvelopeState::Applied };
            writer.put_envelope(&NewEnvelope { state, at: at(id.cast_signed()), ..envelope(id, integration) })?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        let between = |reader: &mut dyn Reader, id, up_to, limit| {
            reader.envelopes_behind(HERE, EnvelopeId(id), EnvelopeId(up_to), limit)
        };
        let behind = |reader: &mut dyn Reader, id, limit| between(reader, id, u64::MAX >> 1, limit);
        let row = |id: u64| (EnvelopeId(id), at(id.cast_signed()));
        assert_eq!(behind(reader, 0, 9)?, [row(2), row(4), row(5)], "whatever became of them");
        assert_eq!(behind(reader, 2, 1)?, [row(4)]);
        assert_eq!(behind(reader, 5, 9)?, []);
        assert_eq!(between(reader, 0, 4, 9)?, [row(2), row(4)], "up to an id, and with it");
        Ok(())
    });
}

//! Ids and texts that are hard to keep, in every place that takes one.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use domain::Text;
use domain::decide::Verdict;
use domain::ids::{EntryId, EnvelopeId};
use domain::setup::LinkKind;
use domain::time::Moment;
use store::{
    AccountRow, AppointmentFilter, AppointmentRow, ControlRow, CoverageRow, EnvelopeState, NewEnvelope, OutboxRow,
    Page, WakeScope,
};

contract![
    awkward_ids_of_visits_are_kept_apart_listed_and_paged,
    awkward_ids_of_patients_and_accounts_are_kept_apart,
    awkward_wake_keys_and_subjects_are_kept_apart,
    awkward_message_ids_channels_and_notes_are_kept,
    awkward_set_up_is_kept,
    the_longest_ids_may_meet_in_one_key,
    instants_at_the_ends_of_time_are_kept,
];

/// In order, as lists by id come.
fn sorted() -> Vec<Text> {
    let mut ids = awkward_texts();
    ids.sort();
    ids
}

fn awkward_ids_of_visits_are_kept_apart_listed_and_paged(on: &dyn Fixture) {
    // A visit always has an id: under the empty one stands the patient.
    let ids: Vec<Text> = sorted().into_iter().filter(|id| !id.is_empty()).collect();
    write(on.store(), |writer| {
        for (n, id) in (1..).zip(&ids) {
            let row = AppointmentRow { version: n, ..row_with(Verdict::Held, None, Some(at(0))) };
            writer.put_appointment(&visit(id), None, &row)?;
            writer.put_entry(&visit(id), EntryId(n.into()), None, at(0), &told(id))?;
            writer.put_outbox(&card(n.into(), &visit(id), at(n.into())))?;
            writer.put_participant(&visit(id), "P")?;
            writer.put_wait(&visit(id), "key")?;
            writer.put_timer(&visit(id), at(n.into()))?;
            writer.put_stop(&visit(id), &stop("DR9"), None, at(0))?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        for (n, id) in (1..).zip(&ids) {
            assert_eq!(reader.appointment(&visit(id))?.unwrap().version, n, "{id:?}");
            assert_eq!(reader.entries(&visit(id), EntryId(n.into()), 9)?[0].source_id, *id);
            assert_eq!(reader.outbox_visible(at(n.into()), &[HERE], 99)?.pop().unwrap().key, visit(id));
            assert_eq!(reader.timers_due(at(n.into()), 99)?.pop().unwrap().1, visit(id));
            assert!(reader.source_ids_like(HERE, id, 99)?.contains(id), "{id:?}");
        }
        let (mut paged, mut after) = (Vec::new(), None);
        while let Some(last) = {
            let page = reader.appointments(HERE, &AppointmentFilter::default(), after.as_ref(), 2)?;
            paged.extend(page.iter().map(|listed| listed.source_id.clone()));
            page.last().map(|last| Page { start: last.row.start, source_id: last.source_id.clone() })
        } {
            after = Some(last);
        }
        assert_eq!(paged, ids);
        assert_eq!(reader.appointments_of_patient(HERE, "P", 99)?, ids);
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(reader.waiting(HERE, "key", Some(id), 99)?, ids[n + 1..]);
            assert_eq!(reader.stopped_by(HERE, &stop("DR9"), Some(id), 99)?, ids[n + 1..]);
        }
        assert_eq!(reader.waiting(HERE, "key", None, 99)?, ids);
        assert_eq!(reader.stopped_by(HERE, &stop("DR9"), None, 99)?, ids);
        Ok(())
    });
}

fn awkward_ids_of_patients_and_accounts_are_kept_apart(on: &dyn Fixture) {
    let ids = sorted();
    write(on.store(), |writer| {
        for (n, id) in ids.iter().enumerate() {
            keep_patient(writer, HERE, &patient(id, &format!("{n}@example.com")))?;
            let row = AccountRow { source_id: Some(id.clone()), ..account(id) };
            writer.put_account(HERE, &row)?;
            writer.put_participant(&visit("A"), id)?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        for (n, id) in ids.iter().enumerate() {
            assert!(reader.patient(HERE, id)? == Some(patient(id, &format!("{n}@example.com"))), "{id:?}");
            assert_eq!(reader.patients_with_email(HERE, &format!("{n}@example.com"), 9)?, std::slice::from_ref(id));
            assert_eq!(reader.account_of(HERE, id)?.unwrap().account.platform_id, *id);
            assert_eq!(reader.accounts(HERE, Some(id), 99)?.len(), ids.len() - n - 1, "{id:?}");
            assert_eq!(reader.appointments_of_patient(HERE, id, 9)?, texts(["A"]));
        }
        Ok(())
    });
    write(on.store(), |writer| ids.iter().skip(1).try_for_each(|id| writer.delete_account(HERE, id)));
    assert_eq!(look(on.store(), |reader| reader.accounts(HERE, None, 99)).len(), 1);
}

fn awkward_wake_keys_and_subjects_are_kept_apart(on: &dyn Fixture) {
    let keys = awkward_texts();
    write(on.store(), |writer| {
        for (n, key) in keys.iter().enumerate() {
            writer.put_wait(&visit(&n.to_string()), key)?;
            assert!(writer.put_stop(&visit(&n.to_string()), &stop(key), None, at(0))?, "{key:?}");
            writer.fire(HERE, key, WakeScope::Upcoming, key, at(0))?;
        }
        Ok(())
    });
    let fired = look(on.store(), |reader| reader.fired(99));
    write(on.store(), |writer| {
        fired.iter().zip(&keys).try_for_each(|(fired, key)| writer.advance_fired(fired.id, Some(key)))
    });
    look(on.store(), |reader| {
        assert_eq!(reader.open_causes(HERE, at(0), 99)?.len(), keys.len());
        for (n, key) in keys.iter().enumerate() {
            let id = [Text::from(n.to_string())];
            assert_eq!(reader.waiting(HERE, key, None, 9)?, id, "{key:?}");
            assert_eq!(reader.stopped_by(HERE, &stop(key), None, 9)?, id, "{key:?}");
            let cause = reader.cause(&store::cause_id(HERE, stop("").reason, key), at(0))?.unwrap();
            assert_eq!((&cause.subject, cause.count), (key, 1));
        }
        for (fired, key) in reader.fired(99)?.iter().zip(&keys) {
            assert_eq!([&fired.wake_key, &fired.why, fired.after.as_ref().unwrap()], [key; 3]);
        }
        Ok(())
    });
}

fn awkward_message_ids_channels_and_notes_are_kept(on: &dyn Fixture) {
    let ids = awkward_texts();
    write(on.store(), |writer| {
        for (n, id) in (1..).zip(&ids) {
            writer.put_envelope(&NewEnvelope {
                channel: id,
                note: Some(id),
                state: EnvelopeState::Refused,
                ..envelope(n, HERE)
            })?;
            writer.put_control(HERE, id, &ControlRow { source_id: Some(id.clone()), ..control(n) })?;
            writer.put_coverage(HERE, &CoverageRow { feed: id.clone(), ..stretch("", 0, 9) })?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        for (n, id) in (1..).zip(&ids) {
            let envelope = reader.envelope(EnvelopeId(n))?.unwrap();
            assert_eq!((&envelope.channel, envelope.note.as_ref()), (id, Some(id)));
            let control = reader.control(HERE, id)?.unwrap();
            assert_eq!((control.envelope, control.source_id.as_ref()), (EnvelopeId(n), Some(id)), "{id:?}");
        }
        let feeds = reader.coverage(HERE, at(0), at(9))?.into_iter().map(|row| row.feed);
        assert_eq!(feeds.collect::<Vec<_>>(), sorted());
        Ok(())
    });
}

fn awkward_set_up_is_kept(on: &dyn Fixture) {
    let ids = sorted();
    write(on.store(), |writer| {
        for id in &ids {
            let practice = writer.put_practice(&practice(id), at(0))?;
            writer.put_integration(practice, &integration(practice, id), true)?;
            writer.put_link(HERE, &link(LinkKind::Type, id, id))?;
            writer.put_token(&token(id))?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        for id in &ids {
            let practice = reader.practice(id)?.unwrap();
            assert_eq!(practice.document.id, *id);
            assert_eq!(reader.integration(id)?.unwrap().key.practice, practice.practice);
            assert_eq!(reader.token_by_digest(&digest(id))?, Some(token(id)));
        }
        let links = reader.links(HERE)?;
        assert_eq!(links.iter().map(|link| &link.source_id).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>());
        assert_eq!((reader.practices()?.len(), reader.integrations()?.len()), (ids.len(), ids.len()));
        assert_eq!(reader.tokens()?.len(), ids.len());
        Ok(())
    });
    write(on.store(), |writer| {
        for id in &ids {
            assert!(writer.delete_link(HERE, LinkKind::Type, id)?, "{id:?}");
        }
        Ok(())
    });
}

fn the_longest_ids_may_meet_in_one_key(on: &dyn Fixture) {
    // Some backends bound what one index entry may hold.
    let (long, longer) = ("i".repeat(1024), "k".repeat(1024));
    let key = visit(&long);
    write(on.store(), |writer| {
        writer.put_wait(&key, &longer)?;
        writer.put_stop(&key, &stop(&longer), None, at(0))?;
        writer.put_participant(&key, &longer)?;
        writer.put_link(HERE, &link(LinkKind::Type, &longer, &long))?;
        keep_patient(writer, HERE, &patient(&long, &longer))?;
        writer.put_account(HERE, &AccountRow { source_id: Some(longer.as_str().into()), ..account(&long) })
    });
    look(on.store(), |reader| {
        let id = texts([&long]);
        assert_eq!(reader.waiting(HERE, &longer, None, 9)?, id);
        assert_eq!(reader.stopped_by(HERE, &stop(&longer), None, 9)?, id);
        assert_eq!(reader.appointments_of_patient(HERE, &longer, 9)?, id);
        assert_eq!(reader.links(HERE)?[0].source_id, *longer);
        assert_eq!(reader.patients_with_email(HERE, &longer, 9)?, id);
        assert_eq!(reader.account_of(HERE, &longer)?.unwrap().account.platform_id, *long);
        Ok(())
    });
}

fn instants_at_the_ends_of_time_are_kept(on: &dyn Fixture) {
    let ends = [Moment::from_micros(i64::MIN), Moment::from_micros(-1), Moment::from_micros(i64::MAX - 1)];
    write(on.store(), |writer| {
        for (n, end) in (1..).zip(ends) {
            let id = n.to_string();
            let row = AppointmentRow { booked_at: end, ..row_with(Verdict::Held, None, Some(end)) };
            writer.put_appointment(&visit(&id), None, &row)?;
            writer.put_timer(&visit(&id), end)?;
            writer.put_outbox(&OutboxRow { since: end, ..card(n, &visit(&id), end) })?;
            writer.put_entry(&visit(&id), EntryId(n), None, end, &told(""))?;
            writer.put_stop(&visit(&id), &stop(&id), Some(end), end)?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        let listed = reader.appointments(HERE, &AppointmentFilter::default(), None, 9)?;
        assert_eq!(listed.iter().map(|listed| listed.row.start).collect::<Vec<_>>(), ends.map(Some));
        let timers = reader.timers_due(Moment::from_micros(i64::MAX), 9)?;
        assert_eq!(timers.iter().map(|timer| timer.0).collect::<Vec<_>>(), ends);
        let outbox = reader.outbox_older_than(HERE, Moment::from_micros(i64::MAX), 9)?;
        assert_eq!(
            outbox.iter().map(|row| (row.since, row.visible_at)).collect::<Vec<_>>(),
            ends.map(|end| (end, end))
        );
        for (n, end) in (1..).zip(ends) {
            assert_eq!(reader.entry(EntryId(n))?.unwrap().at, end);
            let cause = reader.cause(&store::cause_id(HERE, stop("").reason, &n.to_string()), end)?.unwrap();
            assert_eq!((cause.opened_at, cause.next_start), (end, Some(end)));
        }
        Ok(())
    });
}

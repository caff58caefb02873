//! Bodies on the disk: smaller than what they say, and readable however they were written.

use crate::backends::{Fixture, SqliteFile, look, write};
use crate::rows::*;
use domain::ids::{EntryId, EnvelopeId};
use store::{EnvelopeFormat, Error, NewEnvelope};

const MESSAGE: &[u8] =
    b"MSH|^~\\&|SCHED|NORTHSIDE|PUNCTUAL|HUB|20261121083000||SIU^S12^SIU_S12|M1|P|2.5.1\rSCH|V1^EHR|V1^EHR\
    |||||ROUTINE^Routine visit^L|FU^Follow-up^L|30|min^minutes^UCUM|^^30^20261124100000\rRGS|1|A\r";

fn stored() -> SqliteFile {
    let on = SqliteFile::fresh();
    store_on(&on);
    on
}

fn store_on(on: &SqliteFile) {
    write(on.store(), |writer| {
        writer.put_envelope(&NewEnvelope { body: MESSAGE, ..envelope(1, HERE) })?;
        writer.put_entry(&visit("A"), EntryId(2), None, at(1), &decided("A", 1))
    });
}

fn raw(on: &SqliteFile) -> rusqlite::Connection {
    rusqlite::Connection::open(on.path()).unwrap()
}

fn numbers(on: &SqliteFile, of: &str) -> Vec<i64> {
    let sql = format!("SELECT {of} FROM envelope UNION ALL SELECT {of} FROM entry");
    raw(on).prepare(&sql).unwrap().query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn messages_and_decisions_are_packed_and_read_back_as_they_were() {
    let (on, plain) = (stored(), SqliteFile::unpacked());
    store_on(&plain);
    assert_eq!((numbers(&on, "packed"), numbers(&plain, "packed")), (vec![1, 1], vec![0, 0]));
    let sizes = (numbers(&on, "length(body)"), numbers(&plain, "length(body)"));
    // The decisions of these tests say little that others say too.
    assert!(sizes.0[0] * 2 < sizes.1[0] && sizes.0[1] < sizes.1[1], "{sizes:?}");
    // Each by a program that packs, whichever wrote it.
    for on in [&on, &plain] {
        let opened = on.opened_again();
        let message = look(&*opened, |reader| reader.envelope(EnvelopeId(1))).unwrap();
        assert_eq!((message.body.as_slice(), message.format), (MESSAGE, EnvelopeFormat::Hl7v2));
        assert_eq!(look(&*opened, |reader| reader.entry(EntryId(2))).unwrap().entry, decided("A", 1));
    }
}

#[test]
fn what_is_damaged_or_packed_in_an_unknown_way_is_an_error() {
    let on = stored();
    let unreadable = |read: store::Result<bool>| matches!(read, Err(Error::Unreadable { .. }));
    let envelope = || on.store().reader().unwrap().envelope(EnvelopeId(1)).map(|found| found.is_some());
    let entry = || on.store().reader().unwrap().entry(EntryId(2)).map(|found| found.is_some());
    assert!(!unreadable(envelope()) && !unreadable(entry()));
    raw(&on).execute_batch("UPDATE entry SET body = substr(body, 1, length(body) - 1)").unwrap();
    assert!(unreadable(entry()));
    raw(&on).execute_batch("UPDATE envelope SET packed = 99").unwrap();
    assert!(unreadable(envelope()));
}

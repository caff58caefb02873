//! The audit log: listed for people, chained for proof.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use domain::Text;
use domain::ids::{AuditId, PracticeNo};
use store::{AuditRow, NewAudit, Reader, Result, Retry, audit_hash};

contract![
    a_deed_reads_back_as_it_was_put,
    deeds_are_listed_newest_first_by_practice_and_subject,
    a_subject_is_found_across_practices,
    the_chain_holds_from_the_first_row_to_the_last_and_page_by_page,
    the_chain_goes_over_all_practices,
    a_deed_that_would_stand_before_the_end_of_the_chain_is_a_conflict,
];

/// Every hash follows from the row and the hash before it.
pub(super) fn assert_whole(chain: &[AuditRow]) {
    assert_eq!(first_break(chain), None);
}

/// The first row that does not fit what is before it.
pub(crate) fn first_break(chain: &[AuditRow]) -> Option<AuditId> {
    let mut before = [0; 32];
    for row in chain {
        if row.hash != audit_hash(&before, &row.audit) {
            return Some(row.audit.id);
        }
        before = row.hash;
    }
    None
}

fn of_practice(id: u64, practice: PracticeNo, subject: &str) -> NewAudit {
    NewAudit { practice, ..deed(id, subject) }
}

fn a_deed_reads_back_as_it_was_put(on: &dyn Fixture) {
    let awkward: Vec<Text> = awkward_texts();
    let deeds: Vec<NewAudit> = (1..)
        .zip(&awkward)
        .map(|(id, text)| NewAudit {
            id: AuditId(id),
            practice: PracticeNo(id as u32),
            at: at(-9),
            actor: text.clone(),
            role: text.clone(),
            action: text.clone(),
            subject: text.clone(),
            detail: text.clone(),
        })
        .collect();
    write(on.store(), |writer| deeds.iter().try_for_each(|deed| writer.put_audit(deed)));
    look(on.store(), |reader| {
        let rows = reader.audit_chain(AuditId(0), 99)?;
        assert_eq!(rows.iter().map(|row| row.audit.clone()).collect::<Vec<_>>(), deeds);
        assert_whole(&rows);
        for row in rows {
            assert_eq!(reader.audit(Some(row.audit.practice), Some(&row.audit.subject), None, 9)?, [row]);
        }
        Ok(())
    });
}

fn listed(
    reader: &mut dyn Reader,
    practice: Option<PracticeNo>,
    subject: Option<&str>,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<u64>> {
    Ok(reader.audit(practice, subject, before.map(AuditId), limit)?.iter().map(|row| row.audit.id.0).collect())
}

fn deeds_are_listed_newest_first_by_practice_and_subject(on: &dyn Fixture) {
    let (mine, theirs) = (HERE.practice, ELSEWHERE.practice);
    write(on.store(), |writer| {
        for (id, practice, subject) in [
            (1, mine, "A"),
            (2, mine, "B"),
            (3, theirs, "A"),
            (4, mine, "A"),
            (5, PracticeNo::UNROUTED, "A"),
            (6, mine, "B"),
        ] {
            writer.put_audit(&of_practice(id, practice, subject))?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        assert_eq!(listed(reader, Some(mine), None, None, 99)?, [6, 4, 2, 1]);
        assert_eq!(listed(reader, Some(mine), None, None, 2)?, [6, 4]);
        assert_eq!(listed(reader, Some(mine), None, Some(4), 2)?, [2, 1]);
        assert_eq!(listed(reader, Some(mine), Some("A"), None, 99)?, [4, 1]);
        assert_eq!(listed(reader, Some(mine), Some("A"), Some(4), 99)?, [1]);
        assert_eq!(listed(reader, Some(mine), Some("C"), None, 99)?, [0; 0]);
        assert_eq!(listed(reader, Some(theirs), None, None, 99)?, [3]);
        assert_eq!(listed(reader, Some(PracticeNo::UNROUTED), None, None, 99)?, [5]);
        assert_eq!(listed(reader, None, None, None, 99)?, [6, 5, 4, 3, 2, 1]);
        assert_eq!(listed(reader, None, None, Some(6), 2)?, [5, 4]);
        Ok(())
    });
}

fn a_subject_is_found_across_practices(on: &dyn Fixture) {
    let subjects = [(1, HERE, "A"), (2, ELSEWHERE, "B"), (3, ELSEWHERE, "A"), (4, HERE, "A"), (5, HERE, "AA")];
    write(on.store(), |writer| {
        subjects.iter().try_for_each(|(id, key, subject)| writer.put_audit(&of_practice(*id, key.practice, subject)))
    });
    look(on.store(), |reader| {
        assert_eq!(listed(reader, None, Some("A"), None, 99)?, [4, 3, 1]);
        assert_eq!(listed(reader, None, Some("A"), Some(4), 1)?, [3]);
        assert_eq!(listed(reader, None, Some("C"), None, 99)?, [0; 0]);
        Ok(())
    });
}

fn the_chain_holds_from_the_first_row_to_the_last_and_page_by_page(on: &dyn Fixture) {
    for batch in 0..4 {
        write(on.store(), |writer| (1..6).try_for_each(|n| writer.put_audit(&deed(10 * batch + n, "s"))));
    }
    look(on.store(), |reader| {
        let whole = reader.audit_chain(AuditId(0), 99)?;
        assert_eq!(whole.len(), 20);
        assert_whole(&whole);
        let (mut paged, mut after) = (Vec::new(), AuditId(0));
        loop {
            let page = reader.audit_chain(after, 7)?;
            let Some(last) = page.last() else { break };
            after = last.audit.id;
            paged.extend(page);
        }
        assert_eq!(paged, whole);
        let mut changed = whole.clone();
        changed[7].audit.detail = "something else".into();
        assert_eq!(first_break(&changed), Some(whole[7].audit.id), "a changed row is found");
        changed = whole.clone();
        changed.remove(7);
        assert_eq!(first_break(&changed), Some(whole[8].audit.id), "a row taken out is found");
        Ok(())
    });
}

fn the_chain_goes_over_all_practices(on: &dyn Fixture) {
    let practices = [HERE.practice, ELSEWHERE.practice, PracticeNo::UNROUTED, HERE.practice];
    write(on.store(), |writer| {
        (1..).zip(practices).try_for_each(|(id, practice)| writer.put_audit(&of_practice(id, practice, "s")))
    });
    let chain = look(on.store(), |reader| reader.audit_chain(AuditId(0), 99));
    assert_eq!(chain.len(), 4);
    assert_whole(&chain);
}

fn a_deed_that_would_stand_before_the_end_of_the_chain_is_a_conflict(on: &dyn Fixture) {
    // Two processes give out ids by their own clocks. A row put in before the end would break the chain behind it, and
    // whoever checks would think that somebody tampered with it.
    write(on.store(), |writer| writer.put_audit(&deed(10, "s")));
    for id in [9, 10] {
        let mut writer = on.store().writer().unwrap();
        writer.begin(&mut |_| {}).unwrap();
        let error = writer.put_audit(&deed(id, "too late")).and_then(|()| writer.commit()).unwrap_err();
        assert_eq!(error.retry(), Retry::Now, "a later id is all it takes");
    }
    write(on.store(), |writer| writer.put_audit(&deed(11, "s")));
    let chain = look(on.store(), |reader| reader.audit_chain(AuditId(0), 99));
    assert_eq!(chain.len(), 2);
    assert_whole(&chain);
}

use super::*;

fn rules() -> ExceptionRules {
    ExceptionRules::default()
}

fn minutes(minutes: i64) -> Moment {
    Moment::from_micros(0).plus_minutes(minutes)
}

/// A visit in ten hours; the owner, and two behind them.
const TEN_HOURS: Situation = Situation { next_start: Some(Moment::from_micros(600 * 60_000_000)), path: 3 };

fn opened() -> Item {
    Item::open(&rules(), &TEN_HOURS, minutes(0))
}

fn kinds(item: &Item) -> Vec<MoveKind> {
    item.history.iter().map(|happened| happened.what).collect()
}

fn ask(item: &mut Item, asked: &Asked, now: Moment) -> Result<Option<Follows>, &'static str> {
    item.ask(&rules(), &TEN_HOURS, asked, &"Dana".into(), "said".into(), now)
}

/// Lets time pass minute by minute; what followed, and when.
fn live(item: &mut Item, situation: &Situation, from: i64, to: i64) -> Vec<(i64, Follows)> {
    let mut followed = Vec::new();
    for minute in from..=to {
        let woken = item.wakes_at(&rules(), situation).is_some_and(|at| at <= minutes(minute));
        let follows = item.look(&rules(), situation, minutes(minute));
        assert_eq!(follows.is_some(), woken, "minute {minute}: it follows when it was said to, and only then");
        followed.extend(follows.map(|follows| (minute, follows)));
    }
    followed
}

#[test]
fn s3_24_an_item_past_its_time_goes_along_its_path_to_the_end() {
    let mut item = opened();
    let followed = live(&mut item, &TEN_HOURS, 0, 5000);
    assert_eq!(
        followed,
        [(450, Follows::Remind(1)), (480, Follows::Escalate(1)), (600, Follows::Escalate(2))],
        "reminded half an hour before it is due, two hours before its visit; then on, and never past the end"
    );
    assert!(item.is_overdue(minutes(480)) && !item.is_overdue(minutes(479)));
    assert_eq!(item.wakes_at(&rules(), &TEN_HOURS), None, "there is nobody left");
}

#[test]
fn whoever_is_at_it_is_not_reminded_and_it_goes_on_all_the_same() {
    let mut item = opened();
    ask(&mut item, &Asked::Acknowledge, minutes(5)).unwrap();
    assert_eq!((item.handling, item.by.as_deref()), (Handling::Acknowledged, Some("Dana")));
    assert_eq!(live(&mut item, &TEN_HOURS, 6, 480), [(480, Follows::Escalate(1))]);
    assert_eq!((item.handling, item.by.as_deref()), (Handling::New, None), "the next person has said nothing");
}

#[test]
fn what_is_put_off_is_quiet_until_then_and_speaks_up_by_itself() {
    let mut item = opened();
    ask(&mut item, &Asked::Snooze(minutes(500)), minutes(5)).unwrap();
    assert_eq!(
        live(&mut item, &TEN_HOURS, 6, 502),
        [(500, Follows::Remind(1)), (501, Follows::Escalate(1))],
        "it was due meanwhile"
    );
    assert_eq!(kinds(&item), [MoveKind::Opened, MoveKind::Snoozed, MoveKind::SnoozeEnded, MoveKind::Reminded]);
    assert!(ask(&mut item, &Asked::Snooze(minutes(400)), minutes(502)).is_err(), "not into the past");
    assert!(ask(&mut item, &Asked::Snooze(minutes(601)), minutes(502)).is_err(), "not beyond its visit");
    let someday = Situation { next_start: None, path: 3 };
    let far = item.ask(&rules(), &someday, &Asked::Snooze(minutes(9000)), &"Dana".into(), Text::default(), minutes(0));
    assert!(far.is_err(), "not for ever");
}

#[test]
fn a_persons_resolved_closes_nothing_and_is_open_again_when_nobody_sees_it() {
    let mut item = opened();
    ask(&mut item, &Asked::Resolve, minutes(10)).unwrap();
    assert_eq!((item.handling, item.closed_at), (Handling::WaitingToBeSeen, None));
    assert_eq!(live(&mut item, &TEN_HOURS, 11, 251), [(250, Follows::Remind(1))]);
    assert_eq!(item.handling, Handling::New);
    assert_eq!(kinds(&item), [MoveKind::Opened, MoveKind::Resolved, MoveKind::NotSeen, MoveKind::Reminded]);
    ask(&mut item, &Asked::Resolve, minutes(260)).unwrap();
    item.close(minutes(261));
    assert_eq!(item.wakes_at(&rules(), &TEN_HOURS), None);
    assert!(ask(&mut item, &Asked::Acknowledge, minutes(262)).is_err(), "what is closed is closed");
}

#[test]
fn a_person_may_send_it_on_and_not_past_the_end() {
    let mut item = opened();
    assert_eq!(ask(&mut item, &Asked::Escalate, minutes(1)), Ok(Some(Follows::Escalate(1))));
    assert_eq!(ask(&mut item, &Asked::Escalate, minutes(2)), Ok(Some(Follows::Escalate(2))));
    assert!(ask(&mut item, &Asked::Escalate, minutes(3)).is_err());
    assert_eq!(live(&mut item, &TEN_HOURS, 4, 5000), [], "it is where it can go");
}

#[test]
fn an_item_follows_its_earliest_visit_until_it_is_due_and_then_stays() {
    let mut item = opened();
    let sooner = Situation { next_start: Some(minutes(200)), path: 1 };
    assert_eq!(item.look(&rules(), &sooner, minutes(10)), None);
    assert_eq!(item.due_at, minutes(80));
    let none_left = Situation { next_start: None, path: 1 };
    assert_eq!(item.look(&rules(), &none_left, minutes(90)), None);
    assert_eq!(item.due_at, minutes(80), "what was missed stays missed");
}

#[test]
fn a_visit_that_is_close_leaves_no_time_for_reminders() {
    let soon = Situation { next_start: Some(minutes(20)), path: 2 };
    let mut item = Item::open(&rules(), &soon, minutes(0));
    assert_eq!(live(&mut item, &soon, 0, 300), [(15, Follows::Escalate(1))]);
}

#[test]
fn the_history_keeps_its_beginning_and_its_end() {
    let mut item = opened();
    for minute in 0..500 {
        ask(&mut item, &Asked::Acknowledge, minutes(minute)).unwrap();
    }
    assert_eq!(item.history.len(), KEPT);
    assert_eq!(item.history[0].what, MoveKind::Opened);
    assert_eq!(item.history.last().map(|last| last.at), Some(minutes(499)));
}

#[test]
fn of_what_happened_only_what_a_person_typed_is_masked() {
    let by = Some(Text::from("Priya"));
    let happened =
        |what, by: &Option<Text>, note: &str| Move { at: minutes(0), what, by: by.clone(), note: note.into() };
    for (what, by, note, seen) in [
        (MoveKind::Acknowledged, &by, "Ada: called", "(a note of 11 characters, masked)"),
        (MoveKind::Acknowledged, &by, "", ""),
        (
            MoveKind::Escalated,
            &by,
            "to Practice admin: Ada called",
            "to Practice admin: (a note of 10 characters, masked)",
        ),
        (MoveKind::Escalated, &by, "to Practice admin", "to Practice admin"),
        (MoveKind::Escalated, &None, "to Lee: the night desk (Engineer)", "to Lee: the night desk (Engineer)"),
    ] {
        let one = happened(what, by, note);
        assert_eq!(one.is_typed(), note != seen, "{note}");
        assert_eq!(one.clone().seen_with(Sight::Open), one);
        assert_eq!(one.seen_with(Sight::Masked).note, seen);
    }
}

//! When a change of a visit is worth telling its patient.

use crate::model::Card;
use crate::notice::NoticeKind;
use crate::status::Status;
use crate::time::Moment;
use minicbor::{Decode, Encode};

/// What a patient was last told of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PatientTold {
    /// When it is.
    #[n(0)]
    pub start: Option<Moment>,
    /// It was called off.
    #[n(1)]
    pub ended: bool,
}

/// What there is to tell about a card that is shown now, to somebody who was `told` this before (`None`: nothing) and
/// for whom the visit has this `status`. A replay, a correction of a name and the like are not worth a notice, nor is
/// what has begun already; of a test visit nobody is told (requirements S0-3, S1-32).
pub fn worth_telling(told: Option<PatientTold>, card: &Card, status: Status, now: Moment) -> Option<NoticeKind> {
    if card.test || card.start.is_none_or(|start| start <= now) {
        return None;
    }
    let expected = told.filter(|told| !told.ended);
    if status.is_ended() {
        let called_off = status.is_cancelled() || status.is_gone();
        return expected.filter(|_| called_off).map(|_| NoticeKind::Cancelled);
    }
    match expected {
        None => Some(NoticeKind::Booked),
        Some(told) if told.start != card.start => Some(NoticeKind::Moved),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CardType, Tab};
    use crate::text::Text;

    const NOW: Moment = Moment::from_micros(1_795_273_200_000_000);

    fn card(status: Status, in_hours: i64) -> Card {
        Card {
            tab: Tab::Upcoming,
            status,
            start: Some(NOW.plus_secs(in_hours * 3600)),
            end: None,
            time_zone: Text::literal("UTC"),
            visit_type: CardType::default(),
            modality: None,
            provider: None,
            department: None,
            participants: Vec::new(),
            test: false,
            as_of: NOW,
            series: None,
        }
    }

    fn told_of(card: &Card) -> PatientTold {
        PatientTold { start: card.start, ended: card.status.is_ended() }
    }

    fn worth_telling(told: Option<PatientTold>, card: &Card, now: Moment) -> Option<NoticeKind> {
        super::worth_telling(told, card, card.status, now)
    }

    #[test]
    fn each_change_is_told_once_and_nothing_else() {
        let booked = card(Status::Booked, 24);
        let told = Some(told_of(&booked));
        assert_eq!(worth_telling(None, &booked, NOW), Some(NoticeKind::Booked));
        assert_eq!(worth_telling(told, &booked, NOW), None, "a replay");
        assert_eq!(worth_telling(told, &card(Status::Confirmed, 24), NOW), None, "the same visit");
        assert_eq!(worth_telling(told, &card(Status::Booked, 25), NOW), Some(NoticeKind::Moved));
        assert_eq!(worth_telling(told, &card(Status::CancelledByProvider, 24), NOW), Some(NoticeKind::Cancelled));
        let off = Some(told_of(&card(Status::Cancelled, 24)));
        assert_eq!(worth_telling(off, &card(Status::Cancelled, 24), NOW), None);
        assert_eq!(worth_telling(off, &booked, NOW), Some(NoticeKind::Booked), "it takes place after all");
    }

    #[test]
    fn nobody_is_told_of_what_they_never_heard_of_or_what_is_over() {
        assert_eq!(worth_telling(None, &card(Status::Cancelled, 24), NOW), None);
        assert_eq!(worth_telling(None, &card(Status::Booked, 0), NOW), None, "it begins");
        let told = Some(told_of(&card(Status::Booked, 24)));
        assert_eq!(worth_telling(told, &card(Status::NoShow, 24), NOW), None);
        assert_eq!(worth_telling(None, &Card { test: true, ..card(Status::Booked, 24) }, NOW), None);
        assert_eq!(worth_telling(None, &Card { start: None, ..card(Status::Booked, 24) }, NOW), None);
    }
}

//! How a queue is used: what is counted, and how long items stay open.

/// What is counted of a practice's queue (requirement S3-27).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueUse {
    /// An item was opened.
    Opened,
    /// An item was closed, because what it was about was seen no more, and nobody had said anything of it.
    ClosedAlone,
    /// The same, after somebody had taken it up, put it off or called it resolved.
    ClosedAfterWork,
    /// Somebody took it up.
    Acknowledged,
    /// Somebody put it off.
    Snoozed,
    /// Somebody called it resolved.
    Resolved,
    /// Somebody sent it on.
    SentOn,
    /// It went on by itself, because its time was over.
    WentOn,
    /// Somebody of the practice looked at the queue.
    Looked,
    /// Somebody took the queue away as a file.
    Exported,
    /// An item had been open for a time of this class when it was closed.
    ClosedWithin(Lasted),
}

/// How long an item was open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lasted {
    /// At most a quarter of an hour.
    Quarter,
    /// At most an hour.
    Hour,
    /// At most four hours.
    FourHours,
    /// At most a day.
    Day,
    /// At most three days.
    ThreeDays,
    /// At most a week.
    Week,
    /// More than a week.
    Longer,
}

impl Lasted {
    /// Every class, the shortest first.
    pub const ALL: [Lasted; 7] = [
        Lasted::Quarter,
        Lasted::Hour,
        Lasted::FourHours,
        Lasted::Day,
        Lasted::ThreeDays,
        Lasted::Week,
        Lasted::Longer,
    ];

    /// The longest that belongs to it, in minutes; `None`: there is no longest.
    pub const fn minutes(self) -> Option<u32> {
        match self {
            Lasted::Quarter => Some(15),
            Lasted::Hour => Some(60),
            Lasted::FourHours => Some(240),
            Lasted::Day => Some(1440),
            Lasted::ThreeDays => Some(3 * 1440),
            Lasted::Week => Some(7 * 1440),
            Lasted::Longer => None,
        }
    }

    /// The class of a span.
    pub fn of_secs(secs: i64) -> Lasted {
        let within = |class: &Lasted| class.minutes().is_none_or(|minutes| secs <= i64::from(minutes) * 60);
        Lasted::ALL.into_iter().find(within).unwrap_or(Lasted::Longer)
    }

    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            Lasted::Quarter => "within a quarter of an hour",
            Lasted::Hour => "within an hour",
            Lasted::FourHours => "within four hours",
            Lasted::Day => "within a day",
            Lasted::ThreeDays => "within three days",
            Lasted::Week => "within a week",
            Lasted::Longer => "after more than a week",
        }
    }
}

impl QueueUse {
    /// Everything that is counted.
    pub const ALL: [QueueUse; 17] = [
        QueueUse::Opened,
        QueueUse::ClosedAlone,
        QueueUse::ClosedAfterWork,
        QueueUse::Acknowledged,
        QueueUse::Snoozed,
        QueueUse::Resolved,
        QueueUse::SentOn,
        QueueUse::WentOn,
        QueueUse::Looked,
        QueueUse::Exported,
        QueueUse::ClosedWithin(Lasted::Quarter),
        QueueUse::ClosedWithin(Lasted::Hour),
        QueueUse::ClosedWithin(Lasted::FourHours),
        QueueUse::ClosedWithin(Lasted::Day),
        QueueUse::ClosedWithin(Lasted::ThreeDays),
        QueueUse::ClosedWithin(Lasted::Week),
        QueueUse::ClosedWithin(Lasted::Longer),
    ];

    /// The stored number; it never changes its meaning.
    pub const fn number(self) -> u8 {
        match self {
            QueueUse::Opened => 0,
            QueueUse::ClosedAlone => 1,
            QueueUse::ClosedAfterWork => 2,
            QueueUse::Acknowledged => 3,
            QueueUse::Snoozed => 4,
            QueueUse::Resolved => 5,
            QueueUse::SentOn => 6,
            QueueUse::WentOn => 7,
            QueueUse::Looked => 8,
            QueueUse::Exported => 9,
            QueueUse::ClosedWithin(Lasted::Quarter) => 20,
            QueueUse::ClosedWithin(Lasted::Hour) => 21,
            QueueUse::ClosedWithin(Lasted::FourHours) => 22,
            QueueUse::ClosedWithin(Lasted::Day) => 23,
            QueueUse::ClosedWithin(Lasted::ThreeDays) => 24,
            QueueUse::ClosedWithin(Lasted::Week) => 25,
            QueueUse::ClosedWithin(Lasted::Longer) => 26,
        }
    }

    /// Reads the stored number back; `None`: a newer version counts more.
    pub fn from_number(number: u8) -> Option<QueueUse> {
        QueueUse::ALL.into_iter().find(|what| what.number() == number)
    }
}

/// The class in which half of what was closed had been closed. `counts` may be in any order.
pub fn half_closed(counts: &[(Lasted, u64)]) -> Option<Lasted> {
    let all: u64 = counts.iter().map(|(_, count)| count).sum();
    let mut so_far = 0;
    Lasted::ALL.into_iter().find(|class| {
        so_far += counts.iter().filter(|(of, _)| of == class).map(|(_, count)| count).sum::<u64>();
        all > 0 && 2 * so_far >= all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_has_numbers_of_its_own_that_read_back() {
        for what in QueueUse::ALL {
            assert_eq!(QueueUse::from_number(what.number()), Some(what));
        }
        assert_eq!(QueueUse::from_number(99), None);
    }

    #[test]
    fn a_span_belongs_to_the_first_class_that_is_long_enough() {
        for (secs, class) in [
            (-5, Lasted::Quarter),
            (900, Lasted::Quarter),
            (901, Lasted::Hour),
            (86_400, Lasted::Day),
            (86_401, Lasted::ThreeDays),
            (7 * 86_400 + 1, Lasted::Longer),
        ] {
            assert_eq!(Lasted::of_secs(secs), class, "{secs}");
        }
    }

    #[test]
    fn half_is_reached_in_the_class_of_the_middle_one() {
        assert_eq!(half_closed(&[]), None);
        assert_eq!(half_closed(&[(Lasted::Day, 1), (Lasted::Quarter, 1)]), Some(Lasted::Quarter));
        assert_eq!(half_closed(&[(Lasted::Day, 2), (Lasted::Quarter, 1)]), Some(Lasted::Day));
        assert_eq!(half_closed(&[(Lasted::Longer, 3), (Lasted::Hour, 2)]), Some(Lasted::Longer));
    }
}

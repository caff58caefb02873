//! What is remembered of reading one integration's source.

use crate::polling::{Guard, Missing, Span};
use crate::reasons::Reason;
use crate::text::Text;
use crate::time::Moment;
use minicbor::{Decode, Encode};

/// The kinds of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReadKind {
    /// What changed since a cursor.
    Changes,
    /// The visits of the coming days, often.
    Near,
    /// The visits up to the horizon, seldom.
    Far,
    /// Everything, compared with what the platform shows.
    Census,
}

impl ReadKind {
    /// Every kind, the most urgent first.
    pub const ALL: [ReadKind; 4] = [ReadKind::Changes, ReadKind::Near, ReadKind::Far, ReadKind::Census];

    /// The word used in the API, and as the name of a feed in coverage.
    pub const fn word(self) -> &'static str {
        match self {
            ReadKind::Changes => "changes",
            ReadKind::Near => "near",
            ReadKind::Far => "far",
            ReadKind::Census => "census",
        }
    }

    /// It reads windows of starts.
    pub const fn is_window(self) -> bool {
        !matches!(self, ReadKind::Changes)
    }
}

/// A window that is being read, part by part.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Sweep {
    /// From when.
    #[n(0)]
    pub from: Moment,
    /// Up to when.
    #[n(1)]
    pub to: Moment,
    /// The part that is being read begins here; everything before has been read.
    #[n(2)]
    pub at: Moment,
    /// When reading this part began.
    #[n(3)]
    pub part_began: Moment,
    /// Digests of the ids seen in this part.
    #[n(4)]
    pub seen: Vec<u64>,
    /// Nothing was left out of this part so far.
    #[n(5)]
    pub whole: bool,
    /// Nothing was left out of any part so far.
    #[n(6)]
    pub all_whole: bool,
    /// When the sweep began.
    #[n(7)]
    pub began: Moment,
    /// Visits the source listed.
    #[n(8)]
    pub listed: u32,
    /// Of those, visits that were not known before.
    #[n(9)]
    pub new: u32,
    /// And those that had changed.
    #[n(10)]
    pub changed: u32,
}

impl Sweep {
    /// Begins to read a window.
    pub fn begin(span: Span, now: Moment) -> Sweep {
        Sweep {
            from: span.from,
            to: span.to,
            at: span.from,
            part_began: now,
            seen: Vec::new(),
            whole: true,
            all_whole: true,
            began: now,
            listed: 0,
            new: 0,
            changed: 0,
        }
    }

    /// The part being read.
    pub fn part(&self, span_days: u32) -> Span {
        let end = self.at.plus_secs(i64::from(span_days.max(1)) * 86_400);
        Span { from: self.at, to: end.min(self.to) }
    }

    /// A visit was listed.
    pub fn see(&mut self, digest: u64) {
        if let Err(place) = self.seen.binary_search(&digest) {
            self.seen.insert(place, digest);
        }
    }

    /// Whether a visit was listed in this part.
    pub fn has_seen(&self, digest: u64) -> bool {
        self.seen.binary_search(&digest).is_ok()
    }

    /// The part has been read to its end: on to the next. `true` when there is none.
    pub fn next_part(&mut self, span_days: u32, now: Moment) -> bool {
        self.at = self.part(span_days).to;
        self.seen.clear();
        self.all_whole &= self.whole;
        self.whole = true;
        self.part_began = now;
        self.at >= self.to
    }
}

/// Why reading does not work.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Trouble {
    /// The reason's number.
    #[n(0)]
    number: u16,
    /// Since when.
    #[n(1)]
    pub since: Moment,
    /// What was said last, without patient data.
    #[n(2)]
    pub what: Text,
}

impl Trouble {
    /// A trouble that begins now.
    pub fn new(reason: Reason, since: Moment, what: Text) -> Trouble {
        Trouble { number: reason.number(), since, what }
    }

    /// The reason.
    pub fn reason(&self) -> Option<Reason> {
        Reason::from_number(self.number)
    }
}

/// One kind of reading.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct FeedState {
    /// When it is read next; `None`: never.
    #[n(0)]
    pub due: Option<Moment>,
    /// Where the next question goes on: of the changes, or of the part of a window being read.
    #[n(1)]
    pub cursor: Option<Text>,
    /// The window being read.
    #[n(2)]
    pub sweep: Option<Sweep>,
    /// When the last read began.
    #[n(3)]
    pub started: Option<Moment>,
    /// When the last one ended, well or not.
    #[n(4)]
    pub ended: Option<Moment>,
    /// Everything was read as of this.
    #[n(5)]
    pub complete: Option<Moment>,
    /// Changes have been read without a gap since this.
    #[n(6)]
    pub unbroken_since: Option<Moment>,
    /// Failures since the last success.
    #[n(7)]
    pub failures: u32,
    /// Why the last read failed.
    #[n(8)]
    pub trouble: Option<Trouble>,
    /// Pages of the last read, or of the one under way.
    #[n(9)]
    pub pages: u32,
    /// Records in them.
    #[n(10)]
    pub records: u32,
    /// The last read was known to be partial: what the source said.
    #[n(11)]
    pub partial: Option<Text>,
    /// What was odd about something that was read, and lost nothing.
    #[n(12)]
    pub note: Option<Text>,
}

/// A single visit that is to be read.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Asked {
    /// Its id.
    #[n(0)]
    pub source_id: Text,
    /// Since when.
    #[n(1)]
    pub since: Moment,
}

/// What a full comparison came to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Census {
    /// When the source was read to the end.
    #[n(0)]
    pub at: Moment,
    /// Starts from here.
    #[n(1)]
    pub from: Moment,
    /// Up to here.
    #[n(2)]
    pub to: Moment,
    /// Nothing was left out.
    #[n(3)]
    pub whole: bool,
    /// Visits the source listed.
    #[n(4)]
    pub listed: u32,
    /// Not known here before.
    #[n(5)]
    pub new: u32,
    /// Changed without our having heard.
    #[n(6)]
    pub changed: u32,
    /// Known here and not listed.
    #[n(7)]
    pub absent: u32,
    /// Visits that are known here.
    #[n(8)]
    pub known: u32,
    /// The platform shows them as they are.
    #[n(9)]
    pub shown: u32,
    /// Not shown, with a reason: how many of each reason's number.
    #[n(10)]
    pub explained: Vec<(u16, u32)>,
    /// Not shown, and no reason: is to be none.
    #[n(11)]
    pub unexplained: u32,
}

/// Everything that is remembered of reading one integration's source.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct PollState {
    /// By kind, in the order of [`ReadKind::ALL`].
    #[n(0)]
    feeds: Vec<FeedState>,
    /// Single visits to be read.
    #[n(1)]
    pub asked: Vec<Asked>,
    /// Visits that were absent and may have been removed.
    #[n(2)]
    pub missing: Vec<Missing>,
    /// Too many were absent at once.
    #[n(3)]
    pub guard: Option<Guard>,
    /// Nothing is asked before this.
    #[n(4)]
    pub not_before: Option<Moment>,
    /// The source's clock is ahead of ours by so many milliseconds.
    #[n(5)]
    pub skew_millis: Option<i64>,
    /// A process is reading, up to this.
    #[n(6)]
    pub leased_until: Option<Moment>,
    /// The last full comparison.
    #[n(7)]
    pub census: Option<Census>,
    /// Every window is to be read in full because changes were lost at this moment.
    #[n(8)]
    pub lost_at: Option<Moment>,
}

impl PollState {
    /// Nothing has been read yet: the changes come first, so that nothing falls between them and the windows.
    pub fn begin(now: Moment, kinds: &[ReadKind]) -> PollState {
        let mut state = PollState::default();
        for kind in kinds {
            state.feed_mut(*kind).due = Some(now);
        }
        state
    }

    /// What is remembered of one kind.
    pub fn feed(&self, kind: ReadKind) -> &FeedState {
        static NONE: FeedState = FeedState {
            due: None,
            cursor: None,
            sweep: None,
            started: None,
            ended: None,
            complete: None,
            unbroken_since: None,
            failures: 0,
            trouble: None,
            pages: 0,
            records: 0,
            partial: None,
            note: None,
        };
        self.feeds.get(kind as usize).unwrap_or(&NONE)
    }

    /// The same, to be changed.
    pub fn feed_mut(&mut self, kind: ReadKind) -> &mut FeedState {
        let place = kind as usize;
        if self.feeds.len() <= place {
            self.feeds.resize_with(ReadKind::ALL.len(), FeedState::default);
        }
        &mut self.feeds[place]
    }

    /// Every window is read from its beginning, as soon as it may be.
    pub fn read_windows(&mut self, now: Moment) {
        for window in [ReadKind::Near, ReadKind::Far] {
            let feed = self.feed_mut(window);
            (feed.sweep, feed.cursor) = (None, None);
            feed.due = feed.due.map(|_| now);
        }
    }

    /// The kind that is due first, and when; single visits count as changes.
    pub fn next(&self) -> Option<(ReadKind, Moment)> {
        let mut next: Option<(ReadKind, Moment)> = None;
        for kind in ReadKind::ALL {
            if let Some(due) = self.feed(kind).due
                && next.is_none_or(|(_, first)| due < first)
            {
                next = Some((kind, due));
            }
        }
        next.map(|(kind, due)| (kind, self.not_before.map_or(due, |not_before| due.max(not_before))))
    }

    /// The most urgent kind that may be read now. A window that is under way does not keep the changes waiting.
    pub fn ready(&self, now: Moment) -> Option<ReadKind> {
        if self.not_before.is_some_and(|not_before| not_before > now) {
            return None;
        }
        ReadKind::ALL.into_iter().find(|kind| self.feed(*kind).due.is_some_and(|due| due <= now))
    }

    /// When somebody should look at this again.
    pub fn wakes_at(&self) -> Option<Moment> {
        let asked = self.asked.iter().map(|asked| asked.since).min();
        let wakes = match (self.next().map(|(_, due)| due), asked) {
            (Some(due), Some(asked)) => Some(due.min(asked)),
            (due, asked) => due.or(asked),
        };
        wakes.map(|wakes| self.not_before.map_or(wakes, |not_before| wakes.max(not_before)))
    }

    /// The worst trouble, if reading does not work.
    pub fn trouble(&self, incident_after: u32) -> Option<&Trouble> {
        let serious = |feed: &&FeedState| {
            feed.failures >= incident_after
                || feed.trouble.as_ref().and_then(Trouble::reason).is_some_and(|reason| {
                    matches!(
                        reason,
                        Reason::GrantRevoked
                            | Reason::CredentialRejected
                            | Reason::CredentialMissing
                            | Reason::ScopeInsufficient
                            | Reason::DatabaseTargetMoved
                    )
                })
        };
        let troubles = self.feeds.iter().filter(serious).filter_map(|feed| feed.trouble.as_ref());
        troubles.min_by_key(|trouble| trouble.since)
    }
}

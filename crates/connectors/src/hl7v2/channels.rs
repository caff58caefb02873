//! Which feeds have a channel up, since when, and how long it has been quiet: what coverage is told from. Only what is
//! on disk counts as read.

use domain::ids::IntegrationKey;
use domain::time::Moment;
use engine::ops::Coverage;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Clone, Debug)]
struct Channel {
    connections: usize,
    up_since: Moment,
    /// When the last message came.
    last_message: Moment,
    /// When the last message came that is on disk.
    last_kept: Moment,
    /// How many messages that came at an instant are not on disk yet.
    under_way: BTreeMap<Moment, usize>,
    quiet_secs: u32,
}

#[derive(Debug, Default)]
struct Board {
    up: HashMap<IntegrationKey, Channel>,
    /// Stretches that have come to an end and are not written yet.
    ended: Vec<Coverage>,
}

/// The channels of all HL7 v2 feeds of this process.
#[derive(Debug, Default)]
pub struct Channels(Mutex<Board>);

impl Channels {
    fn lock(&self) -> MutexGuard<'_, Board> {
        // A panic while the lock is held leaves plain numbers behind; they stay usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection turns out to carry this feed; it has been up since it was opened.
    pub(super) fn joined(&self, key: IntegrationKey, connected_at: Moment, now: Moment, quiet_secs: u32) {
        let mut board = self.lock();
        let channel = board.up.entry(key).or_insert_with(|| Channel {
            connections: 0,
            up_since: connected_at,
            last_message: now,
            last_kept: connected_at,
            under_way: BTreeMap::new(),
            quiet_secs,
        });
        channel.connections += 1;
        channel.quiet_secs = quiet_secs;
    }

    /// A message of this feed came and is on its way to the disk.
    pub(super) fn heard(&self, key: IntegrationKey, now: Moment) {
        if let Some(channel) = self.lock().up.get_mut(&key) {
            channel.last_message = channel.last_message.max(now);
            *channel.under_way.entry(now).or_default() += 1;
        }
    }

    /// The message that came at `at` is on disk.
    pub(super) fn kept(&self, key: IntegrationKey, at: Moment) {
        if let Some(channel) = self.lock().up.get_mut(&key) {
            channel.arrived(at);
            channel.last_kept = channel.last_kept.max(at);
        }
    }

    /// Nobody waits any more for what becomes of the message that came at `at`: it proves nothing.
    pub(super) fn abandoned(&self, key: IntegrationKey, at: Moment) {
        if let Some(channel) = self.lock().up.get_mut(&key) {
            channel.arrived(at);
        }
    }

    /// What came at `at` could not be stored, or not be read as a message: the reading has a hole there.
    pub(super) fn missed(&self, key: IntegrationKey, at: Moment, now: Moment) {
        let mut board = self.lock();
        let Board { up, ended } = &mut *board;
        let Some(channel) = up.get_mut(&key) else { return };
        channel.arrived(at);
        let whole = channel.coverage(key, now);
        let to = whole.to.min(at).max(whole.from);
        ended.push(Coverage { to, ..whole.clone() });
        ended.push(Coverage { complete: false, from: at, to: now.max(at), ..whole });
        // Two stretches of a feed never begin at the same instant: the later one would replace the other.
        channel.up_since = Moment::from_micros(now.max(at).max(channel.up_since).micros() + 1);
    }

    /// A connection that carried this feed is gone.
    pub(super) fn left(&self, key: IntegrationKey, now: Moment) {
        let mut board = self.lock();
        let Board { up, ended } = &mut *board;
        let Some(channel) = up.get_mut(&key) else { return };
        channel.connections = channel.connections.saturating_sub(1);
        if channel.connections == 0 {
            ended.push(channel.coverage(key, now));
            up.remove(&key);
        }
    }

    /// The stretches that have come to an end and are not written yet.
    pub(super) fn ended(&self) -> Vec<Coverage> {
        self.lock().ended.clone()
    }

    /// What is to be written: stretches that have ended, and what the channels that are up prove until now.
    pub fn proven(&self, now: Moment) -> Vec<Coverage> {
        let board = self.lock();
        let up = board.up.iter().map(|(key, channel)| channel.coverage(*key, now));
        board.ended.iter().cloned().chain(up).collect()
    }

    /// These are written.
    pub fn written(&self, stretches: &[Coverage]) {
        self.lock().ended.retain(|ended| !stretches.contains(ended));
    }
}

impl Channel {
    fn arrived(&mut self, at: Moment) {
        if let Some(waiting) = self.under_way.get_mut(&at) {
            *waiting -= 1;
            if *waiting == 0 {
                self.under_way.remove(&at);
            }
        }
    }

    /// A channel proves that nothing is missing up to now once it has been quiet long enough; while messages come it
    /// proves as much up to the last of them that is on disk, because they come in order.
    fn coverage(&self, key: IntegrationKey, now: Moment) -> Coverage {
        let first_under_way = self.under_way.keys().next();
        let quiet = now.secs_since(self.last_message) >= i64::from(self.quiet_secs);
        let to = match first_under_way {
            None if quiet => now,
            None => self.last_kept,
            Some(first) => self.last_kept.min(*first),
        };
        Coverage {
            integration: key,
            feed: "hl7v2".into(),
            from: self.up_since,
            to: to.max(self.up_since),
            complete: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::PracticeNo;

    const KEY: IntegrationKey = IntegrationKey { practice: PracticeNo(1), integration: 1 };

    fn at(secs: i64) -> Moment {
        Moment::from_micros(0).plus_secs(secs)
    }

    /// From when to when is proven at `now`, and whether wholly; in seconds.
    fn proven(channels: &Channels, now: i64) -> Vec<(i64, i64, bool)> {
        let stretch = |row: Coverage| (row.from.seconds(), row.to.seconds(), row.complete);
        channels.proven(at(now)).into_iter().map(stretch).collect()
    }

    #[test]
    fn x_3_a_channel_proves_absence_only_while_it_is_up_and_quiet() {
        let channels = Channels::default();
        channels.joined(KEY, at(0), at(10), 60);
        channels.heard(KEY, at(10));
        channels.kept(KEY, at(10));
        assert_eq!(proven(&channels, 69), [(0, 10, true)], "a message came a moment ago; more may be on the way");
        assert_eq!(proven(&channels, 70), [(0, 70, true)], "quiet for a minute: nothing is missing");
        channels.heard(KEY, at(80));
        channels.kept(KEY, at(80));
        assert_eq!(proven(&channels, 90), [(0, 80, true)]);
        channels.left(KEY, at(95));
        assert_eq!(proven(&channels, 200), [(0, 80, true)], "nobody is connected");
        channels.written(&channels.ended());
        assert_eq!(proven(&channels, 200), []);
    }

    #[test]
    fn x_3_what_is_not_on_disk_is_not_read() {
        let channels = Channels::default();
        channels.joined(KEY, at(0), at(10), 60);
        channels.heard(KEY, at(10));
        channels.heard(KEY, at(20));
        assert_eq!(proven(&channels, 200), [(0, 0, true)], "two messages came and neither is on disk");
        channels.kept(KEY, at(20));
        assert_eq!(proven(&channels, 200), [(0, 10, true)], "another connection was faster; the first is still open");
        channels.kept(KEY, at(10));
        assert_eq!(proven(&channels, 200), [(0, 200, true)]);
        channels.heard(KEY, at(210));
        channels.abandoned(KEY, at(210));
        assert_eq!(proven(&channels, 220), [(0, 20, true)], "nobody knows what became of it");
    }

    #[test]
    fn x_3_a_message_that_was_missed_leaves_a_hole() {
        let channels = Channels::default();
        channels.joined(KEY, at(0), at(10), 60);
        channels.heard(KEY, at(10));
        channels.kept(KEY, at(10));
        channels.heard(KEY, at(30));
        channels.missed(KEY, at(30), at(32));
        channels.heard(KEY, at(40));
        channels.kept(KEY, at(40));
        assert_eq!(proven(&channels, 50), [(0, 10, true), (30, 32, false), (32, 40, true)]);
        // A store that is down takes no coverage either: what has ended waits until it is written.
        assert_eq!(proven(&channels, 50).len(), 3);
        channels.written(&channels.ended());
        assert_eq!(proven(&channels, 50), [(32, 40, true)]);
    }
}

//! Which feeds have a channel up, since when, and how long it has been quiet: what coverage is told from.

use domain::ids::IntegrationKey;
use domain::time::Moment;
use engine::ops::Coverage;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Clone, Copy, Debug)]
struct Channel {
    connections: usize,
    up_since: Moment,
    last_message: Moment,
    quiet_secs: u32,
}

/// The channels of all HL7 v2 feeds of this process.
#[derive(Debug, Default)]
pub struct Channels(Mutex<HashMap<IntegrationKey, Channel>>);

impl Channels {
    fn lock(&self) -> MutexGuard<'_, HashMap<IntegrationKey, Channel>> {
        // A panic while the lock is held leaves plain numbers behind; they stay usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection turns out to carry this feed; it has been up since it was opened.
    pub(super) fn joined(&self, key: IntegrationKey, connected_at: Moment, now: Moment, quiet_secs: u32) {
        let mut channels = self.lock();
        let channel = channels.entry(key).or_insert(Channel {
            connections: 0,
            up_since: connected_at,
            last_message: now,
            quiet_secs,
        });
        if channel.connections == 0 {
            channel.up_since = connected_at;
        }
        channel.connections += 1;
        channel.quiet_secs = quiet_secs;
    }

    /// A message of this feed came.
    pub(super) fn heard(&self, key: IntegrationKey, now: Moment) {
        if let Some(channel) = self.lock().get_mut(&key) {
            channel.last_message = now;
        }
    }

    /// A connection that carried this feed is gone. What it proved until now is returned when it was the last.
    pub(super) fn left(&self, key: IntegrationKey, now: Moment) -> Option<Coverage> {
        let mut channels = self.lock();
        let channel = channels.get_mut(&key)?;
        channel.connections = channel.connections.saturating_sub(1);
        let proven = (channel.connections == 0).then(|| coverage(key, channel, now));
        if proven.is_some() {
            channels.remove(&key);
        }
        proven
    }

    /// What the channels that are up prove until now.
    pub fn proven(&self, now: Moment) -> Vec<Coverage> {
        self.lock().iter().map(|(key, channel)| coverage(*key, channel, now)).collect()
    }
}

/// A channel proves that nothing is missing up to now once it has been quiet long enough; while messages come it proves
/// as much up to the last of them, because they come in order.
fn coverage(key: IntegrationKey, channel: &Channel, now: Moment) -> Coverage {
    let quiet = now.secs_since(channel.last_message) >= i64::from(channel.quiet_secs);
    Coverage {
        integration: key,
        feed: "hl7v2".into(),
        from: channel.up_since,
        to: if quiet { now } else { channel.last_message.max(channel.up_since) },
        complete: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::PracticeNo;

    #[test]
    fn x_3_a_channel_proves_absence_only_while_it_is_up_and_quiet() {
        let key = IntegrationKey { practice: PracticeNo(1), integration: 1 };
        let at = |secs| Moment::from_micros(0).plus_secs(secs);
        let channels = Channels::default();
        channels.joined(key, at(0), at(10), 60);
        let to = |now| channels.proven(at(now))[0].to;
        assert_eq!(to(69), at(10), "a message came a moment ago; more may be on the way");
        assert_eq!(to(70), at(70), "quiet for a minute: nothing is missing");
        channels.heard(key, at(80));
        assert_eq!(to(90), at(80));
        assert_eq!(channels.left(key, at(95)).map(|stretch| (stretch.from, stretch.to)), Some((at(0), at(80))));
        assert!(channels.proven(at(200)).is_empty(), "nobody is connected");
    }
}

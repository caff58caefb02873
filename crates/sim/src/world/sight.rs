//! What the checks may look at.

use crate::disk::Disk;
use crate::plan::Plan;
use crate::platform::Platform;
use crate::source::Diary;
use crate::world::World;
use domain::time::Moment;

impl World {
    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The true time.
    pub(crate) fn now(&self) -> Moment {
        self.time.now()
    }

    /// Clinic and place in it of every feed.
    pub(crate) fn feeds(&self) -> &[(usize, usize)] {
        &self.feeds
    }

    pub(crate) fn diary(&self, clinic: usize) -> &Diary {
        &self.diaries[clinic]
    }

    pub(crate) fn platform(&self, feed: usize) -> &Platform {
        &self.platforms[feed]
    }

    /// A platform said that it has this version, and forgot it: whoever must believe it cannot know better.
    pub(crate) fn was_forgotten(&self, integration: &str, visit: &str, version: u32) -> bool {
        self.forgotten.contains(&(integration.to_owned(), visit.to_owned(), version))
    }

    /// What was sent that can never be right.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut complaints = self.post.complaints();
        // A lease keeps others out as long as their clocks agree with its own.
        if !self.plan.clocks_differ() {
            complaints.extend(self.post.out_of_order());
        }
        complaints
    }

    /// How often people had something done.
    pub(crate) fn done(&self, action: &str) -> usize {
        self.desks.iter().map(|desk| desk.done.iter().filter(|done| **done == action).count()).sum()
    }

    /// Every message that some process said it has: id and bytes.
    pub(crate) fn acknowledged(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let acknowledged = self.letters.iter().filter(|letter| letter.acknowledged);
        acknowledged.map(|letter| (letter.message.control_id.as_str(), letter.message.body.as_slice()))
    }
}

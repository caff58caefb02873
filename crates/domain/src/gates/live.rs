//! What the gates look at that are asked anew each time: the delivery, and the time that has passed.

use crate::decide::{Delivery, Judgement};
use crate::setup::RuleSet;
use crate::status::Status;
use crate::text::Text;
use crate::time::Moment;

/// The state of one appointment's delivery at one moment.
#[derive(Clone, Copy, Debug)]
pub struct LiveView<'a> {
    /// The rules of the integration.
    pub rules: &'a RuleSet,
    /// What the stored gates say.
    pub judgement: Judgement,
    /// Where the delivery stands.
    pub delivery: &'a Delivery,
    /// The status that the platform shows or is to show, as far as that is known.
    pub shown: Option<Status>,
    /// The visit travels in the slow lane.
    pub slow_lane: bool,
    /// Now.
    pub now: Moment,
}

impl LiveView<'_> {
    /// The platform should show the visit.
    pub fn is_to_be_shown(&self) -> bool {
        self.judgement.shows()
    }

    /// Since when the patient and the clinic have been waiting for what is wished for.
    pub fn waiting_since(&self) -> Moment {
        self.delivery.since
    }

    /// Seconds up to which a wait is usual for this system and lane (requirements S1-17, S1-20).
    pub fn usual_secs(&self) -> i64 {
        if self.slow_lane {
            i64::from(self.rules.platform.times.slow_lane_hours) * 3600
        } else {
            i64::from(self.rules.source.cadence.usual_to) * 60
        }
    }

    /// Seconds up to which a wait is not abnormal.
    pub fn abnormal_secs(&self) -> i64 {
        if self.slow_lane {
            i64::from(self.rules.platform.times.slow_lane_abnormal_hours) * 3600
        } else {
            i64::from(self.rules.source.cadence.abnormal_after) * 60
        }
    }

    /// By when an undelivered card is expected: the end of this system's usual time.
    pub fn expected_by(&self) -> Moment {
        self.waiting_since().plus_secs(self.usual_secs())
    }

    /// The last answer of the platform, in a few words.
    pub fn last_answer(&self) -> Text {
        self.delivery.last_answer.clone().unwrap_or_else(|| Text::literal("no answer"))
    }
}

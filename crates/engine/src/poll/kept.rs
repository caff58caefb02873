//! How a kept page was read: what is stored beside its envelope, so that it can be read again as it was then.

use crate::poll::listed::Reading;
use domain::ids::EnvelopeId;
use domain::time::Moment;
use serde::{Deserialize, Serialize};

/// How a page was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HowRead {
    /// When it was asked for, in microseconds since 1970.
    began: i64,
    /// The source's own time then.
    source_time: i64,
    /// When a file was written that told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<i64>,
    /// Its records carried the source's own versions.
    stamps: bool,
    /// It listed what was there.
    lists: bool,
    /// The connector's own part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) with: Option<String>,
}

impl HowRead {
    pub(crate) fn new(reading: Reading, with: Option<String>) -> HowRead {
        HowRead {
            began: reading.began.micros(),
            source_time: reading.source_time.micros(),
            as_of: reading.as_of.map(Moment::micros),
            stamps: reading.stamps,
            lists: reading.lists,
            with,
        }
    }

    /// Under which message id it stands in the store: it goes with the envelope.
    pub(crate) fn control_id(envelope: EnvelopeId) -> String {
        format!("how read {}", envelope.0)
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// `None`: nobody kept that.
    pub(crate) fn read(bytes: &[u8]) -> Option<HowRead> {
        serde_json::from_slice(bytes).ok()
    }

    pub(crate) fn reading(&self) -> Reading {
        Reading {
            began: Moment::from_micros(self.began),
            source_time: Moment::from_micros(self.source_time),
            as_of: self.as_of.map(Moment::from_micros),
            stamps: self.stamps,
            lists: self.lists,
        }
    }
}

/// How a page was probably read of which nobody kept how: when it arrived, by the channel that it came by.
pub(crate) fn reading_of_old(channel: &str, at: Moment, stamps: bool) -> Reading {
    Reading { began: at, source_time: at, as_of: None, stamps, lists: channel != "poll changes" && channel != PATIENT }
}

/// The channel of patients who were asked for one by one.
pub(crate) const PATIENT: &str = "poll patient";

//! What can go wrong with a platform that takes webhooks.

use crate::faults::FaultKind;

/// A fault of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlatformFault {
    /// It takes its time before it looks at a request.
    Latency,
    /// 410: the endpoint is gone.
    Gone,
    /// 503, with `Retry-After` if one is set.
    Outage,
    /// 429, with `Retry-After`.
    Throttle,
    /// 422 (or another 4xx) with a reason, for good.
    Refuse,
    /// It answers well and keeps nothing.
    Lie,
    /// It does what it should, and answers later than anybody waits.
    Slow,
    /// It does what it should, and hangs up without an answer.
    DropAnswer,
    /// It does what it should, and answers without its id.
    Unconfirmed,
}

impl FaultKind for PlatformFault {
    const ALL: &'static [PlatformFault] = &[
        PlatformFault::Latency,
        PlatformFault::Gone,
        PlatformFault::Outage,
        PlatformFault::Throttle,
        PlatformFault::Refuse,
        PlatformFault::Lie,
        PlatformFault::Slow,
        PlatformFault::DropAnswer,
        PlatformFault::Unconfirmed,
    ];

    fn word(self) -> &'static str {
        match self {
            PlatformFault::Latency => "latency",
            PlatformFault::Gone => "gone",
            PlatformFault::Outage => "outage",
            PlatformFault::Throttle => "throttle",
            PlatformFault::Refuse => "refuse",
            PlatformFault::Lie => "lie",
            PlatformFault::Slow => "slow",
            PlatformFault::DropAnswer => "drop_answer",
            PlatformFault::Unconfirmed => "unconfirmed",
        }
    }

    fn usual_millis(self) -> u64 {
        match self {
            PlatformFault::Latency => 400,
            // Time-outs of senders are 15 to 30 seconds.
            PlatformFault::Slow => 45_000,
            _ => 0,
        }
    }
}

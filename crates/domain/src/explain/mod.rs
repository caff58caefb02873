//! Explanations: decisions, deliveries and ledger entries in words that the people at both ends understand.

mod difference;
mod explanation;
mod mask;
mod sentence;
mod timeline;
mod words;

pub use difference::{Mark, Stretch, describe_difference, difference, plain_form};
pub use explanation::{
    AppointmentView, Case, DeliveryView, EvidenceView, Explanation, FindingView, LineageView, OwnerView,
    ParticipantView, ProviderView, SeriesView, TypeView, explain,
};
pub use mask::{Sight, mask_email, mask_known};
pub use sentence::{late_sentence, sentence_of, verdict_sentence};
pub use timeline::{TimelineItem, timeline};
pub use words::{clock, day};

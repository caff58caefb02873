//! What goes wrong.

use utoipa::ToSchema;

/// What went wrong (RFC 9457). `code` is stable; some problems have members of their own.
#[derive(ToSchema)]
pub(crate) struct Problem {
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    code: String,
}

/// An illegal jump of the lifecycle.
#[derive(ToSchema)]
pub(crate) struct LifecycleProblem {
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    code: String,
    from: super::Lifecycle,
    to: super::Lifecycle,
    /// The steps left, in order; empty when there is no way.
    steps: Vec<super::Lifecycle>,
}

/// A message that was kept and cannot be applied.
#[derive(ToSchema)]
pub(crate) struct EnvelopeProblem {
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    code: String,
    /// The envelope it is kept in.
    envelope: String,
    /// Where it is wrong, in the message's own terms.
    r#where: Option<String>,
}

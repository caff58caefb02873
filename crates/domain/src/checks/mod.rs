//! Data-quality checks: questions about the data of an integration that are asked on a schedule, each with a limit
//! (requirement S3-22). What is asked and what the answer means is here; who looks is the engine.

mod catalogue;
mod limit;
mod result;

pub use catalogue::{DataCheck, Unit};
pub use limit::{CheckChange, CheckLimit, LEAST, limit_of};
pub use result::{CheckResult, CheckState, Measured, is_due};

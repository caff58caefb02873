//! Deciding: load what the gates may look at, let `domain` judge, and store decision, wake keys, causes and wish in one
//! batch.

mod commit;
mod load;
mod redecide;

pub(crate) use commit::{Before, Decided, commit_decision, load_before, settled};
pub(crate) use load::{
    account_id, account_of, candidates_of, doubles_of, is_own_account, is_told_apart, load_people, name_query,
};
pub(crate) use redecide::{Foreseen, foresee_decision, redecide, redrive_given_up, would_become};

//! Henry Schein One's dental systems: EXACT by its own interface (version 1.0), and EXACT or Oasis by the site
//! interface of booking portals (slug and key). Both list windows of starts and tell of single visits; neither tells
//! of changes.
//!
//! What the vendor confirms, what is inferred and what is our own choice stands in docs/systems/hs1-exact.md and
//! docs/systems/hs1-oasis.md; its words and limits in the profiles.

mod again;
mod api;
mod people;
mod rows;
mod site;
mod words;

use crate::rest::{Caller, Outside, TokenShelf, credentials, words};
use engine::poll::{Failure, SourceReader};
use engine::setup::Integration;
use std::sync::Arc;
use words::{Credentials, Words};

pub(crate) use again::again;

/// The reader of an integration whose route this is: by whichever interface its credentials are for.
pub(crate) fn reader(
    outside: &Outside,
    integration: &Arc<Integration>,
) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
    Some(make(outside, integration))
}

fn make(outside: &Outside, integration: &Arc<Integration>) -> Result<Arc<dyn SourceReader>, Failure> {
    let caller = Caller::of(outside, integration)?;
    let words: Words = words(integration)?;
    Ok(match credentials(integration)? {
        Credentials::Site { slug, key } => {
            Arc::new(site::Site { integration: integration.clone(), words, caller, slug, key })
        }
        Credentials::Api { practice, client_id, secret, token_url } => Arc::new(api::Api {
            integration: integration.clone(),
            words,
            caller,
            access: api::Access { client_id, secret, token_url, held: TokenShelf::default() },
            practice,
            people: people::People::default(),
        }),
    })
}

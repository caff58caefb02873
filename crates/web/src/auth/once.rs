//! Links that log in once, so that a demo can be opened without pasting a token. They live in memory and end with the
//! process.

use engine::ports::{Chance, Secret};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Codes that each log in once.
#[derive(Default)]
pub struct OneTimeLogin {
    codes: Mutex<HashMap<String, Secret>>,
}

impl OneTimeLogin {
    /// No codes yet.
    pub fn new() -> OneTimeLogin {
        OneTimeLogin::default()
    }

    /// A code for whoever holds it first: `/login?once=CODE` logs in with this token.
    pub fn offer(&self, token: Secret, chance: &dyn Chance) -> String {
        let code: String = chance.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        self.codes().insert(code.clone(), token);
        code
    }

    /// The token behind a code, the first time it is asked for.
    pub(crate) fn redeem(&self, code: &str) -> Option<Secret> {
        self.codes().remove(code)
    }

    fn codes(&self) -> std::sync::MutexGuard<'_, HashMap<String, Secret>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Chance for Fixed {
        fn fraction(&self) -> f64 {
            0.5
        }
        fn bytes(&self) -> [u8; 32] {
            [7; 32]
        }
    }

    #[test]
    fn a_code_is_good_once() {
        let login = OneTimeLogin::new();
        let code = login.offer(Secret::new("pct_x"), &Fixed);
        assert_eq!(code.len(), 64);
        assert!(login.redeem("other").is_none());
        assert_eq!(login.redeem(&code).as_ref().map(Secret::open), Some("pct_x"));
        assert!(login.redeem(&code).is_none());
    }
}

//! The real clock, the real chance, and secrets from the environment and from files.

use domain::setup::SecretRef;
use domain::text::Text;
use domain::time::Moment;
use engine::ports::{Chance, Clock, Secret, Secrets};

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the clock is read")]
    fn now(&self) -> Moment {
        jiff::Timestamp::now().into()
    }
}

/// The operating system's randomness.
pub(crate) struct SystemChance;

impl Chance for SystemChance {
    fn fraction(&self) -> f64 {
        let bytes = self.bytes();
        let number =
            u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]);
        // The upper 53 bits fill a double from 0 up to, not including, 1.
        (number >> 11) as f64 / (1u64 << 53) as f64
    }

    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes, or nothing here may go on");
        bytes
    }
}

/// Secrets from the environment and from files.
pub(crate) struct SystemSecrets;

impl Secrets for SystemSecrets {
    fn read(&self, reference: &SecretRef) -> Result<Secret, Text> {
        match reference {
            SecretRef::Env { env } => read_env(env)
                .map(Secret::new)
                .ok_or_else(|| Text::from(format!("the environment variable {env} is not set"))),
            SecretRef::File { file } => match std::fs::read_to_string(file.as_str()) {
                Ok(text) => Ok(Secret::new(text.trim().to_owned())),
                Err(error) => Err(Text::from(format!("the file {file} cannot be read: {}", error.kind()))),
            },
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where the environment is read")]
pub(crate) fn read_env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

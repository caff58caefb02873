//! The real clock, the real chance, and secrets from the environment and from files.

use domain::setup::SecretRef;
use domain::text::Text;
use domain::time::Moment;
use engine::ports::{Chance, Clock, Secret, Secrets};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

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

    fn write(&self, reference: &SecretRef, value: &Secret) -> Result<(), Text> {
        match reference {
            SecretRef::Env { env } => Err(Text::from(format!(
                "the environment variable {env} cannot be replaced; keep this secret in a file"
            ))),
            SecretRef::File { file } => replace(Path::new(file.as_str()), value.open())
                .map_err(|error| Text::from(format!("the file {file} cannot be written: {}", error.kind()))),
        }
    }
}

/// Puts a text in a file's place: whoever reads it finds the old or the new one, also after a power cut.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let file = file.canonicalize()?;
    let folder = file.parent().unwrap_or(Path::new("/"));
    let mut name = OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let fresh = folder.join(name);
    let done = write_fresh(&fresh, &file, text).and_then(|()| std::fs::rename(&fresh, &file));
    if done.is_err() {
        drop(std::fs::remove_file(&fresh));
    }
    done?;
    File::open(folder)?.sync_all()
}

/// Writes a new file with the rights of another one.
fn write_fresh(fresh: &Path, like: &Path, text: &str) -> io::Result<()> {
    let mut written = File::create(fresh)?;
    written.set_permissions(std::fs::metadata(like)?.permissions())?;
    written.write_all(text.as_bytes())?;
    written.sync_all()
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where the environment is read")]
pub(crate) fn read_env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_file_is_replaced_and_one_in_the_environment_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("refresh");
        std::fs::write(&file, "old\n").unwrap();
        let at = SecretRef::File { file: Text::from(file.to_str().unwrap()) };
        SystemSecrets.write(&at, &Secret::new("new")).unwrap();
        assert_eq!(SystemSecrets.read(&at).unwrap().open(), "new");
        let there: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(there, ["refresh"], "nothing is left beside it");
        let missing = SecretRef::File { file: Text::from(folder.path().join("none").to_str().unwrap()) };
        assert!(SystemSecrets.write(&missing, &Secret::new("new")).unwrap_err().contains("cannot be written"));
        let env = SecretRef::Env { env: Text::literal("REFRESH") };
        assert!(!SystemSecrets.write(&env, &Secret::new("new")).unwrap_err().contains("new "));
    }
}

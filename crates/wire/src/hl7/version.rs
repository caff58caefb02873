//! MSH-12, read for the one thing it decides.

use std::fmt;

/// A version of HL7 v2 (MSH-12.1). It never decides whether a message is read, only the layout of ERR that we send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// 2, until further notice.
    pub major: u8,
    /// The 5 of 2.5.1.
    pub minor: u8,
    /// The 1 of 2.5.1, 0 when there is none.
    pub patch: u8,
}

impl Version {
    /// Reads `2.5.1`; blanks around it are ignored. `None` for anything else.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let mut parts = value.trim_ascii().split(|byte| *byte == b'.');
        let mut next = || parts.next().map(number);
        let (major, minor, patch) = (next()??, next()??, next().unwrap_or(Some(0))?);
        parts.next().is_none().then_some(Self { major, minor, patch })
    }

    /// Whether ERR has the columns that 2.5 gave it (HL7 v2.5.1 §2.15.5).
    #[must_use]
    pub fn has_long_err(self) -> bool {
        (self.major, self.minor) >= (2, 5)
    }
}

fn number(digits: &[u8]) -> Option<u8> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 { write!(f, ".{}", self.patch) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        let versions = ["2.1", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.8.2"];
        let read: Vec<Version> = versions.iter().map(|v| Version::parse(v.as_bytes()).unwrap()).collect();
        assert!(read.is_sorted());
        assert_eq!(read.iter().map(ToString::to_string).collect::<Vec<_>>(), versions);
        assert_eq!(read.iter().filter(|v| v.has_long_err()).count(), 3);
    }

    #[test]
    fn what_is_not_a_version_is_none() {
        for odd in ["", "2", "2.x", "2.5.1.1", "v2.5", "2..5"] {
            assert_eq!(Version::parse(odd.as_bytes()), None, "{odd}");
        }
        assert!(Version::parse(b" 2.5 ").is_some());
    }
}

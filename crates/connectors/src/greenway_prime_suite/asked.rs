//! Who asks, and how: the `auth` table of a source, and the body of a request with its two blocks of credentials.

use crate::greenway_prime_suite::times::{just_before, write_ms_date};
use crate::rest::Caller;
use domain::setup::SecretRef;
use domain::text::Text;
use domain::time::Zone;
use engine::poll::{Failure, Window};
use serde::Deserialize;
use serde_json::{Value, json};

/// The `auth` table of a source.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Auth {
    /// Of the integrator, for the gateway; it travels in the address, as the service wants it.
    pub(super) api_key: SecretRef,
    /// The practice's site.
    pub(super) site: Text,
    /// The practice's user.
    pub(super) user: Text,
    pub(super) password: SecretRef,
    /// That user's number.
    #[serde(default)]
    pub(super) user_id: i64,
    /// The integrator.
    pub(super) vendor_login: Text,
    pub(super) vendor_password: SecretRef,
}

impl Auth {
    /// Reads the table of a source.
    pub(super) fn read(table: Option<&toml::Table>) -> Result<Auth, Failure> {
        let missing = || Failure::NotReady {
            what: Text::literal(
                "source.auth is missing: api_key, vendor_login and vendor_password of the integrator, site, user, \
                 password and user_id of the practice",
            ),
        };
        toml::Value::Table(table.ok_or_else(missing)?.clone()).try_into().map_err(|error: toml::de::Error| {
            Failure::NotReady { what: Text::from(format!("source.auth cannot be used: {}", error.message())) }
        })
    }

    /// The body that asks for a page of a window.
    pub(super) fn day_sheet(&self, caller: &Caller, window: Window, zone: &Zone, page: Page) -> Result<Value, Failure> {
        let (password, vendor_password) = (caller.secret(&self.password)?, caller.secret(&self.vendor_password)?);
        Ok(json!({
            "Credentials": {
                "PrimeSuiteCredential": {
                    "PrimeSuiteSiteId": self.site.as_str(), "PrimeSuiteUserAlias": "",
                    "PrimeSuiteUserName": self.user.as_str(), "PrimeSuiteUserPassword": password.open(),
                },
                "VendorCredential": {
                    "VendorLogin": self.vendor_login.as_str(), "VendorPassword": vendor_password.open(),
                },
            },
            "Header": { "DestinationSiteID": self.site.as_str(), "PrimeSuiteUserID": self.user_id, "SourceSiteID": "" },
            // Everything: a filter would hide visits that were moved behind it.
            "AppointmentTypeIDs": [0], "CareProviderIDs": [0], "ServiceLocationIDs": [0], "VisitTypeIDs": [0],
            "DefaultFilterID": 0,
            "FromDate": write_ms_date(window.from, zone), "ToDate": write_ms_date(just_before(window.to), zone),
            "PageStart": page.start(), "PageSize": page.size,
        }))
    }
}

/// A page of a window: which one, and how large they are. The size stays while a window is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) number: usize,
    pub(super) size: usize,
}

impl Page {
    /// Row numbers count from 1; 0 is the top.
    fn start(self) -> usize {
        if self.number == 0 { 0 } else { self.number * self.size + 1 }
    }

    /// How many rows are on it, of so many in all.
    pub(super) fn rows(self, total: usize) -> usize {
        total.saturating_sub(self.number * self.size).min(self.size)
    }

    /// The next one, when there are rows on it.
    pub(super) fn next(self, total: usize) -> Option<Page> {
        let next = Page { number: self.number + 1, ..self };
        (next.rows(total) > 0).then_some(next)
    }

    /// As it is kept.
    pub(super) fn write(self) -> Text {
        Text::from(format!("{} {}", self.number, self.size))
    }

    /// Reads what was kept.
    pub(super) fn read(text: &str) -> Option<Page> {
        let (number, size) = text.split_once(' ')?;
        Some(Page { number: number.parse().ok()?, size: size.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_begin_at_the_top_and_then_at_row_numbers_and_end_where_the_rows_do() {
        let first = Page { number: 0, size: 10 };
        assert_eq!((first.start(), first.rows(25), first.rows(0)), (0, 10, 0));
        let second = first.next(25).unwrap();
        let third = second.next(25).unwrap();
        assert_eq!((second.start(), third.start(), third.rows(25), third.next(25)), (11, 21, 5, None));
        assert_eq!(first.next(10), None, "a full last page has none behind it");
        assert_eq!(Page::read(&third.write()), Some(third));
    }
}

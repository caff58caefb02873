//! Which addresses may be called: HTTPS anywhere public, plain HTTP to this machine only, private networks only where
//! the installation's allow-list names them. Guards against being made to call inside a network (SSRF).

use domain::text::Text;
use hyper::Uri;
use std::net::IpAddr;

/// The installation's rule for addresses.
#[derive(Clone, Debug, Default)]
pub struct AddressPolicy {
    allowed_hosts: Vec<String>,
}

impl AddressPolicy {
    /// A policy that also allows these hosts (names or IP addresses), wherever they are and by plain HTTP too.
    pub fn allowing(hosts: impl IntoIterator<Item = String>) -> AddressPolicy {
        AddressPolicy {
            allowed_hosts: hosts
                .into_iter()
                .map(|host| host.trim().to_lowercase())
                .filter(|host| !host.is_empty())
                .collect(),
        }
    }

    /// The allow-list names this host.
    pub(super) fn names(&self, host: &str) -> bool {
        self.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }

    /// Checks an address as written. Names are checked again when they are resolved.
    pub fn check(&self, url: &str) -> Result<Uri, Text> {
        let refuse = |why: &str| Err(Text::from(format!("the address {} cannot be used: {why}", shown(url))));
        let Ok(uri) = url.parse::<Uri>() else { return refuse("it is not a URL") };
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return refuse("it names no scheme or host");
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return refuse("it holds a user name; credentials belong into a secret");
        }
        let host = host.trim_matches(['[', ']']);
        if self.names(host) {
            return match scheme {
                "http" | "https" => Ok(uri),
                _ => refuse("only http and https are spoken"),
            };
        }
        let loopback = is_loopback_host(host);
        match scheme {
            "https" => {}
            "http" if loopback => {}
            "http" => return refuse("plain HTTP is allowed to this machine only; use https, or have the host allowed"),
            _ => return refuse("only http and https are spoken"),
        }
        match host.parse::<IpAddr>() {
            Ok(address) if !loopback && !is_public(address) => {
                refuse("it is a private address; the installation's allow-list has to name it")
            }
            _ => Ok(uri),
        }
    }

    /// Whether an address that a host resolved to may be called.
    pub(super) fn may_reach(&self, host: &str, address: IpAddr) -> bool {
        self.names(host) || is_public(address) || (is_loopback_host(host) && address.is_loopback())
    }
}

/// An address without its query: that may hold a token.
fn shown(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

fn is_loopback_host(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// An address of the public internet: not of this machine, a private network, a link, a cloud's metadata service, or a
/// range kept for special use (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (18..20).contains(&b)))
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => {
                let first = v6.segments()[0];
                !(v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_multicast()
                    || (first & 0xfe00) == 0xfc00
                    || (first & 0xffc0) == 0xfe80
                    || (first == 0x2001 && v6.segments()[1] == 0x0db8)
                    || (first == 0x64 && v6.segments()[1] == 0xff9b))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_for_the_world_and_plain_http_for_this_machine() {
        let policy = AddressPolicy::default();
        for good in [
            "https://hooks.example.com/a",
            "http://127.0.0.1:9900/hook",
            "http://localhost:1/",
            "http://[::1]:9/",
            "https://127.0.0.1/",
        ] {
            assert!(policy.check(good).is_ok(), "{good}");
        }
        let bad = [
            "http://hooks.example.com/a",
            "https://10.0.0.5/",
            "https://192.168.1.1/",
            "https://172.16.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://0.0.0.0/",
            "ftp://hooks.example.com/",
            "hooks.example.com",
            "https://user:pw@hooks.example.com/",
        ];
        for url in bad {
            assert!(policy.check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn the_allow_list_opens_single_hosts() {
        let policy = AddressPolicy::allowing(["10.0.0.5".to_owned(), "Engine.Internal ".to_owned()]);
        assert!(policy.check("http://10.0.0.5:8080/hook").is_ok());
        assert!(policy.check("http://engine.internal/hook").is_ok());
        assert!(policy.check("https://10.0.0.6/").is_err());
        assert!(policy.may_reach("engine.internal", "10.9.9.9".parse().unwrap()));
        assert!(
            !policy.may_reach("hooks.example.com", "10.9.9.9".parse().unwrap()),
            "a public name that resolves inside"
        );
        assert!(!policy.may_reach("hooks.example.com", "127.0.0.1".parse().unwrap()));
        assert!(policy.may_reach("localhost", "127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn refusals_do_not_repeat_a_query() {
        let why = AddressPolicy::default().check("http://hooks.example.com/a?token=abc").unwrap_err();
        assert!(!why.contains("abc"), "{why}");
    }
}

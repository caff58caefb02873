//! The cookie of a console session: unreadable for scripts, never sent by other sites' links or forms.

use axum::http::{HeaderMap, HeaderValue, header};

const NAME: &str = "punctual_session";

/// The session's secret, if the browser sent one.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == NAME)
        .map(|(_, value)| value.to_owned())
}

/// The header that gives a browser its session.
pub(crate) fn fresh(secret: &str, https: bool) -> Option<HeaderValue> {
    header_value(secret, "", https)
}

/// The header that takes it away.
pub(crate) fn cleared(https: bool) -> Option<HeaderValue> {
    header_value("", "; Max-Age=0", https)
}

fn header_value(secret: &str, age: &str, https: bool) -> Option<HeaderValue> {
    let secure = if https { "; Secure" } else { "" };
    let cookie = format!("{NAME}={secret}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
    // A secret is hexadecimal, so it always fits into a header.
    let mut value = HeaderValue::from_str(&cookie).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_only_by_its_whole_name() {
        let headers = |value: &'static str| HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(value))]);
        assert_eq!(cookie(&headers("a=1; punctual_session=abc; b=2")).as_deref(), Some("abc"));
        assert_eq!(cookie(&headers("my_punctual_session=abc")), None);
        assert_eq!(cookie(&HeaderMap::new()), None);
    }

    #[test]
    fn cookies_are_strict_and_secure_over_https() {
        let plain = fresh("ab", false).unwrap();
        assert_eq!(plain.to_str().unwrap(), "punctual_session=ab; Path=/; HttpOnly; SameSite=Strict");
        assert!(fresh("ab", true).unwrap().to_str().unwrap().ends_with("; Secure"));
        assert!(plain.is_sensitive());
    }
}

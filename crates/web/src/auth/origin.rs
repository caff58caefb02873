//! Forms are taken from our own pages only (against cross-site request forgery).

use axum::http::{HeaderMap, header};

/// Whether a request that changes something comes from one of our own pages.
///
/// Browsers say so themselves: `Sec-Fetch-Site` where they trust the connection, `Origin` everywhere else. A client
/// that sends neither is no browser and carries nobody's cookie by accident; the cookie's `SameSite=Strict` stands
/// behind this check in any case.
pub(crate) fn is_same_origin(headers: &HeaderMap, public_origin: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    if let Some(site) = text("sec-fetch-site") {
        // `none`: the person did it themselves, such as by reloading a page.
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return true };
    if public_origin.is_some_and(|public| public.trim_end_matches('/').eq_ignore_ascii_case(origin)) {
        return true;
    }
    // A proxy may have taken off TLS, so the scheme is not compared.
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    let host = text(header::HOST.as_str());
    authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn check(headers: &[(&'static str, &'static str)], expected: bool) {
        let map: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        assert_eq!(is_same_origin(&map, Some("https://punctual.example")), expected, "{headers:?}");
    }

    #[test]
    fn only_our_own_pages_may_send_forms() {
        check(&[], true);
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "none")], true);
        check(&[("sec-fetch-site", "cross-site"), ("origin", "http://h:1"), ("host", "h:1")], false);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("origin", "http://h:1"), ("host", "h:1")], true);
        check(&[("origin", "https://punctual.example"), ("host", "10.0.0.1:8080")], true);
        check(&[("origin", "http://evil.example"), ("host", "h:1")], false);
        check(&[("origin", "http://h:1.evil.example"), ("host", "h:1")], false);
        check(&[("origin", "null"), ("host", "h:1")], false);
    }
}

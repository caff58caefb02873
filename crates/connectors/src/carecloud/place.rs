//! Where reading a window goes on, and the pages as the server links them.

use crate::rest::{is_same_origin, origin};
use domain::text::Text;

/// Where reading a window goes on: the next page, and digests of those read, for a list may lead in a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) seen: Vec<String>,
    pub(super) url: Text,
}

impl Place {
    /// As it is kept.
    pub(super) fn write(&self) -> Text {
        Text::from(format!("page {} {}", self.seen.join(","), self.url))
    }

    /// Reads what was kept; `None`: nobody kept that.
    pub(super) fn read(text: &str) -> Option<Place> {
        let mut parts = text.strip_prefix("page ")?.splitn(2, ' ');
        let (seen, url) = (parts.next()?, parts.next()?);
        let seen = seen.split(',').filter(|digest| !digest.is_empty()).map(str::to_owned).collect();
        Some(Place { seen, url: url.into() })
    }
}

/// What stands for an address among those read.
pub(super) fn digest(url: &str) -> String {
    blake3::hash(url.as_bytes()).to_hex()[..8].to_owned()
}

/// The address of the next page in a `Link` header (RFC 8288); `None`: this is the last.
pub(super) fn next(link: &str) -> Option<&str> {
    let mut rest = link;
    while let Some(begin) = rest.find('<') {
        let end = begin + rest[begin..].find('>')?;
        let url = &rest[begin + 1..end];
        let behind = &rest[end + 1..];
        let parameters = behind.find('<').map_or(behind, |next| &behind[..next]);
        let is_next = parameters.split([';', ',']).any(|parameter| {
            let Some((name, value)) = parameter.split_once('=') else { return false };
            let words = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel") && words.split(' ').any(|word| word.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(url);
        }
        rest = behind;
    }
    None
}

/// An address as linked: whole, or below the server's. `None`: another server's, which is nobody we know.
pub(super) fn resolve(base: &str, next: &str) -> Option<Text> {
    match (next.contains("://"), next.starts_with('/')) {
        (true, _) => is_same_origin(base, next).then(|| next.into()),
        (false, true) => Some(Text::from(format!("{}{next}", origin(base)))),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back_what_they_write() {
        for seen in [vec![], vec!["0011aabb".to_owned(), "ff".to_owned()]] {
            let place = Place { seen, url: "https://api.example.com/v2/appointments?page=a b".into() };
            assert_eq!(Place::read(&place.write()), Some(place));
        }
        assert_eq!(Place::read("since 1"), None);
    }

    #[test]
    fn the_next_page_is_found_among_links_and_another_server_is_nobodys() {
        assert_eq!(next("<https://a/x?page=2>; rel=\"next\""), Some("https://a/x?page=2"));
        assert_eq!(next("<https://a/1>; rel=first, </x?page=3>; title=\"a,b\"; rel=\"last next\""), Some("/x?page=3"));
        assert_eq!(next("<https://a/1>; rel=\"prev\""), None);
        let base = "https://api.example.com";
        assert_eq!(resolve(base, "/v2?page=2").as_deref(), Some("https://api.example.com/v2?page=2"));
        assert_eq!(resolve(base, "https://API.example.com/v2").as_deref(), Some("https://API.example.com/v2"));
        assert_eq!((resolve(base, "https://else.example.com/v2"), resolve(base, "page2")), (None, None));
    }
}

//! Addresses of our own pages.

/// A piece of a path or query: everything but letters, digits and `-._~` is escaped, so that an id with a slash in it
/// stays one piece.
pub(crate) fn piece(text: &str) -> String {
    let mut piece = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            piece.push(char::from(byte));
        } else {
            piece.push_str(&format!("%{byte:02X}"));
        }
    }
    // A path of dots would be taken for a way up.
    if matches!(piece.as_str(), "." | "..") { piece.replace('.', "%2E") } else { piece }
}

/// The page of a visit.
pub(crate) fn case(integration: &str, source_id: &str) -> String {
    format!("/integrations/{}/appointments/{}", piece(integration), piece(source_id))
}

/// The page of a patient.
pub(crate) fn patient(integration: &str, source_id: &str) -> String {
    format!("/integrations/{}/patients/{}", piece(integration), piece(source_id))
}

/// The page of an integration.
pub(crate) fn integration(id: &str) -> String {
    format!("/integrations/{}", piece(id))
}

/// The page of the platform's users of an integration.
pub(crate) fn users(id: &str) -> String {
    format!("{}/users", integration(id))
}

/// Where to go after logging in and the like: one of our own pages, whatever was asked for.
pub(crate) fn own_page(asked: &str) -> &str {
    // `//host` and `/\host` are other sites for a browser, and so is what stands behind a control character.
    let is_own = asked.starts_with('/')
        && !asked.starts_with("//")
        && !asked.contains('\\')
        && !asked.contains(|letter: char| letter.is_control());
    if is_own { asked } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_one_piece_of_a_path() {
        assert_eq!(case("n-c", "A/1 ä?#"), "/integrations/n-c/appointments/A%2F1%20%C3%A4%3F%23");
        assert_eq!(piece(".."), "%2E%2E");
        assert_eq!(piece("A-1.2_~"), "A-1.2_~");
    }

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (asked, goes) in [
            ("/causes?x=1", "/causes?x=1"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(own_page(asked), goes, "{asked:?}");
        }
    }
}

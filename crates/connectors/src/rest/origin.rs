//! Whose an address is: a token is shown to the server alone that it is for, wherever a link leads.

/// Scheme and host of an address, with the port if it names one.
pub fn origin(url: &str) -> &str {
    let Some((scheme, rest)) = url.split_once("://") else { return url };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    &url[..scheme.len() + 3 + host.len()]
}

/// Whether both addresses are one server's.
pub fn is_same_origin(one: &str, other: &str) -> bool {
    origin(one).eq_ignore_ascii_case(origin(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_only_begins_like_ours_is_another_servers() {
        let ours = "https://ehr.example.com:8443/fhir";
        assert_eq!(origin(ours), "https://ehr.example.com:8443");
        assert!(is_same_origin(ours, "HTTPS://EHR.example.com:8443?page=2"));
        for theirs in [
            "http://ehr.example.com:8443/fhir",
            "https://ehr.example.com/fhir",
            "https://ehr.example.com:8443.elsewhere.example/fhir",
            "https://ehr.example.com:8443@elsewhere.example/fhir",
        ] {
            assert!(!is_same_origin(ours, theirs), "{theirs}");
        }
    }
}

//! Bundles: pages of a search, histories, batches (FHIR R4 §2.36).

#![allow(missing_docs, reason = "the fields are the elements of FHIR R4, described with its bundles")]

use crate::fhir::{Meta, Str};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Resources that travel together, each left as it is until somebody reads it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Bundle<'a> {
    #[serde(borrow)]
    pub id: Option<Str<'a>>,
    #[serde(borrow)]
    pub meta: Option<Meta<'a>>,
    #[serde(rename = "type", borrow)]
    pub kind: Option<Str<'a>>,
    pub total: Option<u64>,
    #[serde(default, borrow)]
    pub link: Vec<BundleLink<'a>>,
    #[serde(default, borrow)]
    pub entry: Vec<BundleEntry<'a>>,
}

impl Bundle<'_> {
    /// The address under a relation: `next`, `self`.
    pub fn link_to(&self, relation: &str) -> Option<&str> {
        let link = self.link.iter().find(|link| link.relation.as_deref() == Some(relation))?;
        link.url.as_ref().and_then(Str::present)
    }
}

/// A link of a bundle.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct BundleLink<'a> {
    #[serde(borrow)]
    pub relation: Option<Str<'a>>,
    #[serde(borrow)]
    pub url: Option<Str<'a>>,
}

/// One entry of a bundle.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct BundleEntry<'a> {
    #[serde(rename = "fullUrl", borrow)]
    pub full_url: Option<Str<'a>>,
    #[serde(borrow)]
    pub resource: Option<&'a RawValue>,
    #[serde(borrow)]
    pub search: Option<EntrySearch<'a>>,
    #[serde(borrow)]
    pub request: Option<EntryRequest<'a>>,
    #[serde(borrow)]
    pub response: Option<EntryResponse<'a>>,
}

/// Why an entry is among the results: `match`, `include`, `outcome`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct EntrySearch<'a> {
    #[serde(borrow)]
    pub mode: Option<Str<'a>>,
}

/// What is or was to be done with an entry.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct EntryRequest<'a> {
    #[serde(borrow)]
    pub method: Option<Str<'a>>,
    #[serde(borrow)]
    pub url: Option<Str<'a>>,
}

/// What came of an entry.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct EntryResponse<'a> {
    #[serde(borrow)]
    pub status: Option<Str<'a>>,
    #[serde(borrow)]
    pub location: Option<Str<'a>>,
    #[serde(borrow)]
    pub etag: Option<Str<'a>>,
    #[serde(rename = "lastModified", borrow)]
    pub last_modified: Option<Str<'a>>,
    #[serde(borrow)]
    pub outcome: Option<&'a RawValue>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::{Appointment, read};

    #[test]
    fn a_page_gives_its_links_and_leaves_its_resources_alone() {
        let page = br#"{"resourceType":"Bundle","type":"searchset","total":2,
            "link":[{"relation":"self","url":"https://x.example/Appointment?a=1"},{"relation":"next","url":"https://x.example/p2"}],
            "entry":[{"fullUrl":"https://x.example/Appointment/1","resource":{"resourceType":"Appointment", "id":"1"},
                      "search":{"mode":"match"}},
                     {"request":{"method":"DELETE","url":"Appointment/2"},"response":{"status":"204"}}]}"#;
        let bundle: Bundle<'_> = read(page).unwrap();
        assert_eq!(bundle.link_to("next"), Some("https://x.example/p2"));
        assert_eq!(bundle.link_to("last"), None);
        let raw = bundle.entry[0].resource.unwrap().get();
        assert_eq!(raw, r#"{"resourceType":"Appointment", "id":"1"}"#, "byte for byte");
        assert_eq!(read::<Appointment<'_>>(raw.as_bytes()).unwrap().id.as_deref(), Some("1"));
        assert_eq!(bundle.entry[1].request.as_ref().and_then(|r| r.method.as_deref()), Some("DELETE"));
    }
}

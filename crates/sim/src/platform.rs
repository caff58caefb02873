//! A platform: keeps cards by its own rules, and writes down everything it is told.

use serde_json::Value;
use std::collections::BTreeMap;

/// A card as the platform shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownCard {
    /// The platform's id.
    pub platform_id: String,
    /// The version it was last told.
    pub version: u64,
    /// The body's `data`.
    pub data: Value,
}

/// What one platform knows: the platform of one integration.
#[derive(Default)]
pub struct Platform {
    /// What it shows, by the source's id.
    pub cards: BTreeMap<String, ShownCard>,
    /// What every id it acted on was about. A repetition changes nothing.
    seen: BTreeMap<String, String>,
    /// The account of each patient of the source on any card ever.
    accounts: BTreeMap<String, String>,
    /// What it was told that can never be right.
    pub complaints: Vec<String>,
    made: u32,
}

impl Platform {
    /// A card arrives under an id. What it answers: its own id of the card.
    pub fn take(&mut self, id: &str, body: &[u8]) -> String {
        let event: Value = serde_json::from_slice(body).unwrap_or_default();
        let data = event["data"].clone();
        let source_id = data["source_id"].as_str().unwrap_or_default().to_owned();
        let version = data["version"].as_u64().unwrap_or_default();
        match self.seen.get(id) {
            Some(known) if *known != source_id => {
                self.complaints.push(format!("id {id} was used for {known} and for {source_id}"));
            }
            Some(_) => return self.named(&source_id),
            None => {
                self.seen.insert(id.to_owned(), source_id.clone());
            }
        }
        for participant in data["card"]["participants"].as_array().into_iter().flatten() {
            let (Some(patient), Some(account)) =
                (participant["source_id"].as_str(), participant["platform_id"].as_str())
            else {
                continue;
            };
            self.accounts.entry(patient.to_owned()).or_insert_with(|| account.to_owned());
        }
        match self.cards.get_mut(&source_id) {
            // Old news that took long: the platform keeps the newer.
            Some(card) if card.version >= version => {}
            Some(card) => (card.version, card.data) = (version, data),
            None => {
                self.made += 1;
                let platform_id = format!("card_{}", self.made);
                self.cards.insert(source_id.clone(), ShownCard { platform_id, version, data });
            }
        }
        self.named(&source_id)
    }

    fn named(&self, source_id: &str) -> String {
        self.cards.get(source_id).map(|card| card.platform_id.clone()).unwrap_or_default()
    }

    /// The account under which a patient was first shown.
    pub fn account_of(&self, patient: &str) -> Option<&String> {
        self.accounts.get(patient)
    }
}

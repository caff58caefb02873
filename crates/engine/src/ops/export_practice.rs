//! A practice as a document: what documents said, with what people linked since.

use crate::ops::Actor;
use crate::{Engine, Error, Result};
use domain::ids::IntegrationKey;
use domain::setup::{Document, LinkFact, LinkKind, PatientDoc, ProviderDoc, RestrictionDoc};
use store::{AccountRow, Reader};

impl Engine {
    /// Exports a practice. Applying the export to an empty installation gives the same set-up.
    pub async fn export_practice(&self, actor: &Actor, practice: &str) -> Result<Document> {
        let missing = || Error::NotFound { what: "practice", id: practice.into() };
        let book = self.setup();
        let row = book.practice(practice).filter(|_| actor.may_see(practice)).cloned().ok_or_else(missing)?;
        let mut integrations: Vec<_> =
            book.integrations().filter(|integration| integration.rules.practice == *practice).cloned().collect();
        integrations.sort_by(|a, b| a.rules.integration.cmp(&b.rules.integration));
        let number = row.practice;
        let document = self
            .read(move |reader| {
                let mut document = Document { practice: row.document, integration: Vec::new() };
                document.practice.holidays.name();
                for integration in &integrations {
                    let mut doc = integration.document.clone();
                    doc.lifecycle = integration.rules.lifecycle;
                    merge_links(&mut doc.providers, &integration.rules.links);
                    doc.patients = patients(reader, integration.key())?.into();
                    doc.name_every_list();
                    document.integration.push(doc);
                }
                Ok(document)
            })
            .await?;
        self.note_view(actor, number, format!("{practice}/export")).await?;
        Ok(document)
    }
}

fn merge_links(providers: &mut Vec<ProviderDoc>, links: &[LinkFact]) {
    for link in links.iter().filter(|link| link.kind == LinkKind::Provider) {
        match providers.iter_mut().find(|provider| provider.source_id == link.source_id) {
            Some(provider) => provider.platform_id = Some(link.platform_id.clone()),
            None => providers.push(ProviderDoc {
                source_id: link.source_id.clone(),
                platform_id: Some(link.platform_id.clone()),
                name: None,
                active: true,
            }),
        }
    }
}

fn patients(reader: &mut dyn Reader, key: IntegrationKey) -> Result<Vec<PatientDoc>> {
    let accounts = reader.accounts(key, None, usize::MAX)?;
    Ok(accounts
        .into_iter()
        .map(|AccountRow { source_id, account }| PatientDoc {
            platform_id: account.platform_id,
            source_id,
            family: account.family,
            given: account.given,
            birth_date: account.birth_date.map(|date| date.0),
            email: account.email,
            phone: account.phone,
            active: !account.inactive,
            restrictions: account
                .restrictions
                .into_iter()
                .map(|restriction| RestrictionDoc { way: restriction.way, said: restriction.said })
                .collect(),
        })
        .collect())
}

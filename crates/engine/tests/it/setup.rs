//! The set-up in use: what changes is read, by whichever process it was changed, and the rest is taken over as it is.

use crate::polling::world::{DOCUMENT, ID, World};
use domain::setup::{Document, LinkKind};
use engine::Engine;
use engine::ops::Actor;
use engine::setup::Integration;
use std::sync::Arc;

const OTHER: &str = "southside";

fn document(id: &str, more: &str) -> Document {
    Document::from_toml(&format!("{}{more}", DOCUMENT.replace(ID, id))).unwrap()
}

async fn apply(engine: &Engine, document: Document) {
    engine.apply_document(&Actor::operator(), document, false).await.unwrap();
}

fn in_use(engine: &Engine, id: &str) -> Arc<Integration> {
    engine.setup().named(id).unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_change_is_seen_by_every_process_and_what_is_as_before_is_not_read_again() {
    let world = World::start(|_| {}).await;
    let other = world.another();
    apply(world.engine(), document(OTHER, "")).await;
    world.wait(2).await;
    let before = [world.engine(), &other.engine].map(|engine| [in_use(engine, ID), in_use(engine, OTHER)]);
    world.engine().set_link(&Actor::operator(), OTHER, LinkKind::Provider, "DR9", "prov_9").await.unwrap();
    world.wait(2).await;
    for (engine, [same, changed]) in [world.engine(), &other.engine].into_iter().zip(before) {
        assert!(Arc::ptr_eq(&same, &in_use(engine, ID)), "it was not read again");
        let now = in_use(engine, OTHER);
        let links = |integration: &Integration| integration.rules.links.iter().any(|link| link.source_id == "DR9");
        assert!(!links(&changed) && links(&now));
        assert_eq!(now.rules.version, changed.rules.version + 1);
        assert_eq!(engine.setup().epoch, world.engine().setup().epoch);
    }
    other.drain().await;
}

#[tokio::test(start_paused = true)]
async fn a_practice_that_changes_changes_all_its_integrations_also_those_the_document_leaves_out() {
    let world = World::start(|_| {}).await;
    let other = world.another();
    let with = |id: &str, name: &str| {
        let mut document = document(ID, "");
        document.integration[0].id = id.into();
        document.practice.name = name.into();
        document
    };
    apply(world.engine(), with("second", "Northside Family Clinic")).await;
    apply(world.engine(), with(ID, "Northside Clinic of Families")).await;
    world.wait(2).await;
    for engine in [world.engine(), &other.engine] {
        for id in [ID, "second"] {
            assert_eq!(in_use(engine, id).rules.practice_name, "Northside Clinic of Families", "{id}");
        }
    }
    other.drain().await;
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_nobodys_again_is_known_to_every_process() {
    let world = World::start(|_| {}).await;
    let other = world.another();
    let account = "[[integration.patient]]\nplatform_id = \"acc_1\"\nsource_id = \"P1\"\nfamily = \"Sample\"\n";
    apply(world.engine(), document(ID, account)).await;
    world.wait(2).await;
    assert!(!in_use(&other.engine, ID).has_unlinked_accounts);
    world.engine().remove_link(&Actor::operator(), ID, LinkKind::Patient, "P1").await.unwrap();
    world.wait(2).await;
    for engine in [world.engine(), &other.engine] {
        assert!(in_use(engine, ID).has_unlinked_accounts, "or a second account might be made");
    }
    other.drain().await;
}

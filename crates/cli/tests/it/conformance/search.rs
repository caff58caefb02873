//! Somebody is looked for in the practice system itself, and imported.

use super::world::{ID, World};
use domain::model::BirthDate;
use engine::ops::{Actor, SourceAsked, SourceFound};
use hyper::Method;
use serde_json::json;

/// Somebody is registered at the practice who has no visit. They are found by name and date of birth, nobody is by
/// another date or name; and they are imported twice, which makes one account.
pub(super) async fn search(world: &World, case: &str) {
    let (family, given, born) = ("Quillfeather", "Zora", "1968-05-17");
    let person = json!({ "family": family, "given": given, "birth_date": born, "sex": "F", "mobile": "3125550188" });
    world.desk(Method::POST, "patients", Some(&person)).await;

    let found = asked(world, family, None, born).await;
    let hit = found.items.first().unwrap_or_else(|| panic!("{case}: nobody is found by name and date of birth"));
    assert_eq!((found.items.len(), hit.state), (1, "not_told"), "{case}: {hit:?}");
    assert_eq!(hit.name.as_deref(), Some("Zora Quillfeather"), "{case}");
    assert_eq!(asked(world, family, Some(given), born).await.items.len(), 1, "{case}: by all three");
    let id = hit.source_id.clone();
    let nobody = asked(world, family, None, "1899-01-02").await;
    assert!(nobody.items.is_empty(), "{case}: {nobody:?}");
    let another = asked(world, family, Some("Zq"), born).await;
    assert!(another.items.is_empty(), "{case}: {another:?}");

    let desk = Actor::operator();
    let import = || world.engine().import_patient(&desk, ID, &id);
    let (first, again) = (import().await.unwrap(), import().await.unwrap());
    assert!(first.imported && !again.imported, "{case}: one account");
    assert_eq!(first.platform_id, again.platform_id, "{case}");
    let found = asked(world, family, Some(given), born).await;
    assert_eq!(found.items[0].platform_id, Some(first.platform_id), "{case}");
    assert!(world.engine().import_patient(&desk, ID, "999999999").await.is_err(), "{case}: nobody");
}

async fn asked(world: &World, family: &str, given: Option<&str>, born: &str) -> SourceFound {
    let asked = SourceAsked {
        family: family.into(),
        given: given.map(Into::into),
        birth_date: BirthDate(born.parse().unwrap()),
    };
    let found = world.engine().search_source(&Actor::operator(), ID, asked).await.unwrap();
    assert_eq!(found.outcome, "answered", "{found:?}");
    found
}

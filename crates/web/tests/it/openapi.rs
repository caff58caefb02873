//! The published description: equal to the committed copy, and to the routes that there are.

use crate::harness::World;
use serde_json::Value;
use std::collections::BTreeSet;
use web::{Access, Surface};

const COMMITTED: &str = include_str!("../../openapi.json");

#[test]
fn the_committed_description_is_the_one_that_is_served() {
    let made = format!("{}\n", serde_json::to_string_pretty(web::openapi()).unwrap());
    if made != COMMITTED {
        let fresh = concat!(env!("CARGO_TARGET_TMPDIR"), "/openapi.json");
        std::fs::write(fresh, &made).unwrap();
        panic!("the description has changed: if it is meant, copy {fresh} to crates/web/openapi.json");
    }
}

fn described() -> BTreeSet<(String, String)> {
    let paths = web::openapi()["paths"].as_object().unwrap();
    let methods = |item: &Value| item.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    paths.iter().flat_map(|(path, item)| methods(item).into_iter().map(|method| (method, path.clone()))).collect()
}

#[test]
fn every_route_for_programs_is_described_and_the_other_way_round() {
    let routes: BTreeSet<(String, String)> = web::routes()
        .iter()
        .filter(|route| route.surface() == Surface::Api)
        .map(|route| (route.method.to_lowercase(), route.path.to_owned()))
        .collect();
    assert_eq!(described(), routes);
}

#[test]
fn every_operation_says_who_asks_and_what_goes_wrong() {
    for route in web::routes().iter().filter(|route| route.surface() == Surface::Api) {
        let operation = &web::openapi()["paths"][route.path][route.method.to_lowercase()];
        let at = format!("{} {}", route.method, route.path);
        assert!(operation["operationId"].is_string(), "{at} has a name");
        assert!(operation["summary"].is_string(), "{at} says what it does");
        assert!(operation["responses"]["default"].is_object(), "{at} says what goes wrong");
        // What differs from the security of the whole is what needs no token.
        let open = operation["security"] == serde_json::json!([{}]);
        assert_eq!(open, route.access == Access::Open, "{at}");
        for name in route.path.split(['{', '}']).skip(1).step_by(2) {
            let known = operation["parameters"].as_array().unwrap();
            assert!(known.iter().any(|p| p["name"] == name && p["in"] == "path"), "{at} describes {name}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(value: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(web::openapi().pointer(pointer).is_some(), "{reference}");
                }
                members.values().for_each(check);
            }
            Value::Array(items) => items.iter().for_each(check),
            _ => {}
        }
    }
    check(web::openapi());
}

#[tokio::test]
async fn the_description_is_served_to_everybody() {
    let world = World::start().await;
    let answer = world.nobody("GET", "/api/openapi.json").send().await;
    assert_eq!(answer.json(), *web::openapi());
}

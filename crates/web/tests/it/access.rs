//! Who may do what: every route, every role, and another practice.
//!
//! The table below is written by hand on purpose. A route that is missing here fails the first test, so nobody adds one
//! without saying who may use it.

use crate::harness::{CHIRON, NORTHSIDE, Request, SOUTHSIDE, Visit, World};
use engine::ops::Role;
use serde_json::json;
use web::{Access, Route, Subject, Surface};

/// Letters of roles: Admin, Engineer, Support, Desk, Compliance, Platform; `*` everybody who is recognised, `-` no
/// token needed; behind it whose id stands in the path.
#[rustfmt::skip]
const TABLE: &[(&str, &str, &str, Subject)] = &[
    ("GET", "/healthz", "-", Subject::None),
    ("GET", "/readyz", "-", Subject::None),
    ("GET", "/metrics", "-", Subject::None),
    ("GET", "/assets/{name}", "-", Subject::None),
    ("GET", "/api/openapi.json", "-", Subject::None),
    ("POST", "/api/v1/apply", "AE", Subject::None),
    ("GET", "/api/v1/practices/{id}/export", "AE", Subject::Practice),
    ("GET", "/api/v1/integrations", "AESD", Subject::None),
    ("GET", "/api/v1/integrations/{id}", "AESD", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/lifecycle", "AE", Subject::Integration),
    ("GET", "/api/v1/integrations/{id}/checks", "AESD", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/checks", "AESD", Subject::Integration),
    ("GET", "/api/v1/integrations/{id}/statuses", "AESD", Subject::Integration),
    ("GET", "/api/v1/integrations/{id}/rejudged", "AES", Subject::Integration),
    ("GET", "/api/v1/integrations/{id}/appointments", "AESD", Subject::Integration),
    ("GET", "/api/v1/integrations/{id}/appointments/{source_id}", "AESD", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/appointments/{source_id}/feedback", "AESD", Subject::Integration),
    ("GET", "/api/v1/integrations/{id}/appointments/{source_id}/bundle", "AESD", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/appointments/{source_id}/redrive", "AES", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/appointments/{source_id}/read", "AES", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/census", "AES", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/look", "AEP", Subject::Integration),
    ("PUT", "/api/v1/integrations/{id}/look/{kind}/{source_id}", "AEP", Subject::Integration),
    ("DELETE", "/api/v1/integrations/{id}/look/{kind}/{source_id}", "AEP", Subject::Integration),
    ("GET", "/api/v1/integrations/{id}/hook", "-", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/hook", "-", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/search", "AESD", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/patients/search", "AESD", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/patients/source", "AESD", Subject::Integration),
    ("GET", "/api/v1/integrations/{id}/patients/{source_id}", "AESD", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/patients/{source_id}/import", "AESD", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/patients/{source_id}/confirmation", "AEP", Subject::Integration),
    ("GET", "/api/v1/integrations/{id}/users", "AESD", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/system-request", "AESD", Subject::Integration),
    ("GET", "/api/v1/system-requests", "AES", Subject::None),
    ("POST", "/api/v1/integrations/{id}/why", "AESD", Subject::Integration),
    ("GET", "/api/v1/today", "AESD", Subject::None),
    ("GET", "/api/v1/causes", "AESD", Subject::None),
    ("GET", "/api/v1/causes/export", "AESD", Subject::None),
    ("GET", "/api/v1/queue-use", "AESD", Subject::None),
    ("GET", "/api/v1/causes/{id}", "AESD", Subject::Cause),
    ("GET", "/api/v1/causes/{id}/preview", "AESD", Subject::Cause),
    ("POST", "/api/v1/causes/{id}/handling", "AESD", Subject::Cause),
    ("POST", "/api/v1/causes/{id}/decision", "AESD", Subject::Cause),
    ("PUT", "/api/v1/integrations/{id}/links/{kind}/{source_id}", "AESD", Subject::Integration),
    ("DELETE", "/api/v1/integrations/{id}/links/{kind}/{source_id}", "AESD", Subject::Integration),
    ("GET", "/api/v1/integrations/{id}/cards", "AESDP", Subject::Integration),
    ("POST", "/api/v1/integrations/{id}/receipts", "AEP", Subject::Integration),
    ("GET", "/api/v1/changes", "AESDP", Subject::None),
    ("POST", "/api/v1/integrations/{id}/envelopes", "AE", Subject::Integration),
    ("GET", "/api/v1/integrations/{id}/envelopes", "AES", Subject::Integration),
    ("GET", "/api/v1/unrouted", "A", Subject::None),
    ("GET", "/api/v1/feedback", "AES", Subject::None),
    ("GET", "/api/v1/envelopes/{id}", "AES", Subject::Envelope),
    ("GET", "/api/v1/reasons", "*", Subject::None),
    ("GET", "/api/v1/reasons/{code}", "*", Subject::None),
    ("GET", "/api/v1/audit", "AEC", Subject::None),
    ("GET", "/api/v1/audit/check", "AEC", Subject::None),
    ("GET", "/login", "-", Subject::None),
    ("POST", "/login", "-", Subject::None),
    ("POST", "/logout", "*", Subject::None),
    ("GET", "/purpose", "*", Subject::None),
    ("POST", "/purpose", "*", Subject::None),
    ("GET", "/live", "*", Subject::None),
    ("GET", "/", "AESD", Subject::None),
    ("GET", "/search", "AESD", Subject::None),
    ("POST", "/search", "AESD", Subject::None),
    ("GET", "/causes", "AESD", Subject::None),
    ("GET", "/causes/export", "AESD", Subject::None),
    ("GET", "/causes/{id}", "AESD", Subject::Cause),
    ("GET", "/causes/{id}/preview", "AESD", Subject::Cause),
    ("POST", "/causes/{id}/handling", "AESD", Subject::Cause),
    ("POST", "/causes/{id}/decision", "AESD", Subject::Cause),
    ("GET", "/integrations", "AESD", Subject::None),
    ("GET", "/integrations/{id}", "AESD", Subject::Integration),
    ("POST", "/integrations/{id}/lifecycle", "AE", Subject::Integration),
    ("POST", "/integrations/{id}/links", "AESD", Subject::Integration),
    ("GET", "/integrations/{id}/patients", "AESD", Subject::Integration),
    ("POST", "/integrations/{id}/patients", "AESD", Subject::Integration),
    ("POST", "/integrations/{id}/patients/source", "AESD", Subject::Integration),
    ("GET", "/integrations/{id}/patients/{source_id}", "AESD", Subject::Integration),
    ("POST", "/integrations/{id}/patients/{source_id}/import", "AESD", Subject::Integration),
    ("POST", "/integrations/{id}/patients/{source_id}/link", "AESD", Subject::Integration),
    ("GET", "/integrations/{id}/checks", "AESD", Subject::Integration),
    ("POST", "/integrations/{id}/checks", "AESD", Subject::Integration),
    ("GET", "/integrations/{id}/statuses", "AESD", Subject::Integration),
    ("GET", "/integrations/{id}/rejudged", "AES", Subject::Integration),
    ("GET", "/integrations/{id}/users", "AESD", Subject::Integration),
    ("POST", "/integrations/{id}/system-request", "AESD", Subject::Integration),
    ("GET", "/systems", "AES", Subject::None),
    ("GET", "/integrations/{id}/appointments", "AESD", Subject::Integration),
    ("GET", "/integrations/{id}/appointments/{source_id}", "AESD", Subject::Integration),
    ("POST", "/integrations/{id}/appointments/{source_id}/feedback", "AESD", Subject::Integration),
    ("POST", "/integrations/{id}/appointments/{source_id}/bundle", "AESD", Subject::Integration),
    ("GET", "/integrations/{id}/appointments/{source_id}/redrive", "AES", Subject::Integration),
    ("POST", "/integrations/{id}/appointments/{source_id}/redrive", "AES", Subject::Integration),
    ("GET", "/practices/{id}/export", "AE", Subject::Practice),
    ("GET", "/feedback", "AES", Subject::None),
    ("GET", "/unrouted", "A", Subject::None),
    ("GET", "/envelopes/{id}", "AES", Subject::Envelope),
    ("GET", "/reasons", "*", Subject::None),
    ("GET", "/reasons/{code}", "*", Subject::None),
    ("GET", "/gates/{name}", "*", Subject::None),
    ("GET", "/audit", "AEC", Subject::None),
    ("POST", "/audit", "AEC", Subject::None),
];

fn letter(role: Role) -> char {
    role.word().chars().next().unwrap().to_ascii_uppercase()
}

fn letters(access: Access) -> String {
    match access {
        Access::Open => "-".to_owned(),
        Access::Recognised => "*".to_owned(),
        Access::May(action) => Role::ALL.into_iter().filter(|role| action.allows(*role)).map(letter).collect(),
    }
}

#[test]
fn every_route_is_in_the_table_with_its_roles() {
    let built: Vec<_> =
        web::routes().iter().map(|route| (route.method, route.path, letters(route.access), route.subject())).collect();
    let table: Vec<_> =
        TABLE.iter().map(|(method, path, roles, subject)| (*method, *path, (*roles).to_owned(), *subject)).collect();
    assert_eq!(built, table);
}

/// A world with a visit, a cause and a message, and the ids that stand in paths.
struct Filled {
    world: World,
    cause: String,
    envelope: String,
}

impl Filled {
    async fn start() -> Filled {
        let world = World::start().await;
        let envelope = world.receive(&Visit::new("A-1").unlinked().message()).await;
        let causes = world.get("/api/v1/causes").await.json();
        let cause = causes["items"][0]["id"].as_str().unwrap().to_owned();
        Filled { world, cause, envelope }
    }

    /// The path of a route with ids of the first practice.
    fn path(&self, route: &Route) -> String {
        let id = match route.subject() {
            Subject::None => "",
            Subject::Practice => NORTHSIDE,
            Subject::Integration => CHIRON,
            Subject::Cause => &self.cause,
            Subject::Envelope => &self.envelope,
        };
        let name = if route.path.starts_with("/gates") { "email_present" } else { "punctual.css" };
        route
            .path
            .replace("{id}", id)
            .replace("{source_id}", "A-1")
            .replace("{kind}", "patient")
            .replace("{code}", "TIME_TBD")
            .replace("{name}", name)
    }

    fn request(&self, route: &Route) -> Request {
        self.world.nobody(route.method, &self.path(route))
    }

    /// The same, by a role of a practice, in the way of the route's surface.
    async fn request_by(&self, route: &Route, practice: &'static str, role: Role) -> Request {
        let request = self.request(route);
        match route.surface() {
            Surface::Api => request.token(self.world.token(practice, role)),
            Surface::Console => request.session(&self.world.log_in(practice, role).await),
        }
    }
}

fn guarded() -> impl Iterator<Item = Route> {
    web::routes().into_iter().filter(|route| route.access != Access::Open)
}

#[tokio::test]
async fn nobody_gets_past_the_guard() {
    let filled = Filled::start().await;
    for route in guarded() {
        let garbage = "0".repeat(64);
        let with_garbage =
            filled.request(&route).token(&garbage).header("cookie", &format!("punctual_session={garbage}"));
        // A token is no cookie, and a cookie is no token.
        let admin = filled.world.token(NORTHSIDE, Role::Admin);
        let crossed = match route.surface() {
            Surface::Api => filled.request(&route).header("cookie", &format!("punctual_session={admin}")),
            Surface::Console => filled.request(&route).token(admin),
        };
        for request in [filled.request(&route), with_garbage, crossed] {
            let answer = request.send().await;
            assert_eq!(answer.status, 401, "{} {}: {}", route.method, route.path, answer.text());
            match route.surface() {
                Surface::Api => drop(answer.problem(401, "unauthorized")),
                Surface::Console => {
                    assert!(answer.text().contains("name=\"token\""), "the login form: {}", answer.text());
                }
            }
        }
    }
}

#[tokio::test]
async fn a_role_does_what_the_table_says_and_nothing_else() {
    let filled = Filled::start().await;
    for route in guarded() {
        for role in Role::ALL {
            let roles = letters(route.access);
            let allowed = roles == "*" || roles.contains(letter(role));
            if allowed && route.path == "/live" {
                // It never ends; `live.rs` listens to it.
                continue;
            }
            let answer = filled.request_by(&route, NORTHSIDE, role).await.purpose("ticket 7").send().await;
            let told = format!("{role} {} {}: {} {}", route.method, route.path, answer.status, answer.text());
            if allowed {
                // In the console the reason is given with a form, which `privacy.rs` does.
                let masked = route.surface() == Surface::Console && answer.text().contains("purpose_required");
                assert!(answer.status != 401 && answer.status < 500, "{told}");
                assert!(answer.status != 403 || masked, "{told}");
            } else {
                assert_eq!(answer.status, 403, "{told}");
                if route.surface() == Surface::Api {
                    answer.problem(403, "forbidden");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_belongs_to_another_practice_does_not_exist() {
    let filled = Filled::start().await;
    let mut checked = 0;
    for route in guarded().filter(|route| route.subject() != Subject::None) {
        for role in Role::ALL {
            let answer = filled.request_by(&route, SOUTHSIDE, role).await.purpose("curiosity").send().await;
            assert_eq!(answer.status, 404, "{role} {} {}: {}", route.method, route.path, answer.text());
            for told in ["Northside", "Okafor", "A. O."] {
                assert!(!answer.text().contains(told), "{role} {} {} tells {told}", route.method, route.path);
            }
        }
        checked += 1;
    }
    assert!(checked > 20, "the loop has something to check");
}

#[tokio::test]
async fn lists_and_bodies_tell_nothing_of_another_practice() {
    let filled = Filled::start().await;
    let world = &filled.world;
    let ask = |method: &str, path: &str| world.nobody(method, path).token(world.token(SOUTHSIDE, Role::Admin));
    let integrations = ask("GET", "/api/v1/integrations").send().await.json();
    assert_eq!(integrations["items"].as_array().unwrap().len(), 1);
    assert_eq!(integrations["items"][0]["id"], "southside-chiron");
    for path in ["/api/v1/causes", "/api/v1/changes", "/api/v1/audit", "/api/v1/today"] {
        let answer = ask("GET", path).send().await;
        assert_eq!(answer.status, 200);
        for told in [CHIRON, "A-1\"", "Okafor"] {
            assert!(!answer.text().contains(told), "{path} tells {told}: {}", answer.text());
        }
    }
    ask("GET", &format!("/api/v1/causes?integration={CHIRON}")).send().await.problem(404, "not_found");
    let document = crate::harness::northside(|document| document);
    ask("POST", "/api/v1/apply").body("application/toml", document).send().await.problem(404, "not_found");
    // An integration's id is taken, and it is not said by whom.
    let thief = crate::harness::southside().replace("southside-chiron", CHIRON);
    let problem = ask("POST", "/api/v1/apply").body("application/toml", thief).send().await.problem(409, "taken");
    assert!(!problem.to_string().contains("northside"), "{problem}");
}

#[tokio::test]
async fn links_and_decisions_are_narrowed_by_kind_and_owner() {
    let filled = Filled::start().await;
    let world = &filled.world;
    let path = |kind: &str| format!("/api/v1/integrations/{CHIRON}/links/{kind}/X1");
    let body = json!({ "platform_id": "acc_1" });
    for (role, kind, status) in [
        (Role::Desk, "patient", 200),
        (Role::Desk, "provider", 403),
        (Role::Desk, "type", 403),
        (Role::Support, "provider", 200),
        (Role::Engineer, "department", 200),
    ] {
        let answer = world.ask(role, "PUT", &path(kind)).json(&body).send().await;
        assert_eq!(answer.status, status, "{role} {kind}: {}", answer.text());
    }
    let refused = world.ask(Role::Desk, "DELETE", &path("provider")).send().await;
    refused.problem(403, "forbidden");
    // The provider's cause belongs to support: an engineer leaves other people's decisions to them, and is told so
    // before being told that there is nothing to decide.
    let decision = format!("/api/v1/causes/{}/decision", filled.cause);
    let body = json!({ "decision": "apply", "note": "" });
    world.ask(Role::Engineer, "POST", &decision).json(&body).send().await.problem(403, "forbidden");
    world.ask(Role::Support, "POST", &decision).json(&body).send().await.problem(409, "not_by_decision");
}

#[tokio::test]
async fn a_revoked_token_and_its_sessions_end_at_once() {
    let world = World::start().await;
    let operator = engine::ops::Actor::operator();
    let made = world.engine.create_token(&operator, Role::Desk, "temporary", Some(NORTHSIDE)).await.unwrap();
    let login = world.nobody("POST", "/login").form(&[("token", &made.token)]).send().await;
    let cookie = login.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let by_token = || world.nobody("GET", "/api/v1/today").token(&made.token).send();
    let by_session = || world.nobody("GET", "/").session(&cookie).send();
    assert_eq!((by_token().await.status, by_session().await.status), (200, 200));
    world.engine.revoke_token(&operator, &made.id).await.unwrap();
    assert_eq!((by_token().await.status, by_session().await.status), (401, 401));
}

#[tokio::test]
async fn a_webhook_that_shows_nothing_is_answered_as_if_there_were_nothing() {
    let world = World::start().await;
    for integration in [CHIRON, "nobody"] {
        for method in ["GET", "POST"] {
            let path = format!("/api/v1/integrations/{integration}/hook?msg=1");
            assert_eq!(world.nobody(method, &path).send().await.status, 404, "{method} {integration}");
        }
    }
}

crate::harness::stores::on_postgres! {
    a_role_does_what_the_table_says_and_nothing_else,
    what_belongs_to_another_practice_does_not_exist,
    lists_and_bodies_tell_nothing_of_another_practice,
    links_and_decisions_are_narrowed_by_kind_and_owner,
    a_revoked_token_and_its_sessions_end_at_once,
}

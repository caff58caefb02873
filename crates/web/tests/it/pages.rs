//! All pages, found by following links: well formed, nothing inline, nothing from elsewhere, usable without seeing.
//! What sources send is hostile here, so every page also shows that it escapes.

use crate::harness::html::{self, Tag};
use crate::harness::{CHIRON, Mood, NORTHSIDE, Visit, World};
use engine::ops::{Actor, Role};
use std::collections::{BTreeMap, BTreeSet, HashSet};

const EVIL: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

/// A world in which there is one of everything, and every name is an attack.
async fn hostile() -> World {
    let world = World::start().await;
    let visit = |id: &str| Visit { family: format!("Okafor{EVIL}"), given: format!("{EVIL}Ada"), ..Visit::new(id) };
    let mail = |n: u32| format!("p{n}@patients.example");
    let id = |id: &str| format!("{id}\"><script>alert(3)</script>");
    world.receive(&Visit { email: mail(1), ..visit(&id("A-1")) }.message()).await;
    for n in [2, 3] {
        let unlinked = Visit { email: mail(n), ..visit(&id(&format!("A-{n}"))) }.unlinked();
        world
            .receive(
                &Visit { provider: (unlinked.provider.0, EVIL.to_owned(), "Kim".to_owned()), ..unlinked }.message(),
            )
            .await;
    }
    world.receive(&Visit { kind: "Telemedicine Visit<b".to_owned(), email: mail(4), ..visit("A-4") }.message()).await;
    world.receive(&Visit { kind: EVIL.to_owned(), email: mail(5), ..visit("A-5") }.message()).await;
    world.receive(&Visit { status: EVIL.to_owned(), email: mail(6), ..visit("A-6") }.message()).await;
    world.receive(&Visit { email: EVIL.to_owned(), ..visit("A-7") }.message()).await;
    let stranger = ("DR<i>66".to_owned(), EVIL.to_owned(), EVIL.to_owned());
    world.receive(&Visit { provider: stranger, email: mail(8), ..visit("A-8") }.message()).await;
    let far = Visit { start: "20270521120000".to_owned(), end: String::new(), email: mail(9), ..visit("A-9") };
    world.receive(&far.message()).await;
    world.platform.be(Mood::Refuses);
    world.receive(&Visit { email: mail(10), ..visit("A-10") }.message()).await;
    world.until_verdict("A-10", "failed").await;
    world.platform.be(Mood::Accepts);
    world.receive(&Visit { email: mail(11), ..visit("A-11") }.message()).await;
    let past = Visit {
        start: "20261121083000".to_owned(),
        end: "20261121084500".to_owned(),
        sent: "20261121080000".to_owned(),
        email: mail(12),
        ..visit("A-12")
    };
    world.receive(&past.message()).await;
    let broken = Visit { start: "20261399990000".to_owned(), ..visit("A-13") }.message();
    let path = format!("/api/v1/integrations/{CHIRON}/envelopes");
    let refused = world.ask(Role::Admin, "POST", &path).body("application/hl7-v2", broken).send().await;
    assert_eq!(refused.status, 422);
    world.prove_reading(true).await;
    world
}

/// Every page that somebody can reach with a session, by its address.
async fn crawl(world: &World, role: Role, session: String) -> BTreeMap<String, String> {
    let purpose = [("purpose", EVIL), ("next", "/")];
    world.nobody("POST", "/purpose").session(&session).form(&purpose).send().await;
    let mut pages = BTreeMap::new();
    let mut ahead = vec![
        "/".to_owned(),
        "/search".to_owned(),
        "/reasons".to_owned(),
        "/audit".to_owned(),
        "/login".to_owned(),
        "/nowhere".to_owned(),
    ];
    let mut seen: HashSet<String> = ahead.iter().cloned().collect();
    while let Some(path) = ahead.pop() {
        let answer = world.nobody("GET", &path).session(&session).send().await;
        let expected: &[u16] = match path.as_str() {
            "/nowhere" => &[404],
            "/" | "/search" | "/audit" => &[200, 403],
            _ => &[200],
        };
        assert!(expected.contains(&answer.status), "{role} {path}: {} {}", answer.status, answer.text());
        if answer.header("content-type") != Some("text/html; charset=utf-8") {
            assert!(path.ends_with("/export"), "{path} is no page");
            continue;
        }
        for tag in html::tags(&answer.text()) {
            let Some(href) = tag.get("href").filter(|href| tag.name == "a" && href.starts_with('/')) else { continue };
            let href = href.replace("&#38;", "&");
            if seen.insert(href.clone()) {
                ahead.push(href);
            }
        }
        pages.insert(path, answer.text());
    }
    for (path, form) in [
        ("/search", [("q", EVIL), ("integration", "")]),
        ("/search", [("q", "Ada"), ("integration", CHIRON)]),
        ("/search", [("q", "A-1"), ("integration", "")]),
        ("/audit", [("subject", EVIL), ("check", "yes")]),
        ("/login", [("token", EVIL), ("next", EVIL)]),
    ] {
        let answer = world.nobody("POST", path).session(&session).form(&form).send().await;
        assert!(matches!(answer.status, 200 | 401 | 403), "{role} {path}: {}", answer.status);
        pages.insert(format!("{path} {form:?}"), answer.text());
    }
    pages
}

#[tokio::test]
async fn every_page_is_sound_safe_and_usable_without_seeing() {
    let world = hostile().await;
    let mut looked_at = BTreeSet::new();
    // Who looks after the installation belongs to no practice, and sees what no practice does.
    let installation = world.engine.create_token(&Actor::operator(), Role::Admin, "installation", None).await.unwrap();
    let form = [("token", installation.token.as_str()), ("next", "/")];
    let logged_in = world.nobody("POST", "/login").form(&form).send().await;
    let cookie = logged_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let mut sessions = vec![(Role::Admin, cookie)];
    for role in [Role::Admin, Role::Desk, Role::Support, Role::Compliance] {
        sessions.push((role, world.log_in(NORTHSIDE, role).await));
    }
    for (role, session) in sessions {
        for (path, page) in crawl(&world, role, session).await {
            let tags = html::tags(&page);
            let at = format!("{role} {path}");
            nothing_inline_or_from_elsewhere(&at, &tags);
            is_balanced(&at, &tags);
            has_landmarks(&at, &tags);
            has_labels(&at, &tags);
            has_headings_in_order(&at, &tags);
            looked_at.insert(path);
        }
    }
    // The crawl came everywhere: each page of the router was among them.
    for route in web::routes().iter().filter(|route| route.surface() == web::Surface::Console && route.method == "GET")
    {
        // The page of a patient is found by a search, which the crawl does not make (`patients.rs` does).
        let is_searched_for = route.path == "/integrations/{id}/patients/{source_id}";
        if is_searched_for
            || matches!(route.path, "/live" | "/assets/{name}" | "/practices/{id}/export" | "/causes/export")
        {
            continue;
        }
        let fits = |path: &&String| {
            let path = path.split(['?', ' ']).next().unwrap();
            let (template, path): (Vec<_>, Vec<_>) = (route.path.split('/').collect(), path.split('/').collect());
            template.len() == path.len() && template.iter().zip(&path).all(|(t, p)| t == p || t.starts_with('{'))
        };
        assert!(looked_at.iter().any(|path| fits(&path)), "{} is not linked from anywhere", route.path);
    }
}

fn nothing_inline_or_from_elsewhere(at: &str, tags: &[Tag]) {
    for tag in tags {
        assert!(tag.name != "style" && tag.name != "iframe" && tag.name != "base", "{at}: <{}>", tag.name);
        if tag.name == "script" && !tag.closes {
            assert!(tag.get("src").is_some() && tag.text.trim().is_empty(), "{at}: an inline script: {tag:?}");
        }
        for (name, value) in &tag.attributes {
            assert!(!name.starts_with("on") && name != "style", "{at}: {name} in {tag:?}");
            let leads = matches!(name.as_str(), "src" | "href" | "action" | "data-live");
            // A link may lead elsewhere; nothing may be loaded from there or sent there.
            let to_demo = tag.name == "a" && value.starts_with("http://127.0.0.1:9/");
            let own = value.starts_with('/') && !value.starts_with("//") || value.starts_with('#');
            assert!(!leads || own || to_demo, "{at}: {name}={value} in <{}>", tag.name);
        }
        if tag.name == "img" {
            assert!(tag.get("alt").is_some() && tag.get("src").unwrap().starts_with("/assets/"), "{at}: {tag:?}");
        }
    }
}

fn is_balanced(at: &str, tags: &[Tag]) {
    const EMPTY: &[&str] = &["meta", "link", "img", "input", "br"];
    let mut open: Vec<&str> = Vec::new();
    for tag in tags.iter().filter(|tag| !EMPTY.contains(&tag.name.as_str())) {
        if tag.closes {
            assert_eq!(open.pop(), Some(tag.name.as_str()), "{at}: </{}> does not fit {open:?}", tag.name);
        } else {
            open.push(&tag.name);
        }
    }
    assert!(open.is_empty(), "{at}: {open:?} stay open");
}

fn has_landmarks(at: &str, tags: &[Tag]) {
    let count = |name: &str| tags.iter().filter(|tag| tag.name == name && !tag.closes).count();
    assert_eq!(tags[0].get("lang"), Some("en"), "{at}");
    for name in ["title", "main", "h1", "header", "footer"] {
        // A table's or section's own header would be one too many; there are none.
        assert_eq!(count(name), 1, "{at}: <{name}>");
    }
    let title = tags.iter().find(|tag| tag.name == "title").unwrap();
    assert!(title.text.ends_with(" – Punctual") && title.text.len() > 15, "{at}: {}", title.text);
    let first_link = tags.iter().find(|tag| tag.name == "a").unwrap();
    assert_eq!(first_link.get("href"), Some("#main"), "{at}: the first link skips to the content");
    assert!(tags.iter().any(|tag| tag.name == "main" && tag.get("id") == Some("main")), "{at}");
    let navs: Vec<_> =
        tags.iter().filter(|tag| tag.name == "nav" && !tag.closes).map(|tag| tag.get("aria-label")).collect();
    assert_eq!(navs.iter().collect::<HashSet<_>>().len(), navs.len(), "{at}: navigations are told apart");
    assert!(tags.iter().any(|tag| tag.name == "meta" && tag.get("name") == Some("viewport")), "{at}");
}

fn has_labels(at: &str, tags: &[Tag]) {
    let mut ids = HashSet::new();
    for id in tags.iter().filter_map(|tag| tag.get("id")) {
        assert!(ids.insert(id), "{at}: the id {id} is there twice");
        assert!(!id.is_empty() && !id.contains(char::is_whitespace), "{at}: the id {id:?}");
    }
    let labelled: HashSet<&str> =
        tags.iter().filter(|tag| tag.name == "label").filter_map(|tag| tag.get("for")).collect();
    for (n, tag) in tags.iter().enumerate().filter(|(_, tag)| !tag.closes) {
        for reference in ["for", "aria-labelledby", "data-copy"] {
            for id in tag.get(reference).into_iter().flat_map(str::split_whitespace) {
                assert!(ids.contains(id), "{at}: {reference}={id} leads nowhere");
            }
        }
        match tag.name.as_str() {
            "input" | "select" | "textarea" if tag.get("type") != Some("hidden") => {
                assert!(tag.get("id").is_some_and(|id| labelled.contains(id)), "{at}: no label for {tag:?}");
            }
            "button" | "a" | "summary" | "caption" | "th" => {
                let inside = tags[n..].iter().take_while(|inner| !(inner.closes && inner.name == tag.name));
                let text: String = inside.map(|inner| inner.text.trim()).collect();
                assert!(!text.is_empty(), "{at}: an empty {tag:?}");
            }
            "table" => assert_eq!(tags[n + 1].name, "caption", "{at}: a table without a caption"),
            "section" | "article" | "nav" | "aside" => {
                assert!(tag.get("aria-label").or(tag.get("aria-labelledby")).is_some(), "{at}: {tag:?} has no name");
            }
            "form" if tag.get("action").is_some() && tag.get("method") != Some("post") => {
                // A moment says nothing of anybody.
                let inside = tags[n..].iter().take_while(|inner| !(inner.closes && inner.name == "form"));
                for field in inside.filter(|inner| matches!(inner.name.as_str(), "input" | "select" | "textarea")) {
                    let kind = field.get("type");
                    assert_eq!(kind, Some("datetime-local"), "{at}: what is typed must not come into a URL: {tag:?}");
                }
            }
            _ => {}
        }
        if tag.name == "th" {
            assert!(tag.get("scope").is_some(), "{at}: {tag:?}");
        }
    }
}

fn has_headings_in_order(at: &str, tags: &[Tag]) {
    let mut level = 0;
    for tag in tags.iter().filter(|tag| !tag.closes && tag.name.len() == 2 && tag.name.starts_with('h')) {
        let Ok(next) = tag.name[1..].parse::<u32>() else { continue };
        assert!(next <= level + 1, "{at}: <h{next}> after <h{level}>");
        level = next;
    }
}

#[tokio::test]
async fn what_sources_send_is_shown_and_not_run() {
    let world = hostile().await;
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let page = world.nobody("GET", "/").session(&session).send().await.text();
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{page}");
    // It is there, so the test above has something to be right about.
    assert!(html::words(&page).contains("Okafor<script>alert(1)</script>"), "{}", html::words(&page));
}

/// The relative luminance of a colour (WCAG 2).
fn luminance(hex: &str) -> f64 {
    let part = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
    let linear = |c: f64| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(part(1)) + 0.7152 * linear(part(3)) + 0.0722 * linear(part(5))
}

#[tokio::test]
async fn colours_have_enough_contrast_by_day_and_by_night() {
    let world = World::start().await;
    let page = world.nobody("GET", "/login").send().await.text();
    let style = html::tags(&page).into_iter().find(|tag| tag.get("rel") == Some("stylesheet")).unwrap();
    let answer = world.nobody("GET", style.get("href").unwrap()).send().await;
    assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let css = answer.text();
    assert!(!css.contains("url(") && !css.contains("@import"), "the stylesheet loads nothing");
    let (day, night) = css.split_once("prefers-color-scheme: dark").unwrap();
    for (which, text) in [("day", day), ("night", night)] {
        let colour = |name: &str| {
            let (_, behind) = text.split_once(&format!("--{name}: #")).unwrap_or_else(|| panic!("{which}: --{name}"));
            format!("#{}", &behind[..6])
        };
        let tints = ["good", "moving", "waiting", "bad", "odd", "plain"];
        let mut pairs: Vec<(String, String)> = tints.iter().map(|t| ((*t).to_owned(), format!("{t}-tint"))).collect();
        for (ink, on) in [
            ("ink", "paper"),
            ("ink", "sheet"),
            ("ink", "plain-tint"),
            ("soft", "paper"),
            ("soft", "sheet"),
            ("accent", "paper"),
            ("accent", "sheet"),
            ("on-accent", "accent"),
        ] {
            pairs.push((ink.to_owned(), on.to_owned()));
        }
        for (ink, on) in pairs {
            let (a, b) = (luminance(&colour(&ink)), luminance(&colour(&on)));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= 4.5, "{which}: {ink} on {on} has {contrast:.2}");
        }
        let (focus, paper) = (luminance(&colour("focus")), luminance(&colour("paper")));
        assert!((focus.max(paper) + 0.05) / (focus.min(paper) + 0.05) >= 3.0, "{which}: the focus can be seen");
    }
}

crate::harness::stores::on_postgres! {
    every_page_is_sound_safe_and_usable_without_seeing,
    what_sources_send_is_shown_and_not_run,
}

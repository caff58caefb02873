//! The desk's pages: they work without scripts, say what they are, and do what they say.

use crate::support::browser::{form, get};
use crate::support::{quiet_options, running};
use emulators::practice::{PracticeHandle, Status};

const PAGES: [&str; 9] = [
    "/",
    "/?from=2026-12-01",
    "/visits/new?patient=P4001",
    "/visits/A-2004",
    "/visits/A-2017",
    "/patients",
    "/patients/P2004",
    "/patients/new",
    "/types",
];

#[tokio::test]
async fn every_page_is_labelled_and_reachable_without_eyes_or_scripts() {
    let (practice, _receiver) = running(quiet_options()).await;
    let messages = practice.look(|p| p.messages().last().unwrap().control_id.clone());
    let one_message = format!("/messages/{messages}");
    for page in PAGES.into_iter().chain(["/messages", one_message.as_str()]) {
        let answer = get(practice.http, page).await;
        assert_eq!(answer.status, 200, "{page}");
        let html = &answer.body;
        assert!(html.contains("Emulated practice system – not Punctual"), "{page}");
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{page}");
        assert!(!html.contains("<script") && !html.contains("style="), "{page}");
        let handlers = html.split_whitespace().filter(|word| word.starts_with("on") && word.contains('='));
        assert_eq!(handlers.count(), 0, "{page}");
        assert_eq!(html.matches("<h1>").count(), 1, "{page}");
        assert!(html.contains("<main id=\"main\"") && html.contains("href=\"#main\""), "{page}");
        assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"), "{page}");
        for control in
            html.split("<input ").skip(1).chain(html.split("<select ").skip(1)).chain(html.split("<textarea ").skip(1))
        {
            let id = control.split("id=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            assert!(html.contains(&format!("<label for=\"{id}\">")), "{page}: {id} has no label");
            assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{page}: {id} is not unique");
        }
    }
    let sheet = get(practice.http, "/assets/twin.css").await;
    assert_eq!(sheet.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(!sheet.body.contains("http"), "nothing is loaded from elsewhere");
    for missing in ["/nowhere", "/visits/A-0", "/patients/P0", "/messages/0"] {
        let answer = get(practice.http, missing).await;
        assert!(answer.status == 404 && answer.body.contains("Back to the diary"), "{missing}: {}", answer.body);
    }
}

#[tokio::test]
async fn the_diary_shows_today_the_next_days_and_what_became_of_each_message() {
    let (practice, _receiver) = running(quiet_options()).await;
    let html = get(practice.http, "/").await.body;
    assert!(html.contains("Today, Thursday 19 November 2026") && html.contains("Tomorrow, Friday 20 November 2026"));
    assert!(html.contains("/visits/A-2004") && html.contains("/visits/A-2007"), "also what is far ahead");
    assert!(html.contains("S12 accepted") && html.contains("S15 accepted"));
    assert!(html.contains("connected with 127.0.0.1"));
    let morning = html.split("href=\"/visits/A-901\"").nth(1).unwrap();
    assert!(morning[..600].contains("never told"), "{}", &morning[..600]);
}

/// A form sent, and the page that follows it.
async fn submit(practice: &PracticeHandle, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = form(practice.http, path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.body);
    get(practice.http, answer.header("location").unwrap()).await.body
}

#[tokio::test]
async fn dana_adds_the_missing_address() {
    let (practice, receiver) = running(quiet_options()).await;
    let html = get(practice.http, "/patients/P2004").await.body;
    let field = html.split("id=\"email\"").nth(1).unwrap();
    assert!(field.starts_with(" name=\"email\" type=\"text\" value=\"\""), "{}", &field[..60]);
    let page = submit(&practice, "/patients/P2004", &[("email", "new.address@example.com")]).await;
    assert!(page.contains("The record is saved.") && page.contains("value=\"new.address@example.com\""));
    let got = receiver.wait_for(1).await;
    assert_eq!(got[0].trigger(), "A08");
    assert_eq!(
        practice.look(|p| p.patient("P2004").unwrap().email.clone()).as_deref(),
        Some("new.address@example.com")
    );
    let page = submit(&practice, "/patients/P2004", &[("email", "new.address@example.com")]).await;
    assert!(page.contains("Nothing was changed."));
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test]
async fn the_forms_of_a_visit_do_what_they_say() {
    let (practice, receiver) = running(quiet_options()).await;
    let booking = [
        ("patient", "P4002"),
        ("type", "TV30"),
        ("provider", "DR5"),
        ("date", "2026-11-20"),
        ("time", "15:15"),
        ("minutes", "30"),
        ("reason", "Cough"),
        ("note", ""),
    ];
    let page = submit(&practice, "/visits", &booking).await;
    assert!(page.contains("The visit is booked.") && page.contains("Friday 20 November 2026, 15:15, 30 minutes"));
    let id = receiver.wait_for(1).await[0].text("SCH", 2, 1);
    let path = |what: &str| format!("/visits/{id}/{what}");
    let moved = [("date", "2026-11-20"), ("time", "16:00"), ("minutes", "30")];
    assert!(submit(&practice, &path("move"), &moved).await.contains("The visit is moved."));
    let changed = [("type", "TV31"), ("provider", "DR9"), ("status", "Confirmed"), ("note", "<b>bold</b>")];
    let page = submit(&practice, &path("change"), &changed).await;
    assert!(page.contains("The change is saved.") && page.contains("&#60;b&#62;") && !page.contains("<b>"));
    assert!(submit(&practice, &path("cancel"), &[("reason", "Travelling")]).await.contains("Travelling"));
    let page = submit(&practice, "/types/TV31", &[("name", "Telemedicine Visit")]).await;
    assert!(page.contains("The visit type is renamed."));
    assert!(submit(&practice, "/visits/A-1001/no-show", &[]).await.contains("It is noted that nobody came."));
    assert!(submit(&practice, "/visits/A-1002/delete", &[]).await.contains("taken out of the diary"));
    let triggers: Vec<String> = receiver.wait_for(8).await.iter().map(|got| got.trigger()).collect();
    assert_eq!(triggers, ["S12", "S13", "S14", "S15", "S14", "S14", "S26", "S17"]);
    assert_eq!(practice.look(|p| p.visit("A-1001").unwrap().status.clone()), Status::NoShow);
}

#[tokio::test]
async fn what_a_form_cannot_do_is_said_on_the_page_and_what_was_typed_stays() {
    let (practice, receiver) = running(quiet_options()).await;
    let booking = [
        ("patient", "P4002"),
        ("type", "TV30"),
        ("provider", "DR5"),
        ("date", "2027-03-14"),
        ("time", "02:30"),
        ("minutes", "30"),
        ("reason", "A cough since \"Monday\""),
        ("note", ""),
    ];
    let answer = form(practice.http, "/visits", &booking).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("role=\"alert\"") && answer.body.contains("the clocks go forward over it"));
    assert!(answer.body.contains("value=\"A cough since &#34;Monday&#34;\""), "what was typed stays");
    let answer = form(practice.http, "/patients/P4002", &[("family", "Kept"), ("given", " ")]).await;
    assert!(
        answer.status == 422
            && answer.body.contains("The given name must not be empty.")
            && answer.body.contains("value=\"Kept\"")
    );
    let answer =
        form(practice.http, "/visits/A-2017/move", &[("date", "2026-11-20"), ("time", "9:99"), ("minutes", "30")])
            .await;
    assert_eq!(answer.status, 422);
    assert!(receiver.got().is_empty());
}

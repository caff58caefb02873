//! The console in a real browser: with scripts, without them, and by the keyboard alone.

use crate::support::{Browser, Client, ENTER, Finished, Punctual, Scene, TAB, document, punctual, until};
use std::path::Path;

/// A demo that has sent its day.
fn demo(folder: &Path) -> Punctual {
    let demo = Punctual::start(punctual(folder).args(["demo", "--quiet", "--http", "127.0.0.1:0"]));
    let practice = Client::new(demo.told("practice"));
    until("the day is sent", || {
        let state = practice.json("/_twin/state");
        (state["settled"] == true).then_some(()).ok_or_else(|| state["feed"].to_string())
    });
    demo
}

/// Somebody at the front desk types the address that was missing.
fn add_email(demo: &Punctual, patient: &str, email: &str) {
    let practice = Client::new(demo.told("practice"));
    let edited = practice.send(
        "PATCH",
        &format!("/_twin/patients/{patient}"),
        "application/json",
        &format!("{{\"email\": \"{email}\"}}"),
    );
    assert_eq!(edited.status, 200, "{}", edited.body);
}

/// Follows the link that logs in, up to the first page.
fn log_in(browser: &Browser, demo: &Punctual) {
    browser.go(demo.told("login"));
    browser.says("h1", "Today and tomorrow: not safe yet");
}

#[test]
fn a_visit_is_found_by_the_search_box_and_seen_to_heal_without_a_click() {
    let folder = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::open(true) else { return };
    let demo = demo(folder.path());
    log_in(&browser, &demo);
    assert!(browser.title().contains("Today"), "{}", browser.title());
    browser.says(".summary", "need you");

    browser.fill("#top-q", "A-2004");
    browser.press(&ENTER.to_string());
    browser.says("h1", "Search results");
    browser.click(".visits tbody th a");
    browser.says("h1", "Visit A-2004");
    browser.says(".sentence", "No e-mail on the patient's record.");
    assert!(!browser.address().contains('?'), "what was searched for is in no address: {}", browser.address());

    // The page is never left from here on.
    browser.script("window.still = 'the same page'");
    add_email(&demo, "P2004", "first.visit@example.com");
    until("the page shows it", || {
        let sentence = browser.text(".sentence");
        if sentence.contains("No e-mail") { Err(sentence) } else { Ok(()) }
    });
    browser.says(".timeline", "Released");
    assert_eq!(browser.script("return window.still"), "the same page");
    assert!(browser.script("return document.getElementById('spoken').textContent").as_str() != Some(""), "it is told");
    demo.stop();
}

#[test]
fn the_head_of_a_page_is_one_line_where_there_is_room_and_nothing_is_cut_off_on_a_phone() {
    let Some(browser) = Browser::open(true) else { return };
    let scene = Scene::of(&document("chiron", "http://127.0.0.1:9/hook", ""));
    // Whoever sees all of the navigation, under a long name.
    let (role, name) = ("admin", "Guadalupe Villanueva-Castellanos");
    let args = ["token", "create", "--role", role, "--name", name, "--practice", "northside", "--json"];
    let made = Finished::of(scene.command().args(args)).json();
    browser.go(&format!("http://{}/login", scene.service.told("http")));
    browser.fill("#token", made["token"].as_str().unwrap());
    browser.press(&ENTER.to_string());
    browser.says("h1", "Today and tomorrow");
    // Of everything in the head, the lowest upper edge and the highest lower edge.
    let edges = "const all = [...document.querySelectorAll('.top > *, .top nav li, .top button, .top input')]\
                 .map(part => part.getBoundingClientRect());\
                 return [Math.max(...all.map(box => box.top)), Math.min(...all.map(box => box.bottom)),\
                 document.querySelector('.top').offsetHeight <= 1.7 * document.querySelector('.top button').offsetHeight,\
                 document.querySelector('#top-q').getBoundingClientRect().width,\
                 document.documentElement.scrollWidth - window.innerWidth]";
    let measured = |width: u32| {
        browser.resize(width, 900);
        let told = browser.script(edges);
        let number = |at: usize| told[at].as_f64().unwrap();
        assert!(number(4) <= 0.0, "at {width} px the page is wider than the window: {told}");
        (number(0) < number(1) && told[2] == true, number(3))
    };
    for width in [1200, 1280, 1440, 1920] {
        let (one_line, field) = measured(width);
        assert!(one_line, "at {width} px the head takes more than one line");
        assert!(field >= 90.0, "at {width} px there is no room to type: {field}");
    }
    assert!(!measured(375).0, "on a phone it takes several");
    scene.service.stop();
}

#[test]
fn everything_works_by_the_keyboard_alone() {
    let folder = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::open(true) else { return };
    let demo = demo(folder.path());
    log_in(&browser, &demo);

    // The first stop of every page leads past the navigation, to the soonest visit and its page.
    browser.go(&format!("http://{}/", demo.told("http")));
    browser.press(&TAB.to_string());
    // It shows itself when it has the focus, and a driver tells no text before that is painted.
    until("the first stop shows itself", || {
        let focused = browser.focused();
        if focused.text == "Skip to the content" { Ok(()) } else { Err(format!("{} {:?}", focused.name, focused.text)) }
    });
    browser.press(&ENTER.to_string());
    let presses = browser.tab_to("the first visit", |focused| focused.href.contains("/appointments/"));
    assert_eq!(presses, 1, "the soonest visit is the first thing behind it");
    // Which one that is depends on the time of day: one that began before midnight is not today's any more.
    let soonest = browser.focused().href.rsplit('/').next().unwrap().to_owned();
    browser.press(&ENTER.to_string());
    browser.says("h1", &format!("Visit {soonest}"));
    browser.tab_to("driving it again", |focused| focused.text.starts_with("Drive it again"));
    browser.press(&ENTER.to_string());
    browser.says("h1", "again");

    // The action that ends a cause: from the navigation to the field, and off.
    browser.tab_to("the causes", |focused| focused.href.ends_with("/causes"));
    browser.press(&ENTER.to_string());
    browser.says("h1", "Causes");
    browser.tab_to("the field for the link", |focused| focused.name == "input" && focused.id.starts_with("link-"));
    browser.press(&format!("prov_9{ENTER}"));
    browser.says(".notice", "Linked.");
    let api = Client::new(demo.told("http")).token(demo.told("token"));
    for source_id in ["A-2001", "A-2002", "A-2003"] {
        until(&format!("{source_id} goes"), || {
            let explanation = api.json(&format!("/api/v1/integrations/northside-chiron/appointments/{source_id}"));
            (explanation["verdict"] == "in_sync").then_some(()).ok_or_else(|| explanation["sentence"].to_string())
        });
    }
    demo.stop();
}

#[test]
fn everything_works_without_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::open(false) else { return };
    let demo = demo(folder.path());
    log_in(&browser, &demo);
    browser.fill("#top-q", "A-2004");
    browser.press(&ENTER.to_string());
    browser.says("h1", "Search results");
    browser.click(".visits tbody th a");
    browser.says(".sentence", "No e-mail on the patient's record.");
    let buttons = browser.script("return [...document.querySelectorAll('[data-copy]')].every(button => button.hidden)");
    assert_eq!(buttons, true, "no script of the page ran: what needs one is not shown");
    browser.click("#evidence-email_present summary");
    browser.says("#evidence-email_present dl", "an e-mail address on the patient's record");
    let case = browser.address();

    add_email(&demo, "P2004", "first.visit@example.com");
    until("the page, asked for again, shows it", || {
        browser.go(&case);
        let sentence = browser.text(".sentence");
        if sentence.contains("No e-mail") { Err(sentence) } else { Ok(()) }
    });

    browser.click(".top nav a[href='/causes']");
    browser.says("h1", "Causes");
    browser.fill("input[id^='link-']", "prov_9");
    browser.click("form[action$='/links'] button");
    browser.says(".notice", "Linked.");
    browser.click(".viewer button");
    browser.says("h1", "Log in");
    browser.go(&case);
    browser.says("h1", "Log in");
    demo.stop();
}

//! What people do in the console, page by page, without scripts.

use crate::harness::html::{self, main_words, words};
use crate::harness::{Answer, CHIRON, Mood, NORTHSIDE, Visit, World};
use engine::ops::Role;
use web::{Access, Surface};

async fn look(world: &World, session: &str, path: &str) -> Answer {
    world.nobody("GET", path).session(session).send().await
}

async fn send(world: &World, session: &str, path: &str, form: &[(&str, &str)]) -> Answer {
    world.nobody("POST", path).session(session).form(form).send().await
}

#[tokio::test]
async fn logging_in_leads_where_one_wanted_to_go() {
    let world = World::start().await;
    let asked = world.nobody("GET", "/causes").send().await;
    assert_eq!(asked.status, 401);
    assert!(asked.text().contains(r#"name="next" value="/causes""#), "{}", asked.text());
    let token = world.token(NORTHSIDE, Role::Desk);
    let form = [("token", token), ("next", "/causes")];
    let answer = world.nobody("POST", "/login").form(&form).send().await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/causes")));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(token), "the cookie is not the token");
    for evil in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let answer = world.nobody("POST", "/login").form(&[("token", token), ("next", evil)]).send().await;
        assert_eq!(answer.header("location"), Some("/"), "{evil}");
    }
    let wrong = world.nobody("POST", "/login").form(&[("token", "pct_wrong"), ("next", "/causes")]).send().await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.header("set-cookie").is_none());
    assert!(words(&wrong.text()).contains("This token is not known"));
    // Who has no business with visits lands elsewhere.
    for (role, home) in [(Role::Compliance, "/audit"), (Role::Platform, "/reasons"), (Role::Support, "/")] {
        let form = [("token", world.token(NORTHSIDE, role)), ("next", "/")];
        let answer = world.nobody("POST", "/login").form(&form).send().await;
        assert_eq!(answer.header("location"), Some(home), "{role}");
    }
}

#[tokio::test]
async fn logging_out_ends_the_session_itself() {
    let world = World::start().await;
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    assert_eq!(look(&world, &session, "/").await.status, 200);
    let answer = send(&world, &session, "/logout", &[]).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/login")));
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(look(&world, &session, "/").await.status, 401, "also for whoever kept the cookie");
}

#[tokio::test]
async fn a_one_time_link_logs_in_once() {
    let world = World::start().await;
    let link = format!("/login?once={}", world.once);
    let first = world.nobody("GET", &link).send().await;
    assert_eq!(first.status, 200);
    let session = first.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    assert!(first.text().contains(r#"http-equiv="refresh" content="0; url=/""#), "{}", first.text());
    assert_eq!(look(&world, &session, "/").await.status, 200);
    let second = world.nobody("GET", &link).send().await;
    assert_eq!(second.status, 401);
    assert!(second.header("set-cookie").is_none());
}

#[tokio::test]
async fn forms_of_other_sites_are_not_taken() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").unlinked().message()).await;
    let session = world.log_in(NORTHSIDE, Role::Admin).await;
    let forms = web::routes().into_iter().filter(|route| route.surface() == Surface::Console && route.method == "POST");
    let mut checked = 0;
    for route in forms {
        let path = route.path.replace("{id}", CHIRON).replace("{source_id}", "A-1");
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")]
        {
            let answer =
                world.nobody("POST", &path).session(&session).header(name, value).form(&[("q", "x")]).send().await;
            assert_eq!(answer.status, 403, "{path} {value}");
            assert!(words(&answer.text()).contains("not sent from one of Punctual's own pages"), "{}", answer.text());
        }
        checked += 1;
        assert!(route.access == Access::Open || route.path != "/login");
    }
    assert!(checked >= 8);
    let own = format!("http://{}", world.address);
    let answer =
        world.nobody("POST", "/search").session(&session).header("origin", &own).form(&[("q", "A-1")]).send().await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn the_first_page_says_what_is_not_safe_and_what_to_do() {
    let world = World::start().await;
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let empty = main_words(&look(&world, &session, "/").await);
    assert!(empty.contains("No visits today or tomorrow."), "{empty}");
    assert!(empty.contains("Everything is where it should be."), "{empty}");
    world.receive(&Visit::new("A-1").message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let happy = main_words(&look(&world, &session, "/").await);
    assert!(happy.contains("The one visit is fine.") && happy.contains("Nothing needs you right now"), "{happy}");
    // No e-mail, in half an hour: the top of the list.
    let soon = Visit {
        start: "20261121093405".to_owned(),
        end: "20261121100000".to_owned(),
        email: String::new(),
        ..Visit::new("A-2")
    };
    world.receive(&soon.message()).await;
    world.platform.be(Mood::Accepts);
    world
        .receive(
            &Visit {
                sent: "20261121090400".to_owned(),
                start: "20261122140000".to_owned(),
                end: "20261122143000".to_owned(),
                ..Visit::new("A-3")
            }
            .message(),
        )
        .await;
    world.until_verdict("A-3", "on_time").await;
    let page = look(&world, &session, "/").await;
    let text = main_words(&page);
    assert!(text.contains("1 of 3 visits is fine. 1 is on its way. 1 needs you."), "{text}");
    assert!(text.contains("Today, Sat 21 Nov 2026. Times in America/Chicago."), "{text}");
    assert!(text.contains("09:34") && text.contains("in 30 min"), "{text}");
    assert!(text.contains("No e-mail on the patient's record."), "{text}");
    assert!(text.contains("Add the e-mail address to the patient's record in the practice system"), "{text}");
    assert!(text.contains("Heals by itself, by"), "{text}");
    for jargon in ["envelope", "feed", "HL7", "SIU", "MSH"] {
        assert!(!text.contains(jargon), "{jargon} in {text}");
    }
    insta::assert_snapshot!("first_page", text);
    // She adds the address in the practice system and touches nothing else.
    world.platform.be(Mood::Confirms);
    let fixed =
        Visit { trigger: "S14", sent: "20261121090500".to_owned(), email: "ada@patients.example".to_owned(), ..soon };
    world.receive(&fixed.message()).await;
    world.until_verdict("A-2", "in_sync").await;
    assert!(!main_words(&look(&world, &session, "/").await).contains("No e-mail"));
    let story = main_words(&look(&world, &session, &format!("/integrations/{CHIRON}/appointments/A-2")).await);
    let mut rest = story.split_once("What happened").unwrap().1;
    for step in ["Held No e-mail", "Received", "Confirmed", "Told The platform tells the patient."] {
        rest = rest.split_once(step).unwrap_or_else(|| panic!("{step} in {rest}")).1;
    }
    let notices = story.matches("The platform tells the patient.").count();
    assert_eq!(notices, 1, "one notice: {story}");
}

#[tokio::test]
async fn the_page_of_a_visit_tells_everything_in_order() {
    let world = World::start().await;
    world.receive(&Visit { kind: "Telemedicine Vist".to_owned(), ..Visit::new("A-1").unlinked() }.message()).await;
    world.receive(&Visit::new("A-2").unlinked().message()).await;
    let session = world.log_in(NORTHSIDE, Role::Support).await;
    let page = look(&world, &session, &format!("/integrations/{CHIRON}/appointments/A-1")).await;
    let text = main_words(&page);
    // Two things stop it, and the page says at the top that one fix is not enough.
    let top = text.split_once("The visit").unwrap().0;
    let (_, besides) = top.split_once("That alone does not release it. Also needed:").unwrap();
    assert!(besides.contains("Who:") && !besides.contains("PASS"), "{besides}");
    // S0-5: the families come in ladder order, and a failing gate hides none behind it.
    let mut rest = text.split_once("Every check, in order").unwrap().1;
    for family in
        ["Integration", "Provider", "Patient", "Type and place", "Time", "Status", "Delivery", "Telling people"]
    {
        rest = rest.split_once(family).unwrap_or_else(|| panic!("{family} in {rest}")).1;
    }
    assert!(text.contains("2 stop it"), "{text}");
    // S1-6: the difference, mark by mark and in words.
    let marks: Vec<_> = html::tags(&page.text()).into_iter().filter(|tag| tag.name == "del" && !tag.closes).collect();
    assert!(!marks.is_empty());
    assert!(text.contains("Letter by letter: Telemedicine Vis missing: i t"), "{text}");
    assert!(text.contains("\"i\" is missing after \"Telemedicine Vis\""), "{text}");
    // Owner, fix, effort and ending, also of the second stop.
    assert!(text.contains("Platform support") && text.contains("a few minutes"), "{text}");
    assert!(text.contains("The same fix would also release") && text.contains("A-2"), "{text}");
    assert!(page.text().contains(&format!("href=\"/integrations/{CHIRON}/appointments/A-2\"")));
    insta::assert_snapshot!("page_of_a_visit", redacted(&text));
    // The ready answer names no patient, whoever looks.
    let admin = world.log_in(NORTHSIDE, Role::Admin).await;
    let open = look(&world, &admin, &format!("/integrations/{CHIRON}/appointments/A-1")).await.text();
    let answer = open.split_once("<textarea").unwrap().1.split_once("</textarea>").unwrap().0;
    assert!(answer.contains("with Kim Lee") && answer.contains("What to do:"), "{answer}");
    assert!(!answer.contains("Okafor") && !answer.contains("Ada") && !answer.contains("P-A-1"), "{answer}");
    assert!(open.contains("Ada Okafor"), "the page itself shows the name to whoever may see it");
}

fn redacted(text: &str) -> String {
    let hide = |word: &str| {
        let id = word.find("env_").map(|at| format!("{}env_…", &word[..at]));
        let control = word.strip_prefix('M').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        id.unwrap_or_else(|| if control { "M…".to_owned() } else { word.to_owned() })
    };
    text.split(' ').map(hide).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_cause_is_fixed_by_a_form_and_its_visits_go_on() {
    let world = World::start().await;
    for id in ["A-1", "A-2"] {
        world.receive(&Visit::new(id).unlinked().message()).await;
    }
    world.receive(&Visit { email: "no address".to_owned(), ..Visit::new("A-3") }.message()).await;
    let session = world.log_in(NORTHSIDE, Role::Support).await;
    let text = main_words(&look(&world, &session, "/causes").await);
    assert!(text.starts_with("Causes 2 things to fix."), "{text}");
    let (provider, email) = (text.find("No Connected Provider Account: DR9"), text.find("E-mail address not valid"));
    assert!(provider.unwrap() < email.unwrap(), "most visits first: {text}");
    assert!(text.contains("Sat 21 Nov 2026, 12:00 (America/Chicago)"), "{text}");
    let form = [("kind", "provider"), ("source_id", "DR9"), ("platform_id", "prov_9")];
    let linked = send(&world, &session, &format!("/integrations/{CHIRON}/links"), &form).await;
    assert_eq!((linked.status, linked.header("location")), (303, Some("/causes?done=linked")));
    for id in ["A-1", "A-2"] {
        world.until_verdict(id, "in_sync").await;
    }
    let after = main_words(&look(&world, &session, "/causes?done=linked").await);
    assert!(after.contains("Linked.") && after.contains("1 thing to fix.") && !after.contains("DR9"), "{after}");
    let odd = main_words(&look(&world, &session, "/causes?done=%3Cb%3Eyou+won").await);
    assert!(!odd.contains("you won"), "only our own words are shown: {odd}");
    // The desk sees no form for what it may not do.
    world.receive(&Visit::new("A-4").unlinked().message()).await;
    world.ask(Role::Admin, "DELETE", &format!("/api/v1/integrations/{CHIRON}/links/provider/DR9")).send().await;
    world.until_verdict("A-4", "held").await;
    let desk = world.log_in(NORTHSIDE, Role::Desk).await;
    assert!(!look(&world, &desk, "/causes").await.text().contains("name=\"platform_id\""));
    assert_eq!(send(&world, &desk, &format!("/integrations/{CHIRON}/links"), &form).await.status, 403);
}

#[tokio::test]
async fn a_decision_is_made_by_a_form() {
    let world = World::start().await;
    let past = Visit {
        start: "20261121083000".to_owned(),
        end: "20261121084500".to_owned(),
        sent: "20261121080000".to_owned(),
        ..Visit::new("A-1")
    };
    world.receive(&past.message()).await;
    world.until_verdict("A-1", "held").await;
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let page = look(&world, &session, "/causes").await;
    let action = html::tags(&page.text()).into_iter().filter_map(|tag| tag.get("action").map(str::to_owned));
    let action = action.into_iter().find(|action| action.ends_with("/decision")).expect("a form");
    let answer = send(&world, &session, &action, &[("note", "not needed any more"), ("decision", "discard")]).await;
    assert_eq!(answer.header("location"), Some("/causes?done=decided"));
    let left_out = world.until_verdict("A-1", "excluded").await;
    assert_eq!(left_out["primary"], "LEFT_OUT_BY_DECISION");
}

#[tokio::test]
async fn searching_goes_by_post_and_absence_is_explained() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").message()).await;
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let found = send(&world, &session, "/search", &[("q", "Okafor")]).await;
    assert!(
        main_words(&found).contains("northside-chiron: 1 found. Times in America/Chicago."),
        "{}",
        main_words(&found)
    );
    let absent = main_words(&send(&world, &session, "/search", &[("q", "Hopper")]).await);
    assert!(absent.contains("No visit found.") && absent.contains("Nothing has been read"), "{absent}");
    world.prove_reading(true).await;
    let absent = main_words(&send(&world, &session, "/search", &[("q", "Hopper")]).await);
    assert!(absent.contains("It was never received") && absent.contains("What was read"), "{absent}");
}

#[tokio::test]
async fn an_integration_shows_its_way_and_its_next_step() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").unlinked().message()).await;
    let session = world.log_in(NORTHSIDE, Role::Engineer).await;
    let path = format!("/integrations/{CHIRON}");
    let text = main_words(&look(&world, &session, &path).await);
    assert!(text.contains("initiated , done ✓ authorized , done ✓ configured , done ● live"), "{text}");
    assert!(text.contains("1 ! Held") && text.contains("everything that arrived was taken in"), "{text}");
    let paused = send(&world, &session, &format!("{path}/lifecycle"), &[("to", "paused")]).await;
    assert_eq!(paused.header("location"), Some("/integrations/northside-chiron?done=moved"));
    let text = main_words(&look(&world, &session, &path).await);
    assert!(text.contains("Resume: set live again"), "{text}");
    let jump = send(&world, &session, &format!("{path}/lifecycle"), &[("to", "initiated")]).await;
    assert_eq!(jump.status, 409);
    assert!(main_words(&jump).contains("cannot become initiated in one step"), "{}", main_words(&jump));
    let desk = world.log_in(NORTHSIDE, Role::Desk).await;
    assert!(!look(&world, &desk, &path).await.text().contains("/lifecycle"), "no button for those who may not");
    let list = main_words(&look(&world, &desk, &format!("{path}/appointments?verdict=held")).await);
    assert!(list.contains("Kim Lee"), "{list}");
    let admin = world.log_in(NORTHSIDE, Role::Admin).await;
    let export = look(&world, &admin, "/practices/northside/export").await;
    assert_eq!(export.header("content-disposition"), Some("attachment; filename=\"practice.toml\""));
    assert!(export.text().contains("[practice]"));
}

#[tokio::test]
async fn driving_again_shows_first_what_would_come_of_it() {
    let world = World::start().await;
    world.platform.be(Mood::Refuses);
    world.receive(&Visit::new("A-1").message()).await;
    world.until_verdict("A-1", "failed").await;
    world.platform.be(Mood::Confirms);
    let session = world.log_in(NORTHSIDE, Role::Support).await;
    let case = format!("/integrations/{CHIRON}/appointments/A-1");
    assert!(look(&world, &session, &case).await.text().contains(&format!("href=\"{case}/redrive\"")));
    let preview = main_words(&look(&world, &session, &format!("{case}/redrive")).await);
    assert!(preview.contains("Now: ✕ Failed Then:"), "{preview}");
    world.until_verdict("A-1", "failed").await;
    let driven = send(&world, &session, &format!("{case}/redrive"), &[]).await;
    assert_eq!(driven.header("location"), Some(format!("{case}?done=driven").as_str()));
    world.until_verdict("A-1", "in_sync").await;
    let desk = world.log_in(NORTHSIDE, Role::Desk).await;
    assert!(!look(&world, &desk, &case).await.text().contains("/redrive"));
}

#[tokio::test]
async fn reasons_and_gates_explain_themselves() {
    let world = World::start().await;
    let session = world.log_in(NORTHSIDE, Role::Compliance).await;
    let all = look(&world, &session, "/reasons").await;
    for reason in domain::reasons::Reason::ALL {
        assert!(all.text().contains(&format!("href=\"/reasons/{reason}\"")), "{reason}");
    }
    let one = main_words(&look(&world, &session, "/reasons/PATIENT_EMAIL_MISSING").await);
    assert!(one.contains("Front desk") && one.contains("under a minute"), "{one}");
    let gate = main_words(&look(&world, &session, "/gates/email_present").await);
    assert!(gate.contains("What it checks") && gate.contains("Why it matters"), "{gate}");
    for nowhere in ["/reasons/NOPE", "/gates/nope"] {
        assert_eq!(look(&world, &session, nowhere).await.status, 404);
    }
}

#[tokio::test]
async fn the_audit_log_is_read_narrowed_and_checked() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").message()).await;
    world.explain("A-1").await;
    let session = world.log_in(NORTHSIDE, Role::Compliance).await;
    let all = main_words(&look(&world, &session, "/audit").await);
    assert!(all.contains("admin of northside (admin)") && all.contains("view"), "{all}");
    let one = main_words(&send(&world, &session, "/audit", &[("subject", "northside-chiron/A-1")]).await);
    assert!(one.contains("About northside-chiron/A-1"), "{one}");
    let none = main_words(&send(&world, &session, "/audit", &[("subject", "nothing")]).await);
    assert!(none.contains("Nothing is noted."), "{none}");
    let checked = main_words(&send(&world, &session, "/audit", &[("check", "yes")]).await);
    assert!(checked.contains("The log is whole"), "{checked}");
}

crate::harness::stores::on_postgres! {
    logging_in_leads_where_one_wanted_to_go,
    logging_out_ends_the_session_itself,
    a_one_time_link_logs_in_once,
    the_first_page_says_what_is_not_safe_and_what_to_do,
    the_page_of_a_visit_tells_everything_in_order,
    a_cause_is_fixed_by_a_form_and_its_visits_go_on,
    a_decision_is_made_by_a_form,
    searching_goes_by_post_and_absence_is_explained,
    an_integration_shows_its_way_and_its_next_step,
    driving_again_shows_first_what_would_come_of_it,
    the_audit_log_is_read_narrowed_and_checked,
}

//! `punctual checks`: the data checks asked now, on a store and of a running service.

use crate::support::{Finished, INTEGRATION, Mllp, Receiver, Scene, Visit, document};
use serde_json::Value;

#[test]
fn s3_22_checks_are_asked_now_from_the_command_line_and_the_status_says_whether_one_fails() {
    let platform = Receiver::start();
    let mut scene = Scene::of(&document("chiron", &platform.url(), ""));
    scene.tell(&Visit::new("A-1"), "S12");
    let (url, token) = (format!("http://{}", scene.service.told("http")), scene.token.clone());
    let checks = |args: &[&str], remote: bool| {
        let mut command = scene.command();
        command.arg("checks").args(args);
        if remote {
            command.env("PUNCTUAL_URL", &url).env("PUNCTUAL_TOKEN", &token);
        }
        Finished::of(&mut command)
    };
    let before = checks(&["list", INTEGRATION], false).done();
    assert!(before.contains("Messages that could not be applied: not asked yet (at most 0)"), "{before}");
    // One message says nothing of which visit it is about.
    let nameless = Visit::new("A-2").message("S12").1.replace("SCH||A-2|", "SCH|||");
    let mut feed = Mllp::connect(scene.service.told("mllp")).unwrap();
    assert_ne!(feed.send(&nameless).unwrap().0, "AA");

    // The same words whoever is asked; the second one comes within the minute, or a minute later and finds the same.
    for remote in [true, false] {
        let ran = checks(&["run", INTEGRATION], remote);
        assert_eq!(ran.code, 1, "one fails: {}", ran.out);
        for expected in [
            "Messages that could not be applied: FAILED (at most 0); 1, at 20",
            "; admin: Open the messages kept",
            "Incomplete visits: too few to say (at most 2 %); 0 of 1, 0 %, at 20",
        ] {
            assert!(ran.out.contains(expected), "{expected} is not in {}", ran.out);
        }
        let listed = checks(&["list", INTEGRATION, "--json"], remote);
        let found: Value = serde_json::from_str(&listed.out).unwrap();
        assert_eq!((listed.code, found["items"].as_array().unwrap().len()), (1, 9));
    }
    let unknown = checks(&["run", "no-such-integration"], false);
    assert_eq!(unknown.code, 2, "{}", unknown.err);
    scene.service.stop();
}

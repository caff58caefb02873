//! A real browser without a window, driven over WebDriver (the W3C's protocol: JSON over HTTP).

use crate::support::{Client, until};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The name under which the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// The keys of the protocol.
pub(crate) const TAB: char = '\u{e004}';
pub(crate) const ENTER: char = '\u{e007}';

/// A browser with a profile of its own; it goes away with this value.
pub(crate) struct Browser {
    client: Client,
    session: String,
    _driver: Driver,
    _profile: tempfile::TempDir,
}

/// The driver's process; it ends with this value, also when no browser came of it.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// An element of a page.
#[derive(Clone, Debug)]
pub(crate) struct Element(String);

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests decides whether there is a browser")]
fn is_switched_off() -> bool {
    std::env::var("PUNCTUAL_TEST_BROWSER").is_ok_and(|word| word == "off")
}

impl Browser {
    /// Opens a browser; `None` when whoever runs the tests switched it off.
    pub(crate) fn open(scripts: bool) -> Option<Browser> {
        if is_switched_off() {
            println!("skipped: PUNCTUAL_TEST_BROWSER=off");
            return None;
        }
        let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut driver = started.unwrap_or_else(|error| {
            panic!(
                "chromedriver cannot be started ({error}). Install it, on Debian with: apt-get install chromium \
                 chromium-driver. To go without these tests: PUNCTUAL_TEST_BROWSER=off"
            )
        });
        let said = BufReader::new(driver.stdout.take().expect("its output is piped"));
        let driver = Driver(driver);
        let port = said.lines().map_while(Result::ok).find_map(|line| {
            let port = line.split("successfully on port ").nth(1)?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let client = Client::new(&format!("127.0.0.1:{}", port.expect("it says on which port it listens")));
        let profile = tempfile::tempdir().expect("there is room for a profile");
        let mut options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--window-size=1280,900",
            format!("--user-data-dir={}", profile.path().display()),
        ] });
        if !scripts {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let answer = client.post("/session", &json!({ "capabilities": { "alwaysMatch": wanted } })).json();
        let session =
            answer["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no browser: {answer}")).to_owned();
        Some(Browser { client, session, _driver: driver, _profile: profile })
    }

    fn ask(&self, method: &str, what: &str, body: &Value) -> Result<Value, String> {
        let path = format!("/session/{}{what}", self.session);
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let answer = self.client.send(method, &path, "application/json", &body);
        let value = answer.json()["value"].clone();
        if answer.status == 200 { Ok(value) } else { Err(value["message"].to_string()) }
    }

    fn must(&self, method: &str, what: &str, body: &Value) -> Value {
        self.ask(method, what, body).unwrap_or_else(|error| panic!("{method} {what}: {error}"))
    }

    /// Opens an address.
    pub(crate) fn go(&self, url: &str) {
        self.must("POST", "/url", &json!({ "url": url }));
    }

    /// The title of the page.
    pub(crate) fn title(&self) -> String {
        self.must("GET", "/title", &json!({})).as_str().unwrap_or_default().to_owned()
    }

    /// The address of the page.
    pub(crate) fn address(&self) -> String {
        self.must("GET", "/url", &json!({})).as_str().unwrap_or_default().to_owned()
    }

    /// The first element that fits, as soon as there is one.
    pub(crate) fn find(&self, selector: &str) -> Element {
        until(&format!("{selector} is on the page"), || {
            let found = self.ask("POST", "/element", &json!({ "using": "css selector", "value": selector }))?;
            Ok(Element(found[ELEMENT].as_str().unwrap_or_default().to_owned()))
        })
    }

    /// The text of an element as it is seen.
    pub(crate) fn text(&self, selector: &str) -> String {
        until(&format!("{selector} has a text"), || {
            // A page that keeps itself current may take the element away between the two questions.
            let Element(id) = self.find(selector);
            let text = self.ask("GET", &format!("/element/{id}/text"), &json!({}))?;
            Ok(text.as_str().unwrap_or_default().to_owned())
        })
    }

    /// Waits until an element says something.
    pub(crate) fn says(&self, selector: &str, text: &str) {
        until(&format!("{selector} says {text:?}"), || {
            let seen = self.text(selector);
            if seen.contains(text) { Ok(()) } else { Err(seen) }
        });
    }

    /// Clicks an element.
    pub(crate) fn click(&self, selector: &str) {
        let Element(id) = self.find(selector);
        self.must("POST", &format!("/element/{id}/click"), &json!({}));
    }

    /// Types into an element.
    pub(crate) fn fill(&self, selector: &str, text: &str) {
        let Element(id) = self.find(selector);
        self.must("POST", &format!("/element/{id}/value"), &json!({ "text": text }));
    }

    /// Presses keys wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let each = keys.chars().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })));
        let actions = json!([{ "type": "key", "id": "keys", "actions": each.collect::<Vec<_>>() }]);
        self.must("POST", "/actions", &json!({ "actions": actions }));
    }

    /// What has the focus: its name, its text and its place on the page.
    pub(crate) fn focused(&self) -> Focused {
        until("something has the focus", || {
            // A page that keeps itself current may take the element away between two questions.
            let active = self.ask("GET", "/element/active", &json!({}))?;
            let id = active[ELEMENT].as_str().unwrap_or_default().to_owned();
            let of = |what: &str| {
                let value = self.ask("GET", &format!("/element/{id}/{what}"), &json!({}))?;
                Ok::<_, String>(value.as_str().unwrap_or_default().to_owned())
            };
            Ok(Focused { name: of("name")?, text: of("text")?, id: of("attribute/id")?, href: of("attribute/href")? })
        })
    }

    /// Presses the tabulator until this has the focus; how often it took.
    pub(crate) fn tab_to(&self, what: &str, is_it: impl Fn(&Focused) -> bool) -> usize {
        for presses in 1..=120 {
            self.press(&TAB.to_string());
            if is_it(&self.focused()) {
                return presses;
            }
        }
        panic!("{what} cannot be reached by the keyboard on {}", self.address());
    }

    /// Gives pages so many CSS pixels; a window of its own cannot be as narrow as a phone.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        let asked = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics });
        self.must("POST", "/goog/cdp/execute", &asked);
        until("the page has its width", || {
            let is = self.script("return window.innerWidth");
            if is == width { Ok(()) } else { Err(is.to_string()) }
        });
    }

    /// Runs a script in the page.
    pub(crate) fn script(&self, script: &str) -> Value {
        self.must("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }
}

/// What has the focus.
#[derive(Clone, Debug)]
pub(crate) struct Focused {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) id: String,
    pub(crate) href: String,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser first: it would outlive its driver.
        drop(self.ask("DELETE", "", &json!({})));
    }
}

//! `punctual check` against every vendor's twin: let in, refused, and with nobody there. What is to be done then is
//! told in the vendor's own words.

use crate::conformance::{SYSTEMS, System};
use crate::support::{Finished, command};
use emulators::vendors::{DiarySize, VendorOptions, VendorTwin};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use tokio::net::TcpListener;

/// What is said of the source: how it is, the reason, and what to do.
#[derive(Debug, PartialEq)]
struct Told {
    state: String,
    code: String,
    fix: String,
}

/// One system with its twin.
struct Tried {
    system: System,
    names: BTreeMap<String, String>,
    folder: tempfile::TempDir,
    _twin: VendorTwin,
}

impl Tried {
    async fn open(name: &str) -> Tried {
        let system = System::read(name);
        let folder = tempfile::tempdir().unwrap();
        let drop = folder.path().join("drop");
        std::fs::create_dir(&drop).unwrap();
        let mut names = BTreeMap::from([
            ("drop".to_owned(), drop.display().to_string()),
            ("hook".to_owned(), "http://127.0.0.1:9/hook".to_owned()),
        ]);
        let mut switches = system.twin.switches.clone();
        switches.values_mut().for_each(|value| System::fill_json(value, &names));
        let options = VendorOptions { size: DiarySize::Empty, switches, ..VendorOptions::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let twin = VendorTwin::start(&system.twin.vendor, listener, options).unwrap();
        names.insert("twin".to_owned(), format!("http://{}", twin.http));
        System::name_all(&twin.access(), &mut names);
        Tried { system, names, folder, _twin: twin }
    }

    /// Sets the integration up, with the source and the secrets as they are changed, and checks it.
    fn check(&self, change: impl Fn(&mut toml::Table), secret: impl Fn(&str) -> String) -> Told {
        let place = tempfile::tempdir_in(self.folder.path()).unwrap();
        let mut source = self.system.source.clone();
        source.iter_mut().for_each(|(_, value)| System::fill_toml(value, &self.names));
        change(&mut source);
        let document = format!(
            "[practice]\nid = \"northside\"\nname = \"Northside\"\ntime_zone = \"America/Chicago\"\n\n[[integration]]\n\
             id = \"northside\"\nlifecycle = \"configured\"\nsource = {}\n\
             platform = {{ profile = \"webhook\", route = \"webhook\", url = \"http://127.0.0.1:9/hook\" }}\n",
            toml::Value::Table(source)
        );
        std::fs::write(place.path().join("practice.toml"), document).unwrap();
        let secrets: Vec<(String, String)> = self
            .system
            .secrets
            .iter()
            .map(|(name, value)| (name.clone(), secret(&System::fill(value, &self.names))))
            .collect();
        let run = |args: &[&str]| {
            let mut command = command(place.path());
            for (name, value) in &secrets {
                // A secret is in a file or in the environment, by the same name.
                std::fs::write(place.path().join(name), value).unwrap();
                command.env(name, value);
            }
            Finished::of(command.args(args))
        };
        run(&["apply", "practice.toml"]).done();
        read(&run(&["check", "northside", "--json"]))
    }
}

fn read(ended: &Finished) -> Told {
    let readiness: Value = serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    let items = readiness["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["check"] == "source").unwrap_or_else(|| panic!("{readiness}"));
    let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
    Told { state: text("state"), code: text("code"), fix: text("fix") }
}

/// The vendor's words in the profile, under the first of these keys that it has.
fn words(profile: &str, keys: &[&str]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../profiles/sources/{profile}.toml"));
    let table: toml::Table = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let said = keys.iter().find_map(|key| table["access"].get(*key));
    let said = said.unwrap_or_else(|| panic!("{profile} says nothing of access.{keys:?}"));
    said.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_reading_is_let_in_refused_and_missed_in_the_vendors_own_words() {
    for name in SYSTEMS {
        let tried = Tried::open(name).await;
        let profile = tried.system.source["profile"].as_str().unwrap().to_owned();
        let good = tried.check(|_| (), str::to_owned);
        assert_eq!(good, Told { state: "ok".into(), code: String::new(), fix: String::new() }, "{name}");

        let missed = tried.check(
            |source| {
                if source.contains_key("drop") {
                    source["drop"] = tried.folder.path().join("not-there").display().to_string().into();
                } else {
                    // Nobody listens on this port; what comes behind it stays.
                    let twin = &tried.names["twin"];
                    let mut elsewhere = toml::Value::Table(source.clone());
                    System::replace(&mut elsewhere, twin, "http://127.0.0.1:9");
                    *source = elsewhere.as_table().unwrap().clone();
                }
            },
            str::to_owned,
        );
        // A folder that is not there is somebody's to make; a host that does not answer may come back by itself.
        let (code, key) = match tried.system.source.contains_key("drop") {
            true => ("DATABASE_TARGET_MOVED", "missing"),
            false => ("UPSTREAM_OUTAGE", "unreachable"),
        };
        let fix = words(&profile, &[key]);
        assert_eq!(missed, Told { state: "missing".into(), code: code.into(), fix }, "{name}");

        if tried.system.secrets.is_empty() {
            continue;
        }
        let refused = tried.check(|_| (), |secret| format!("not-{secret}"));
        let keys: &[&str] = match refused.code.as_str() {
            "CREDENTIAL_REJECTED" => &["rejected"],
            "GRANT_REVOKED" => &["revoked", "rejected"],
            other => panic!("{name}: a credential that is not taken is told as {other}: {refused:?}"),
        };
        assert_eq!((refused.state.as_str(), &refused.fix), ("missing", &words(&profile, keys)), "{name}");
    }
}

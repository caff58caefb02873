//! The clinics of a world: who works there, who comes, and to which platforms their visits go.

use domain::setup::Document;
use fastrand::Rng;

/// A clinic with its diary system.
#[derive(Clone, Debug)]
pub struct Clinic {
    /// The practice's id.
    pub id: String,
    /// The sending facility.
    pub facility: String,
    /// IANA zone.
    pub zone: &'static str,
    /// Providers who may be named on visits; the last one is unknown to the document until a person adds the link.
    pub providers: usize,
    /// Types of visits; those from `approved` on are not on the list.
    pub kinds: usize,
    /// So many types are on the list from the beginning.
    pub approved: usize,
    /// Patients.
    pub patients: Vec<PatientSeed>,
    /// Where the visits go.
    pub feeds: Vec<Feed>,
    /// The diary is read by asking; otherwise its system sends messages.
    pub asked: bool,
}

/// One integration of a clinic.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Its id.
    pub id: String,
    /// The source profile.
    pub source: &'static str,
    /// The platform profile.
    pub platform: &'static str,
    /// Providers linked from the beginning.
    pub linked: Vec<bool>,
    /// It is paused at first.
    pub configured_only: bool,
    /// Patients of whom the platform has an account that nobody linked.
    pub unlinked_accounts: Vec<usize>,
}

/// A patient as the source has them at first.
#[derive(Clone, Debug)]
pub struct PatientSeed {
    /// Family name.
    pub family: &'static str,
    /// Given name.
    pub given: &'static str,
    /// Day of birth.
    pub born: &'static str,
    /// Address, or none.
    pub email: Option<String>,
}

/// Invented names, no two alike.
const HUMAN_NAMES: [(&str, &str, &str); 12] = [
    ("Okafor", "Ada", "1980-02-29"),
    ("Brandt", "Jonas", "1971-11-03"),
    ("Silva", "Marisol", "1993-06-17"),
    ("Novak", "Petra", "1966-01-24"),
    ("Haddad", "Samir", "1958-09-09"),
    ("Lindgren", "Tove", "2001-12-31"),
    ("Moyo", "Tendai", "1987-07-07"),
    ("Castellano", "Rita", "1949-04-12"),
    ("Fitzwilliam", "Guy", "1976-10-28"),
    ("Yamamoto", "Kenji", "1990-03-15"),
    ("Dvorsky", "Ilse", "1962-08-20"),
    ("Prendergast", "Quinn", "1984-05-05"),
];

/// The route of diaries that are read by asking.
pub const ASKED: &str = "asked";

const ZONES: [&str; 4] = ["America/Chicago", "America/New_York", "Europe/Berlin", "Australia/Sydney"];
const PLATFORMS: [&str; 6] = ["chiron", "chiron", "hale", "healthengine", "webhook", "access-recovery"];

impl Clinic {
    /// Draws a clinic.
    pub fn draw(rng: &mut Rng, number: usize) -> Clinic {
        let providers = rng.usize(2..=4);
        let kinds = rng.usize(1..=3);
        let approved = rng.usize(1..=kinds);
        let mut patients = Vec::new();
        for (at, (family, given, born)) in HUMAN_NAMES.iter().take(rng.usize(3..=10)).enumerate() {
            let own = format!("p{at}.c{number}@patients.example");
            let email = match rng.u32(0..10) {
                0 => None,
                // Somebody else's address.
                1 if at > 0 => Some(format!("p{}.c{number}@patients.example", rng.usize(0..at))),
                _ => Some(own),
            };
            patients.push(PatientSeed { family, given, born, email });
        }
        let feeds = (0..if rng.u32(0..4) == 0 { 2 } else { 1 }).map(|feed| {
            let platform = PLATFORMS[rng.usize(0..PLATFORMS.len())];
            let source = if platform == "chiron" || rng.bool() { "kareo" } else { "hl7v2" };
            let linked = (0..providers).map(|at| at == 0 || rng.u32(0..4) > 0).collect();
            let unlinked_accounts = (0..patients.len()).filter(|_| rng.u32(0..12) == 0).collect();
            Feed {
                id: format!("clinic{number}-{feed}"),
                source,
                platform,
                linked,
                configured_only: rng.u32(0..8) == 0,
                unlinked_accounts,
            }
        });
        let feeds = feeds.collect();
        Clinic {
            id: format!("clinic{number}"),
            facility: format!("CLINIC{number}"),
            zone: ZONES[rng.usize(0..ZONES.len())],
            providers,
            kinds,
            approved,
            patients,
            feeds,
            asked: false,
        }
    }

    /// The address of somebody who works there.
    pub fn staff_address(&self) -> String {
        format!("desk@{}.example", self.id)
    }

    /// The document as a person keeps it: with these types on the list, the clinic's own status word explained or not,
    /// and an address for each feed.
    pub fn document(&self, approved: &[bool], bumped: bool, addresses: &[String]) -> Result<Document, String> {
        let mut text = format!(
            "[practice]\nid = \"{}\"\nname = \"Clinic {}\"\ntime_zone = \"{}\"\n",
            self.id, self.facility, self.zone
        );
        for (feed, address) in self.feeds.iter().zip(addresses) {
            let route = match self.asked {
                true => format!("route = \"{ASKED}\""),
                false => format!("route = \"hl7v2\", facility = \"{}\"", self.facility),
            };
            let lifecycle = if feed.configured_only { "configured" } else { "live" };
            text.push_str(&format!(
                "[[integration]]\nid = \"{}\"\nlifecycle = \"{lifecycle}\"\n\
                 source = {{ profile = \"{}\", {route} }}\n\
                 platform = {{ profile = \"{}\", route = \"webhook\", url = \"{address}\", \
                 secret = {{ env = \"HOOK_SECRET\" }} }}\n",
                feed.id, feed.source, feed.platform
            ));
            if self.asked {
                text.push_str(
                    "override = [{ path = \"source.polling.near_seconds\", value = 1800, author = \"simulation\", \
                     reason = \"a day is long here\" }]\n",
                );
            }
            text.push_str("[[integration.owner]]\nrole = \"desk\"\nname = \"Front desk\"\n");
            for kind in (0..self.kinds).filter(|kind| approved[*kind]) {
                text.push_str(&format!(
                    "[[integration.type]]\nsource_name = \"{}\"\nmodality = \"video\"\n",
                    kind_name(kind)
                ));
            }
            if bumped {
                text.push_str("[[integration.status]]\nsource = \"BUMPED\"\nmeans = \"cancelled_by_provider\"\n");
            }
            text.push_str(&format!("[[integration.user]]\nemail = \"{}\"\n", self.staff_address()));
            for provider in 0..self.providers {
                text.push_str(&format!("[[integration.provider]]\nsource_id = \"{}\"\n", provider_id(provider)));
                if feed.linked[provider] {
                    text.push_str(&format!("platform_id = \"prov_{provider}\"\n"));
                }
            }
            for patient in &feed.unlinked_accounts {
                let seed = &self.patients[*patient];
                text.push_str(&format!(
                    "[[integration.patient]]\nplatform_id = \"{}\"\nfamily = \"{}\"\ngiven = \"{}\"\nbirth_date = \"{}\"\n",
                    account_id(*patient),
                    seed.family,
                    seed.given,
                    seed.born
                ));
            }
        }
        Document::from_toml(&text).map_err(|error| format!("the plan's document: {error}\n{text}"))
    }
}

/// The id of a provider in the source.
pub fn provider_id(provider: usize) -> String {
    format!("DR{provider}")
}

/// The name of a type in the source.
pub fn kind_name(kind: usize) -> &'static str {
    ["Telemedicine Visit", "Skin check", "Follow-up by video"][kind % 3]
}

/// The platform's own account of a patient.
pub fn account_id(patient: usize) -> String {
    format!("pat_{patient}")
}

//! Messages spoiled by machine: every cut, every segment and every field of four sound messages, in every way.

use crate::malformed::door::Door;
use crate::malformed::good;
use store::EnvelopeState;

/// One spoiled message.
struct Spoiled {
    /// What was done to it.
    how: String,
    /// The id it was made with, which stands in MSH-10 unless that was spoiled.
    id: String,
    bytes: Vec<u8>,
    /// The answer and the place it must name, where there is no doubt about it.
    must: Option<(&'static str, String)>,
    /// The header and the visit's id are as they were.
    is_known_by_its_id: bool,
}

/// A sound message of a given id.
type Sound = fn(&str) -> String;

const SOUND: [(&str, Sound); 4] = [
    ("booking", good::booking),
    ("cancellation", good::cancellation),
    ("update", good::update),
    ("merge", good::merge),
];

/// Fields that are read as dates, and the place that an unreadable one is told under.
const DATES: [(&str, &str, usize, Option<usize>); 9] = [
    ("booking", "MSH", 7, None),
    ("booking", "SCH", 11, Some(4)),
    ("booking", "SCH", 11, Some(5)),
    ("booking", "TQ1", 7, None),
    ("booking", "TQ1", 8, None),
    ("booking", "AIS", 4, None),
    ("booking", "PID", 7, None),
    ("cancellation", "SCH", 11, Some(4)),
    ("update", "PID", 7, None),
];

const NO_DATES: [&str; 9] = [
    "20261301",
    "20261100",
    "20270229120000",
    "20261124246000",
    "202611241",
    "2026-11-24",
    "24.11.2026",
    "20261124100000+2600",
    "soon",
];

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_spoiled_messages_are_answered_kept_and_survived() {
    let spoiled = everything();
    assert!(spoiled.len() >= 300, "only {} messages", spoiled.len());
    let mut door = Door::open().await;
    for message in &spoiled {
        let heard = door.push(&message.how, &message.bytes).await;
        if let Some((code, place)) = &message.must {
            assert_eq!((heard.code.as_str(), heard.places.join(" ")), (*code, place.clone()), "{}", message.how);
        }
        if message.is_known_by_its_id {
            assert_eq!(heard.answers, message.id.as_bytes(), "{}", message.how);
            let kept = door.world.envelope_of(&message.id);
            let state = match heard.code.as_str() {
                "AA" => EnvelopeState::Applied,
                "AE" => EnvelopeState::SetAside,
                _ => EnvelopeState::Refused,
            };
            let kept = kept.unwrap_or_else(|| panic!("{}: lost", message.how));
            assert_eq!((kept.state, kept.body == message.bytes), (state, true), "{}", message.how);
            if heard.code == "AA" && message.bytes.windows(3).any(|bytes| bytes == b"SIU") {
                check_visit(&door, message).await;
            }
        }
    }
    let sent = door.close().await;
    assert_eq!(sent, spoiled.len());
    println!("{sent} spoiled messages, each with a good one behind it");
}

/// What was taken is a visit with a verdict and a reason.
async fn check_visit(door: &Door, message: &Spoiled) {
    let told = door.world.explain(&format!("V-{}", message.id)).await;
    let told = told.unwrap_or_else(|| panic!("{}: taken, and there is no visit", message.how));
    assert!(told["verdict"].is_string() && told["verdict"] != "unexplained", "{}: {told:#}", message.how);
    assert!(told["findings"].as_array().is_some_and(|findings| !findings.is_empty()), "{}", message.how);
}

fn everything() -> Vec<Spoiled> {
    let mut maker = Maker { made: Vec::new() };
    for (name, sound) in SOUND {
        maker.cuts(name, sound);
        maker.segments(name, sound);
        maker.fields(name, sound);
        maker.delimiters(name, sound);
        maker.line_ends(name, sound);
    }
    for (name, segment, field, component) in DATES {
        let (_, sound) = SOUND.iter().find(|(other, _)| *other == name).unwrap();
        maker.dates(name, *sound, segment, field, component);
    }
    maker.made
}

struct Maker {
    made: Vec<Spoiled>,
}

impl Maker {
    /// A new id, and the segments of a sound message under it.
    fn sound(&self, sound: Sound) -> (String, Vec<String>) {
        let id = format!("X{:05}", self.made.len());
        let message = sound(&id);
        (id, message.split_terminator('\r').map(str::to_owned).collect())
    }

    fn put(&mut self, id: String, how: String, bytes: Vec<u8>, must: Option<(&'static str, String)>, known: bool) {
        self.made.push(Spoiled { how, id, bytes, must, is_known_by_its_id: known });
    }

    /// Cut behind each segment, and every so many bytes.
    fn cuts(&mut self, name: &str, sound: Sound) {
        let (_, segments) = self.sound(sound);
        for keep in 1..segments.len() {
            let (id, segments) = self.sound(sound);
            let known = keep > 1;
            let how = format!("{name} cut behind segment {keep}");
            self.put(id, how, joined(&segments[..keep]), None, known);
        }
        let (_, segments) = self.sound(sound);
        for at in (0..joined(&segments).len()).step_by(29) {
            let (id, segments) = self.sound(sound);
            let mut bytes = joined(&segments);
            bytes.truncate(at);
            // Cut in the header or in the appointment's, it may have lost what it is known by.
            let known = at > segments[0].len() + segments[1].len() + 2;
            self.put(id, format!("{name} cut at byte {at}"), bytes, None, known);
        }
    }

    /// Each segment left out, and each twice.
    fn segments(&mut self, name: &str, sound: Sound) {
        let (_, segments) = self.sound(sound);
        for (n, segment) in segments.iter().enumerate() {
            let (id, mut without) = self.sound(sound);
            without.remove(n);
            let must = match (&segment[..3], name) {
                ("MSH", _) => Some(("AR", String::new())),
                ("SCH", _) => Some(("AE", "SCH".to_owned())),
                ("PID", "update" | "merge") => Some(("AE", "PID".to_owned())),
                ("MRG", _) => Some(("AE", "MRG".to_owned())),
                _ => None,
            };
            self.put(id, format!("{name} without {}", &segment[..3]), joined(&without), must, n > 0);

            let (id, mut twice) = self.sound(sound);
            twice.insert(n, twice[n].clone());
            let must = match &segment[..3] {
                "MSH" => Some(("AR", "MSH".to_owned())),
                "SCH" => Some(("AE", "SCH[2]".to_owned())),
                _ => None,
            };
            let known = !segment.starts_with("MSH");
            self.put(id, format!("{name} with {} twice", &segment[..3]), joined(&twice), must, known);
        }
    }

    /// Each field that has a value: emptied, set to null, repeated, and filled with what does not belong there.
    fn fields(&mut self, name: &str, sound: Sound) {
        let (_, segments) = self.sound(sound);
        for (s, segment) in segments.iter().enumerate() {
            let values: Vec<&str> = segment.split('|').collect();
            for place in (1..values.len()).filter(|place| !values[*place].is_empty()) {
                // MSH-1 is the separator itself, so MSH counts one further; MSH-2 is spoiled with the delimiters.
                let number = place + usize::from(&segment[..3] == "MSH");
                if &segment[..3] == "MSH" && number == 2 {
                    continue;
                }
                for way in ["empty", "null", "twice", "noise", "giant"] {
                    let (id, segments) = self.sound(sound);
                    let value = segments[s].split('|').nth(place).unwrap();
                    let bytes = with_field(&segments, s, place, &spoil(value, way));
                    let must = must_be(name, &segment[..3], number, way);
                    let known = !matches!((&segment[..3], number), ("MSH", 4 | 10) | ("SCH", 1 | 2));
                    let how = format!("{name} with {}-{number} {way}", &segment[..3]);
                    self.put(id, how, bytes, must, known);
                }
            }
        }
    }

    /// Each delimiter declared as another one, while the message goes on using the usual.
    fn delimiters(&mut self, name: &str, sound: Sound) {
        for (n, usual) in "|^~\\&".chars().enumerate() {
            for other in ['$', 'A', '7', '\0', '\u{e9}'] {
                let (id, mut segments) = self.sound(sound);
                let mut head: Vec<char> = segments[0].chars().collect();
                head[3 + n] = other;
                segments[0] = head.into_iter().collect();
                let how = format!("{name} that declares {other:?} for {usual:?}");
                self.put(id, how, joined(&segments), None, false);
            }
        }
    }

    /// Segments that end in something else.
    fn line_ends(&mut self, name: &str, sound: Sound) {
        for end in ["\n", "\r\n", "\n\r", "\r\r\r", " ", "\0", "\u{2028}", "\\.br\\"] {
            let (id, segments) = self.sound(sound);
            let known = end.starts_with(['\n', '\r']);
            if !known && name == "merge" {
                // Glued to its header, this one's second segment would ask for commit answers in MSH-15.
                continue;
            }
            self.put(id, format!("{name} with {end:?} for CR"), segments.join(end).into_bytes(), None, known);
        }
    }

    /// A date that is none.
    fn dates(&mut self, name: &str, sound: Sound, segment: &str, field: usize, component: Option<usize>) {
        for no_date in NO_DATES {
            let (id, segments) = self.sound(sound);
            let s = segments.iter().position(|other| other.starts_with(segment)).unwrap();
            let place = field - usize::from(segment == "MSH");
            let old = segments[s].split('|').nth(place).unwrap();
            let new = match component {
                None => no_date.to_owned(),
                Some(component) => {
                    let mut parts: Vec<&str> = old.split('^').collect();
                    parts[component - 1] = no_date;
                    parts.join("^")
                }
            };
            let bytes = with_field(&segments, s, place, new.as_bytes());
            let at = component.map_or_else(String::new, |component| format!(".{component}"));
            let how = format!("{name} with {segment}-{field}{at} {no_date:?}");
            let at = if name == "cancellation" { String::new() } else { at };
            self.put(id, how, bytes, Some(("AE", format!("{segment}-{field}{at}"))), true);
        }
    }
}

/// A value spoiled in one of the ways.
fn spoil(value: &str, way: &str) -> Vec<u8> {
    match way {
        "empty" => Vec::new(),
        "null" => b"\"\"".to_vec(),
        "twice" => format!("{value}~{value}").into_bytes(),
        // A zero byte, half a surrogate, a byte of no set, a delete, and escapes that are none.
        "noise" => [value.as_bytes(), b"\0\xed\xa0\x80\xff\x7f\\Z\\\\X4"].concat(),
        _ => format!("{value}{}", "x".repeat(3000)).into_bytes(),
    }
}

/// The answer where there is no doubt about it.
fn must_be(name: &str, segment: &str, number: usize, way: &str) -> Option<(&'static str, String)> {
    let gone = matches!(way, "empty" | "null");
    // Answers up to version 2.4 name fields, not components.
    let component = if name == "cancellation" { "" } else { ".1" };
    Some(match (name, segment, number) {
        (_, "MSH", 4) if way != "twice" => ("AR", format!("MSH-4{component}")),
        (_, "MSH", 9) if gone => ("AR", format!("MSH-9{component}")),
        ("booking", "SCH", 2) if gone => ("AE", "SCH-2".to_owned()),
        (_, "PID", 3) if gone => ("AE", "PID-3".to_owned()),
        ("merge", "MRG", 1) if gone => ("AE", "MRG-1".to_owned()),
        _ => return None,
    })
}

fn joined(segments: &[String]) -> Vec<u8> {
    segments.iter().flat_map(|segment| [segment.as_bytes(), b"\r"].concat()).collect()
}

/// The message with one field of one segment replaced.
fn with_field(segments: &[String], s: usize, place: usize, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (n, segment) in segments.iter().enumerate() {
        for (number, field) in segment.split('|').enumerate() {
            if number > 0 {
                bytes.push(b'|');
            }
            bytes.extend_from_slice(if n == s && number == place { value } else { field.as_bytes() });
        }
        bytes.push(b'\r');
    }
    bytes
}

//! Letters: what a notice says, in the reader's language, as plain text and as HTML. They hold no more than is needed:
//! the practice, the time, and how to meet; never a diagnosis, a visit type or a provider.

use crate::notify::NoticeOptions;
use crate::setup::Integration;
use domain::model::{Card, Modality};
use domain::notice::{Language, NoticeKind};
use domain::phi::Phi;
use domain::text::Text;
use serde::Deserialize;
use std::sync::LazyLock;
use store::CauseRow;

/// A letter, ready to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// An e-mail address, or a phone number.
    pub to: Phi<Text>,
    /// The message id, the same for every attempt.
    pub id: Text,
    /// The language it is written in.
    pub language: Language,
    /// One line.
    pub subject: Phi<String>,
    /// Plain text.
    pub text: Phi<String>,
    /// The same as a page.
    pub html: Phi<String>,
    /// The same in one or two sentences, for a text message.
    pub short: Phi<String>,
}

/// What is told, to whom.
pub(super) struct Telling {
    pub(super) kind: NoticeKind,
    pub(super) language: Language,
    pub(super) to: Phi<Text>,
    pub(super) id: Text,
}

/// The words of one language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    /// Monday first.
    weekdays: [String; 7],
    months: [String; 12],
    /// `{weekday}`, `{day}`, `{month}`, `{year}`.
    date: String,
    /// As `strftime` writes it.
    clock: String,
    video: String,
    phone: String,
    in_person: String,
    /// The account has to be activated before the visit.
    activate: String,
    booked: Kind,
    moved: Kind,
    cancelled: Kind,
    sync_error: Kind,
    reminder: Kind,
    escalated: Kind,
    live: Kind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    subject: String,
    /// Paragraphs.
    body: Vec<String>,
    #[serde(default)]
    short: String,
}

fn words(language: Language) -> &'static Words {
    static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("letters/en.toml")));
    static SPANISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("letters/es.toml")));
    static FRENCH: LazyLock<Words> = LazyLock::new(|| read(include_str!("letters/fr.toml")));
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
        Language::French => &FRENCH,
    }
}

fn read(text: &str) -> Words {
    toml::from_str(text).expect("the words are compiled in, and a test reads them")
}

/// Writing the letters.
pub(super) mod write {
    use super::*;

    /// To a patient, about a card that is shown. `inactive`: their account is not activated yet.
    pub(in crate::notify) fn to_patient(
        telling: &Telling,
        integration: &Integration,
        card: &Card,
        inactive: bool,
    ) -> Letter {
        let words = words(telling.language);
        let (date, time, zone) = when(words, card);
        let how = match card.modality {
            Some(Modality::Video) => words.video.as_str(),
            Some(Modality::Phone) => words.phone.as_str(),
            Some(Modality::InPerson) => words.in_person.as_str(),
            Some(Modality::Message) | None => "",
        };
        letter(
            telling,
            kind(words, telling.kind),
            &[
                ("practice", &integration.rules.practice_name),
                ("date", &date),
                ("time", &time),
                ("zone", &zone),
                ("how", how),
                ("activate", if inactive { words.activate.as_str() } else { "" }),
            ],
        )
    }

    /// To whoever owns a cause.
    pub(in crate::notify) fn to_owner(
        telling: &Telling,
        integration: &Integration,
        cause: &CauseRow,
        visits: &[Text],
        options: &NoticeOptions,
    ) -> Letter {
        let entry = cause.reason.entry();
        let console = options.console.as_deref().unwrap_or_default();
        let next = cause.next_start.map(|start| domain::explain::clock(&integration.rules, None, start));
        let named: Vec<&str> = visits.iter().map(Text::as_str).collect();
        let link = if console.is_empty() { String::new() } else { format!("{console}/causes") };
        letter(
            telling,
            kind(words(telling.language), telling.kind),
            &[
                ("label", entry.label),
                ("subject", &cause.subject),
                ("count", &cause.count.to_string()),
                ("next", next.as_deref().unwrap_or("–")),
                ("visits", &named.join(", ")),
                ("fix", entry.fix),
                ("practice", &integration.rules.practice_name),
                ("integration", &integration.rules.integration),
                ("link", &link),
            ],
        )
    }

    /// To the people of a practice whose integration became live.
    pub(in crate::notify) fn live(telling: &Telling, integration: &Integration, options: &NoticeOptions) -> Letter {
        let rules = &integration.rules;
        let since = domain::explain::clock(rules, None, rules.lifecycle_since);
        letter(
            telling,
            kind(words(telling.language), telling.kind),
            &[
                ("practice", &rules.practice_name),
                ("integration", &rules.integration),
                ("source", &rules.source.profile.name),
                ("platform", &rules.platform.profile.name),
                ("since", &since),
                ("link", options.console.as_deref().unwrap_or_default()),
            ],
        )
    }

    fn kind(words: &Words, kind: NoticeKind) -> &Kind {
        match kind {
            NoticeKind::Booked => &words.booked,
            NoticeKind::Moved => &words.moved,
            NoticeKind::Cancelled => &words.cancelled,
            NoticeKind::SyncError => &words.sync_error,
            NoticeKind::Reminder => &words.reminder,
            NoticeKind::Escalated => &words.escalated,
            NoticeKind::Live => &words.live,
        }
    }

    /// Date, time and zone where the visit is.
    fn when(words: &Words, card: &Card) -> (String, String, String) {
        let zone = domain::time::Zone::named(&card.time_zone).unwrap_or_else(|_| domain::time::Zone::utc());
        let Some(start) = card.start else { return Default::default() };
        let local = zone.local(start);
        let weekday = usize::from(local.weekday().to_monday_zero_offset().unsigned_abs());
        let month = usize::from(local.month().unsigned_abs()).saturating_sub(1);
        let name = |names: &[String], at: usize| names.get(at).cloned().unwrap_or_default();
        let date = fill(
            &words.date,
            &[
                ("weekday", &name(&words.weekdays, weekday)),
                ("day", &local.day().to_string()),
                ("month", &name(&words.months, month)),
                ("year", &local.year().to_string()),
            ],
        );
        (date, local.strftime(&words.clock).to_string(), zone.name().to_string())
    }

    fn letter(telling: &Telling, kind: &Kind, values: &[(&str, &str)]) -> Letter {
        // A paragraph whose value is empty is left out rather than written with a hole.
        let filled = |paragraph: &&String| {
            !values.iter().any(|(name, value)| value.is_empty() && paragraph.contains(&format!("{{{name}}}")))
        };
        let paragraphs: Vec<String> = kind.body.iter().filter(filled).map(|line| fill(line, values)).collect();
        let subject = fill(&kind.subject, values);
        let html: String = paragraphs.iter().map(|line| format!("<p>{}</p>\n", escape(line))).collect();
        let page = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n<body>\n{html}</body>\n</html>\n",
            telling.language.tag(),
            escape(&subject)
        );
        Letter {
            to: telling.to.clone(),
            id: telling.id.clone(),
            language: telling.language,
            subject: Phi::new(subject),
            text: Phi::new(format!("{}\n", paragraphs.join("\n\n"))),
            html: Phi::new(page),
            short: Phi::new(fill(&kind.short, values).trim_end().to_owned()),
        }
    }
}

/// Puts values in the places of their names. What a value holds is not looked at again.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            filled.push('{');
            rest = behind;
            continue;
        };
        match values.iter().find(|(known, _)| *known == name) {
            // A line of a mail is one line, whatever a name holds.
            Some((_, value)) => filled.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c })),
            None => filled.push_str(&format!("{{{name}}}")),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_everything() {
        for language in Language::ALL {
            let words = words(language);
            let to_owners = [&words.sync_error, &words.reminder, &words.escalated];
            for kind in [&words.booked, &words.moved, &words.cancelled, &words.live].into_iter().chain(to_owners) {
                assert!(!kind.subject.is_empty() && !kind.body.is_empty(), "{language:?}");
            }
            assert!(!words.activate.is_empty(), "{language:?}");
            for kind in [&words.booked, &words.moved] {
                let told = kind.body.iter().any(|line| line == "{activate}") && kind.short.ends_with(" {activate}");
                assert!(told, "{language:?}");
            }
            for kind in [&words.booked, &words.moved, &words.cancelled] {
                assert!(kind.short.contains("{practice}") && kind.short.contains("{date}"), "{language:?}");
            }
            for kind in to_owners {
                assert!(kind.subject.contains("{label}"), "the label is the one people search for");
            }
        }
    }

    #[test]
    fn values_are_put_in_their_places_and_cannot_add_any() {
        let values = [("name", "{other}\r\nBcc: x"), ("other", "no")];
        assert_eq!(fill("To {name}: {unknown} {", &values), "To {other}  Bcc: x: {unknown} {");
        assert_eq!(escape("<b> & \"c\""), "&lt;b&gt; &amp; &quot;c&quot;");
    }
}

//! A profile as a person reads it: what it says, in words, each value with where it comes from.
//!
//! Made from the file as it is written, so that nothing can be said here that is not in it.

/// What a group of values is about.
const GROUPS: &[(&str, &str)] = &[
    ("", "In general"),
    ("cadence", "How long it takes, in minutes"),
    ("types", "Visit types"),
    ("departments", "Departments"),
    ("statuses", "Status words and what they mean"),
    ("status_rules", "Statuses that need more than the word"),
    ("free_text", "Statuses hidden in notes and reason codes"),
    ("lineage", "Visits that follow one another"),
    ("can", "What can be done through its interface"),
    ("hl7v2", "Where things stand in its HL7 v2 messages"),
    ("fhir_r4", "Where things stand in its FHIR R4 resources"),
    ("polling", "When and how it is asked"),
    ("polling.gaps_millis", "At least between two calls, in milliseconds"),
    ("access", "What to do when it does not let us in"),
    ("api", "What its connector has to know"),
    ("files", "Its files"),
    ("files.kinds", "A kind of file"),
    ("files.kinds.columns", "What its columns say"),
    ("provider", "Providers"),
    ("patient", "Patients"),
    ("email", "E-mail addresses"),
    ("demographics", "The patient's record"),
    ("times", "Times"),
    ("modality", "How they meet"),
    ("group", "Participants"),
    ("delivery", "Sending"),
    ("exceptions", "By when people have to act"),
];

/// What a value is about.
const VALUES: &[(&str, &str)] = &[
    ("zones", "Times are written"),
    ("sources", "Works with"),
    ("confirmed_by", "A visit counts as shown by"),
    ("cadence.usual_from", "Usually, from"),
    ("cadence.usual_to", "Usually, up to"),
    ("cadence.abnormal_after", "Abnormal after"),
    ("types.match_by", "Recognised by"),
    ("types.near_miss_edits", "Edits that make a near miss"),
    ("types.approved", "Which travel"),
    ("types.default_name", "Comes with a new integration"),
    ("departments.must_be_registered", "Must be announced beforehand"),
    ("status_rules.word", "Word"),
    ("status_rules.reason", "with the reason code"),
    ("status_rules.note", "with the phrase in the note"),
    ("status_rules.means", "means"),
    ("free_text.watch", "Watched for"),
    ("lineage.pair_within_minutes", "Given up and booked anew is one move within, in minutes"),
    ("lineage.provider_change_splits", "Another provider makes a second visit"),
    ("lineage.unknown_moves", "A move of a visit never heard of"),
    ("can.read_one", "Read one visit by its id"),
    ("can.search_patients", "Search patients by name and date of birth"),
    ("can.slots", "Read free slots"),
    ("can.book", "Book"),
    ("can.reschedule", "Move"),
    ("can.cancel", "Cancel"),
    ("can.groups", "Several patients on a visit"),
    ("can.series", "Series"),
    ("hl7v2.participant_status", "Status of one participant"),
    ("fhir_r4.visit_type", "Visit type"),
    ("fhir_r4.modality", "How they meet"),
    ("fhir_r4.department", "Department"),
    ("fhir_r4.provider", "Provider"),
    ("fhir_r4.patient_systems", "Identifiers of patients, by system"),
    ("fhir_r4.provider_systems", "Identifiers of providers, by system"),
    ("fhir_r4.department_systems", "Identifiers of departments, by system"),
    ("fhir_r4.series_systems", "Identifiers that the visits of a series share, by system"),
    ("fhir_r4.patient", "An empty field of a patient"),
    ("fhir_r4.test_families", "Family names of test patients"),
    ("polling.every_seconds", "For changes, every so many seconds"),
    ("polling.every_closed_seconds", "and outside of opening hours"),
    ("polling.min_seconds", "Never sooner again than, in seconds"),
    ("polling.near_seconds", "For the near days in full, every so many seconds"),
    ("polling.far_seconds", "For the far days in full, every so many seconds"),
    ("polling.near_back_days", "The near days begin so many days ago"),
    ("polling.near_business_days", "and reach so many business days ahead"),
    ("polling.far_months", "The far days reach so many months ahead"),
    ("polling.span_days", "Days asked for at a time"),
    ("polling.page_size", "Records on a page"),
    ("polling.overlap_seconds", "Goes back behind the last change, in seconds"),
    ("polling.opens_hour", "Opens, at hour"),
    ("polling.closes_hour", "Closes, at hour"),
    ("polling.census_hour", "Both sides are compared, at hour"),
    ("polling.limits", "Requests that are allowed"),
    ("polling.limits_shared", "Limits are shared by"),
    ("polling.max_backoff_seconds", "After failures it waits at most, in seconds"),
    ("polling.incident_after", "Failures in a row that make an incident"),
    ("polling.confirm_passes", "Looks before a visit counts as removed"),
    ("polling.guard_percent", "Asks before more are removed at once than, in percent"),
    ("polling.guard_least", "and than, in visits"),
    ("polling.skew_seconds", "Clocks may differ by, in seconds"),
    ("access.rejected", "The credential is not taken"),
    ("access.revoked", "The grant was taken back"),
    ("access.refused", "What is asked is refused"),
    ("access.unreachable", "Nobody answers"),
    ("access.missing", "What the set-up names is not there"),
    ("provider.must_be_linked", "Must be linked and active"),
    ("provider.only_when_listed", "Only once any provider is listed"),
    ("provider.unregistered", "Visits of others"),
    ("patient.must_be_linked", "Must have a linked account"),
    ("patient.likely_from", "An account may be the same person from a likeness of"),
    ("email.required", "Must be there and well formed"),
    ("email.unique", "Must be nobody else's"),
    ("email.not_staff", "Must not be a staff user's"),
    ("email.old_visits_keep", "Visits already shown keep the old one"),
    ("demographics.required", "Must be filled"),
    ("demographics.insurance", "Insurance"),
    ("times.horizon_months", "Visits further ahead wait, in months"),
    ("times.slow_lane_business_days", "Visits further ahead travel slowly, in business days"),
    ("times.slow_lane_hours", "Slow means at least, in hours"),
    ("times.slow_lane_abnormal_hours", "and is abnormal after, in hours"),
    ("times.refuses_past", "Visits already over are refused"),
    ("modality.carries", "Carried"),
    ("group.max_participants", "At most"),
    ("group.swap_in_place", "One put in another's place in one step"),
    ("group.third_parties_there", "Third parties and co-hosts are added there"),
    ("statuses.carries", "Shown besides booked"),
    ("statuses.first_final_stays", "The first final status stays"),
    ("statuses.unseen_ends", "Visits that ended before they were shown"),
    ("statuses.completed_there", "Staff complete visits there"),
    ("exceptions.lead_minutes", "Before the earliest visit, in minutes"),
    ("exceptions.least_minutes", "Nobody is asked to act faster than, in minutes"),
    ("exceptions.most_minutes", "At the latest after, in minutes"),
    ("exceptions.remind_minutes", "The owner is reminded before, in minutes"),
    ("exceptions.step_minutes", "Goes on after further, in minutes"),
    ("exceptions.seen_minutes", "What is called resolved has to be seen within, in minutes"),
    ("exceptions.path", "Goes from its owner to"),
];

/// The page of a profile, from its text.
pub(crate) fn page(kind: &str, text: &str) -> String {
    let mut out = Vec::new();
    let value = |key: &str| {
        lines(text).find_map(|line| match line {
            Line::Value { key: found, value, .. } if found == key => Some(plain(&value)),
            _ => None,
        })
    };
    let of = |key: &str| value(key).unwrap_or_default();
    out.push(format!("{} ({}@{}), a {kind}", of("name"), of("id"), of("version")));
    out.push(of("about"));
    out.push(String::new());
    let (mut group, mut begun) = (String::new(), false);
    let mut origin: Vec<String> = Vec::new();
    for line in lines(text) {
        match line {
            Line::Nothing => flush(&mut out, &mut origin, begun),
            Line::Comment(text) => origin.push(text),
            Line::Group(name) => {
                let again = name == group;
                group = name;
                begun = true;
                if !again {
                    heading(&mut out, kind, &group);
                }
                flush(&mut out, &mut origin, true);
            }
            Line::Value { key, .. } if ["id", "version", "name", "about"].contains(&key.as_str()) && !begun => {}
            Line::Value { key, value, comment } => {
                flush(&mut out, &mut origin, true);
                let path = if group.is_empty() { key.clone() } else { format!("{group}.{key}") };
                let words = kind == "source" && group == "statuses";
                let label = match label(&path) {
                    _ if words => plain(&key),
                    Some(label) => label.to_owned(),
                    None if is_a_connectors(&group) => in_words(&format!("\"{key}\"")),
                    None => path,
                };
                let sign = if words { " = " } else { ": " };
                let comment = comment.map(|text| format!("  ({text})")).unwrap_or_default();
                out.push(format!("  {label}{sign}{}{comment}", in_words(&value)));
            }
        }
    }
    flush(&mut out, &mut origin, begun);
    out.join("\n").trim_end().to_owned()
}

fn heading(out: &mut Vec<String>, kind: &str, group: &str) {
    if out.last().is_some_and(|last| !last.is_empty()) {
        out.push(String::new());
    }
    let known = GROUPS.iter().find(|(name, _)| *name == group).map(|(_, words)| *words);
    let words = if kind == "platform" && group == "statuses" { Some("Statuses") } else { known };
    out.push(words.unwrap_or(group).to_owned());
}

/// Comments are told once the group they stand above has begun.
fn flush(out: &mut Vec<String>, origin: &mut Vec<String>, begun: bool) {
    if begun && !origin.is_empty() {
        out.push(format!("  [{}]", origin.join(" ")));
        origin.clear();
    }
}

/// What a connector wants to know of its vendor has no words of ours: the names are the connector's own.
fn is_a_connectors(group: &str) -> bool {
    ["api", "files", "polling.gaps_millis"]
        .iter()
        .any(|own| group.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

fn label(path: &str) -> Option<&'static str> {
    VALUES.iter().find(|(known, _)| *known == path).map(|(_, words)| *words)
}

fn plain(value: &str) -> String {
    value.trim().trim_matches('"').to_owned()
}

fn in_words(value: &str) -> String {
    match value.trim() {
        "true" => "yes".to_owned(),
        "false" => "no".to_owned(),
        list if list.starts_with('[') => {
            let items = list.trim_matches(['[', ']']).split(',').map(plain).filter(|item| !item.is_empty());
            items.map(|item| item.replace('_', " ")).collect::<Vec<_>>().join(", ")
        }
        // A sentence is told as it is.
        text if text.starts_with('"') && text.contains(' ') => plain(text),
        text if text.starts_with('"') => plain(text).replace('_', " "),
        other => other.to_owned(),
    }
}

enum Line {
    Nothing,
    Comment(String),
    Group(String),
    Value { key: String, value: String, comment: Option<String> },
}

/// Begins a text that goes over several lines, and ends it.
const LONG_TEXT: &str = "\"\"\"";

/// Lines, those of a list or of a text that goes over several as one.
fn whole_lines(text: &str) -> Vec<String> {
    let mut whole: Vec<String> = Vec::new();
    let (mut in_list, mut in_text) = (false, false);
    for line in text.lines().map(str::trim) {
        let said = if in_text || line.ends_with("= \"\"\"\\") { line.trim_end_matches('\\') } else { line };
        match whole.last_mut().filter(|_| in_list || in_text) {
            Some(last) => last.push_str(said),
            None => whole.push(said.to_owned()),
        }
        in_text = if in_text { !said.ends_with(LONG_TEXT) } else { said.ends_with(&format!("= {LONG_TEXT}")) };
        in_list = if in_list { !line.starts_with(']') } else { line.ends_with("= [") };
    }
    whole
}

fn lines(text: &str) -> impl Iterator<Item = Line> {
    whole_lines(text).into_iter().map(|line| {
        let line = line.as_str();
        if line.is_empty() {
            return Line::Nothing;
        }
        if let Some(comment) = line.strip_prefix('#') {
            return Line::Comment(comment.trim().to_owned());
        }
        if line.starts_with('[') && !line.contains('=') {
            return Line::Group(line.trim_matches(['[', ']']).to_owned());
        }
        let (rest, comment) = match line.split_once(" #") {
            Some((rest, comment)) => (rest, Some(comment.trim().to_owned())),
            None => (line, None),
        };
        match rest.split_once('=') {
            Some((key, value)) => Line::Value { key: key.trim().to_owned(), value: value.trim().to_owned(), comment },
            None => Line::Nothing,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_every_profile_is_told_in_words() {
        for (shelf, id, text) in domain::profile::profile_texts() {
            let page = page(shelf.trim_end_matches('s'), text);
            let raw = page.lines().find(|line| {
                let name = line.trim_start().split(':').next().unwrap_or_default();
                line.starts_with("  ") && !line.starts_with("  [") && name.contains('.') && !name.contains(' ')
            });
            let words = *shelf == "sources";
            assert!(raw.is_none() || (words && raw.is_some_and(|line| line.contains(" = "))), "{id}: {raw:?}");
            let groups = page.lines().filter(|line| !line.starts_with(' ') && line.contains('_'));
            assert_eq!(groups.collect::<Vec<_>>(), Vec::<&str>::new(), "{id}");
        }
    }

    #[test]
    fn a_profile_reads_as_sentences_with_their_origin() {
        let (_, _, text) = domain::profile::profile_texts().iter().find(|(_, id, _)| *id == "oncall").unwrap();
        let page = page("platform", text);
        assert!(page.starts_with("OnCall Health (oncall@1), a platform\nIndividual and group visits"), "{page}");
        assert!(page.contains("\nParticipants\n  At most: 25  (S4-3, and the vendor's API)\n"), "{page}");
        assert!(page.contains("  A visit counts as shown by: platform id\n"), "{page}");
        assert!(page.contains("  [Our own default: S4 limits modalities and statuses, not types.]\n"), "{page}");
    }

    #[test]
    fn every_group_and_every_value_says_where_it_comes_from() {
        for (_, id, text) in domain::profile::profile_texts() {
            let mut told = false;
            let mut lacking = Vec::new();
            for line in lines(text) {
                match line {
                    Line::Comment(_) => told = true,
                    Line::Nothing => told = false,
                    Line::Value { key, comment, .. } => {
                        let who = ["id", "version", "name", "about"].contains(&key.as_str());
                        if !(who || told || comment.is_some()) {
                            lacking.push(key);
                        }
                    }
                    Line::Group(_) => {}
                }
            }
            assert!(lacking.is_empty(), "{id}: nobody says where {lacking:?} come from");
        }
    }
}

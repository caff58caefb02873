//! Names of files, as the contract writes them.

use domain::profile::{FileRules, FileStyle};
use domain::time::{Moment, Zone};
use jiff::fmt::strtime::BrokenDownTime;

/// What the name of a file tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Which of the contract's kinds.
    pub(super) kind: usize,
    pub(super) style: FileStyle,
    /// When what it says was true.
    pub(super) as_of: Option<Moment>,
    /// What the files of one set have in common.
    pub(super) set: String,
}

#[derive(Clone, Copy)]
enum Token<'p> {
    Text(&'p str),
    Kind,
    Style,
    Stamp,
    Any,
}

/// Reads the name of a file; `None`: the contract has no such file.
pub(super) fn read_name(rules: &FileRules, zone: &Zone, name: &str) -> Option<Named> {
    let tokens = tokens(&rules.name);
    let mut found = Parts::default();
    if !matches(rules, &tokens, name, &mut found) {
        return None;
    }
    let kind = found.kind.or((rules.kinds.len() == 1).then_some(0))?;
    let style = found.style.unwrap_or(rules.kinds.get(kind)?.style);
    let as_of = match &found.stamp {
        None => None,
        Some(stamp) => Some(read_stamp(rules, zone, stamp)?),
    };
    // What comes behind a time is only there to tell two files apart; without a time it is all there is.
    let rest = if found.stamp.is_some() { String::new() } else { found.any };
    let set = format!("{}{rest}", found.stamp.unwrap_or_default());
    Some(Named { kind, style, as_of, set })
}

#[derive(Clone, Default)]
struct Parts {
    kind: Option<usize>,
    style: Option<FileStyle>,
    stamp: Option<String>,
    any: String,
}

fn tokens(pattern: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        let special =
            [("{kind}", Token::Kind), ("{style}", Token::Style), ("{stamp}", Token::Stamp), ("*", Token::Any)];
        if let Some((word, token)) = special.into_iter().find(|(word, _)| rest.starts_with(word)) {
            tokens.push(token);
            rest = &rest[word.len()..];
            continue;
        }
        let end = rest[1..].find(['{', '*']).map_or(rest.len(), |at| at + 1);
        // A brace that begins no word of ours is a letter like any other; a character is never cut in two.
        let end = (end..=rest.len()).find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
        tokens.push(Token::Text(&rest[..end]));
        rest = &rest[end..];
    }
    tokens
}

fn matches(rules: &FileRules, tokens: &[Token<'_>], name: &str, found: &mut Parts) -> bool {
    let Some((token, more)) = tokens.split_first() else { return name.is_empty() };
    // The longest first, so that `*` takes only what the others leave.
    let mut ends: Vec<usize> = (0..=name.len()).rev().filter(|at| name.is_char_boundary(*at)).collect();
    match token {
        Token::Text(text) => name.strip_prefix(text).is_some_and(|rest| matches(rules, more, rest, found)),
        Token::Kind => rules.kinds.iter().enumerate().any(|(number, kind)| {
            let Some(rest) = name.strip_prefix(kind.kind.as_str()) else { return false };
            let mut tried = Parts { kind: Some(number), ..found.clone() };
            let fits = matches(rules, more, rest, &mut tried);
            if fits {
                *found = tried;
            }
            fits
        }),
        Token::Style => [("full", FileStyle::Full), ("delta", FileStyle::Delta)].into_iter().any(|(word, style)| {
            let Some(rest) = name.strip_prefix(word) else { return false };
            found.style = Some(style);
            matches(rules, more, rest, found)
        }),
        Token::Stamp => ends.into_iter().any(|end| {
            let stamp = &name[..end];
            if BrokenDownTime::parse(rules.stamp.as_str(), stamp).is_err() {
                return false;
            }
            found.stamp = Some(stamp.to_owned());
            matches(rules, more, &name[end..], found)
        }),
        Token::Any => {
            ends.reverse();
            ends.into_iter().any(|end| {
                name[..end].clone_into(&mut found.any);
                matches(rules, more, &name[end..], found)
            })
        }
    }
}

fn read_stamp(rules: &FileRules, zone: &Zone, stamp: &str) -> Option<Moment> {
    let broken = BrokenDownTime::parse(rules.stamp.as_str(), stamp).ok()?;
    if let Ok(instant) = broken.to_timestamp() {
        return Some(instant.into());
    }
    let local = broken.to_datetime().or_else(|_| broken.to_date().map(|day| day.at(0, 0, 0, 0))).ok()?;
    let zone = if rules.stamp_is_utc { &Zone::utc() } else { zone };
    Some(zone.place(local).moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::profile::load_source;

    fn utc() -> Zone {
        Zone::utc()
    }

    fn told(rules: &FileRules, name: &str) -> Option<(String, FileStyle, Option<String>, String)> {
        let named = read_name(rules, &utc(), name)?;
        let kind = rules.kinds[named.kind].kind.to_string();
        Some((kind, named.style, named.as_of.map(|at| at.to_string()), named.set))
    }

    #[test]
    fn names_tell_kind_style_and_time_and_others_are_nobodys() {
        let rules = load_source("carelogic", &[]).unwrap().files;
        let at = || Some("2026-11-22T10:15:00Z".to_owned());
        for (name, kind, style) in [
            ("activity_full_20261122T101500Z.csv", "activity", FileStyle::Full),
            ("activity_detail_delta_20261122T101500Z.csv", "activity_detail", FileStyle::Delta),
            ("client_delta_20261122T101500Z_again.csv", "client", FileStyle::Delta),
        ] {
            assert_eq!(told(&rules, name), Some((kind.into(), style, at(), "20261122T101500Z".into())), "{name}");
        }
        for name in
            ["activity_full.csv", "activity_some_20261122T101500Z.csv", "Activity_full_20261122T101500Z.csv", "a.txt"]
        {
            assert_eq!(told(&rules, name), None, "{name}");
        }
    }

    #[test]
    fn a_contract_without_times_keeps_the_order_of_names() {
        let override_name = ("files.name".into(), "diary*.txt".into());
        let rules = load_source("csv", &[override_name]).unwrap().files;
        let found = told(&rules, "diary 7.txt");
        assert_eq!(found, Some(("appointments".into(), FileStyle::Delta, None, " 7".into())));
    }

    #[test]
    fn a_time_by_the_practices_clock_is_placed_in_its_zone() {
        let local = [("files.stamp".into(), "%Y%m%d-%H%M".into()), ("files.stamp_is_utc".into(), false.into())];
        let rules = load_source("csv", &local).unwrap().files;
        let zone = Zone::named("America/Chicago").unwrap();
        let named = read_name(&rules, &zone, "appointments_full_20261122-0415.csv").unwrap();
        assert_eq!(named.as_of.unwrap().to_string(), "2026-11-22T10:15:00Z");
    }
}

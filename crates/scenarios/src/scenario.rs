//! Scenario files: a title, the requirements, why it matters, and the steps as a Markdown list.

use std::fmt;
use std::path::{Path, PathBuf};

/// One scenario as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The file's name without its ending: `S1-06-type-misspelt-by-one-letter`.
    pub name: String,
    /// The file, for messages.
    pub file: PathBuf,
    /// The heading.
    pub title: String,
    /// The requirements it exercises.
    pub ids: Vec<Id>,
    /// Why it matters.
    pub why: String,
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// A requirement's id: `S1-6`, `X-3`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    /// The source document, or `X`.
    pub source: String,
    /// The number within it.
    pub number: u32,
}

impl Id {
    /// Reads `S1-6`, also with leading zeros.
    pub fn read(text: &str) -> Option<Id> {
        let (source, number) = text.split_once('-')?;
        let known = ["S0", "S1", "S2", "S3", "S4", "X"].contains(&source);
        let number = number.parse().ok().filter(|number| *number > 0)?;
        known.then(|| Id { source: source.to_owned(), number })
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.source, self.number)
    }
}

/// Which part of a scenario a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// How things stand.
    Given,
    /// What happens.
    When,
    /// What must be true then.
    Then,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its line in the file, counted from 1.
    pub line: usize,
    /// Its part; `And` belongs to the part before it.
    pub part: Part,
    /// The sentence without its first word.
    pub sentence: String,
}

/// A file that is not written as scenarios are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

impl Scenario {
    /// Reads the text of a file.
    pub fn read(file: &Path, text: &str) -> Result<Scenario, Misread> {
        let wrong = |line: usize, problem: &str| Misread { file: file.to_owned(), line, problem: problem.to_owned() };
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let (mut title, mut ids, mut why, mut steps) = (None, Vec::new(), String::new(), Vec::<Step>::new());
        for (line, text) in text.lines().enumerate().map(|(n, text)| (n + 1, text.trim_end())) {
            if let Some(heading) = text.strip_prefix("# ") {
                title = Some(heading.to_owned());
            } else if let Some(list) = text.strip_prefix("Requirements: ") {
                for id in list.split(',') {
                    ids.push(Id::read(id.trim()).ok_or_else(|| wrong(line, "this is no requirement's id"))?);
                }
            } else if let Some(step) = text.strip_prefix("- ") {
                steps.push(step_of(line, step, steps.last().map(|step| step.part)).map_err(|p| wrong(line, p))?);
            } else if let (Some(last), Some(rest)) = (steps.last_mut(), text.strip_prefix("  ")) {
                last.sentence.push(' ');
                last.sentence.push_str(rest.trim());
            } else if !text.is_empty() {
                if !steps.is_empty() {
                    return Err(wrong(line, "after the first step there are only steps; begin the line with `- `"));
                }
                if !why.is_empty() {
                    why.push(' ');
                }
                why.push_str(text);
            }
        }
        let title = title.ok_or_else(|| wrong(1, "the first line is the title: `# …`"))?;
        if ids.is_empty() {
            return Err(wrong(1, "there is no line `Requirements: …`"));
        }
        if why.is_empty() {
            return Err(wrong(1, "no sentence says why this matters"));
        }
        if !steps.iter().any(|step| step.part == Part::Then) {
            return Err(wrong(1, "there is no `Then`: it would pass whatever happens"));
        }
        Ok(Scenario { name, file: file.to_owned(), title, ids, why, steps })
    }
}

fn step_of(line: usize, text: &str, before: Option<Part>) -> Result<Step, &'static str> {
    let (word, sentence) = text.split_once(' ').ok_or("a step has more than one word")?;
    let part = match (word, before) {
        ("Given", None | Some(Part::Given)) => Part::Given,
        ("Given", Some(_)) => return Err("`Given` comes before anything happens"),
        ("When", _) => Part::When,
        ("Then", _) => Part::Then,
        ("And", Some(part)) => part,
        ("And", None) => return Err("the first step begins with `Given` or `When`"),
        _ => return Err("a step begins with Given, When, Then or And"),
    };
    Ok(Step { line, part, sentence: sentence.trim().to_owned() })
}

/// Every scenario under a folder, in order of name, its file told relative to `root`. The error names the file.
pub fn read_all(root: &Path, folder: &str) -> std::io::Result<Vec<Result<Scenario, Misread>>> {
    let (mut folders, mut files) = (vec![root.join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") && !path.ends_with("README.md") {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut scenarios = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        let file = file.strip_prefix(root).unwrap_or(&file).to_owned();
        scenarios.push(Scenario::read(&file, &text));
    }
    Ok(scenarios)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A title\n\nRequirements: S1-06, X-2\n\nBecause people ask.\n\n- Given a thing\n- And another\n\
                        - When it happens\n  in two lines\n- Then it is so\n";

    fn read(text: &str) -> Result<Scenario, Misread> {
        Scenario::read(Path::new("S1/S1-06-name.md"), text)
    }

    #[test]
    fn a_file_is_read_in_its_parts() {
        let scenario = read(TEXT).unwrap();
        assert_eq!(scenario.name, "S1-06-name");
        assert_eq!(scenario.title, "A title");
        assert_eq!(scenario.ids.iter().map(ToString::to_string).collect::<Vec<_>>(), ["S1-6", "X-2"]);
        assert_eq!(scenario.why, "Because people ask.");
        let steps: Vec<_> = scenario.steps.iter().map(|s| (s.line, s.part, s.sentence.as_str())).collect();
        assert_eq!(
            steps,
            [
                (7, Part::Given, "a thing"),
                (8, Part::Given, "another"),
                (9, Part::When, "it happens in two lines"),
                (11, Part::Then, "it is so"),
            ]
        );
    }

    #[test]
    fn what_would_prove_nothing_is_refused() {
        let problem = |text: &str| read(text).unwrap_err();
        assert!(problem(&TEXT.replace("- Then it is so\n", "")).problem.contains("no `Then`"));
        assert!(problem(&TEXT.replace("Because people ask.", "")).problem.contains("why"));
        assert!(problem(&TEXT.replace("Requirements: S1-06, X-2", "")).problem.contains("Requirements"));
        assert_eq!(problem(&TEXT.replace("X-2", "Q-2")).line, 3);
        assert_eq!(problem(&TEXT.replace("- And another", "- But another")).line, 8);
        assert_eq!(problem(&TEXT.replace("- When it", "words")).line, 9);
    }
}

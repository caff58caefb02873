//! No line over 120 columns.

use crate::repo::{File, Repo};
use crate::rust;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "width",
    why: "Two files side by side, and a review on a laptop, show 120 columns.",
    fix: "Break the line. Let through is what cannot be broken or is better found in one piece: rows of tables, links, \
          strings (a sentence, an SQL statement, a segment), inline tables of TOML, and the markup of pages.",
    look,
};

const LIMIT: usize = 120;

fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in repo.texts().filter(|file| !file.is_as_it_is()) {
        let measure = match file.extension() {
            "rs" => rust_columns,
            "md" => markdown_columns,
            "toml" => toml_columns,
            _ if file.is(&["sql", "sh", "py", "js"]) => plain_columns,
            _ => continue,
        };
        for (number, columns) in measure(file).into_iter().filter(|(_, columns)| *columns > LIMIT) {
            found.push(Finding::at(file.path, number, format!("{columns} columns; at most {LIMIT}")));
        }
    }
    found
}

type Columns = Vec<(usize, usize)>;

fn plain_columns(file: File<'_>) -> Columns {
    file.lines().map(|(number, line)| (number, columns(line))).collect()
}

/// Strings do not count, wherever they begin.
fn rust_columns(file: File<'_>) -> Columns {
    let taken = rust::lines(file.text);
    let measured = file.lines().zip(&taken).map(|((number, line), parts)| {
        let within = columns(&parts.code) + columns(&parts.comment);
        // Lines inside of a string have neither code nor comment.
        (number, columns(line).min(within + parts.strings.iter().map(|string| columns(string).min(1)).sum::<usize>()))
    });
    measured.collect()
}

fn markdown_columns(file: File<'_>) -> Columns {
    let lines = file.lines().filter(|(_, line)| !line.trim_start().starts_with('|') && !line.contains("]("));
    lines.map(|(number, line)| (number, columns(line))).collect()
}

fn toml_columns(file: File<'_>) -> Columns {
    let lines = file.lines().filter(|(_, line)| !line.contains("= {"));
    lines.map(|(number, line)| (number, columns(line))).collect()
}

/// Columns without the addresses, which cannot be broken.
fn columns(line: &str) -> usize {
    let address = |word: &&str| word.contains("://");
    line.chars().count() - line.split(' ').filter(address).map(|word| word.chars().count()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_line_is_found_unless_it_cannot_be_broken() {
        let wide = "ä".repeat(121);
        let rust = format!("let x = \"{wide}\";\n// {wide}\nlet y = r\"\n{wide}\n\"; // {}\n", &wide[..226]);
        let repo = Repo::of(&[
            ("a.md", &format!("| {wide} |\n[{wide}](b.md)\n{wide}\n")),
            ("b.rs", &rust),
            ("c.toml", &format!("a = {{ b = \"{wide}\" }}\n# {wide}\n")),
            ("d.sql", &format!("-- https://example.org/{wide}\n{wide}\n")),
            ("e.html", &wide),
        ]);
        let lines: Vec<_> = look(&repo).iter().map(|finding| (finding.path.clone(), finding.line)).collect();
        let expected = [("a.md", 3), ("b.rs", 2), ("c.toml", 2), ("d.sql", 2)];
        assert_eq!(lines, expected.map(|(path, line)| (path.to_owned(), Some(line))));
    }
}

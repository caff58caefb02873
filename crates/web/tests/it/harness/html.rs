//! Just enough of HTML to look over pages: tags with their attributes, and the text between them.

use crate::harness::Answer;

/// One tag as it stands in a page.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) closes: bool,
    pub(crate) attributes: Vec<(String, String)>,
    /// The text up to the next tag.
    pub(crate) text: String,
}

impl Tag {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The tags of a page in order. Panics where a page is not well formed enough to be read.
pub(crate) fn tags(page: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, behind)) = rest.split_once('<') {
        let end = end_of(behind);
        let (inside, after) = (&behind[..end], &behind[end + 1..]);
        let text = after.split('<').next().unwrap_or_default().to_owned();
        rest = after;
        if inside.starts_with('!') {
            continue;
        }
        let closes = inside.starts_with('/');
        let inside = inside.trim_start_matches('/');
        let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        tags.push(Tag { name: name.to_lowercase(), closes, attributes: attributes_of(attributes), text });
    }
    tags
}

/// Where a tag ends: the first `>` outside of quotes.
fn end_of(behind: &str) -> usize {
    let mut quoted = false;
    for (at, letter) in behind.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '>' if !quoted => return at,
            _ => {}
        }
    }
    panic!("a tag does not end: <{}", &behind[..behind.len().min(80)]);
}

fn attributes_of(mut rest: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return attributes;
        }
        let end = rest.find(|letter: char| letter == '=' || letter.is_whitespace()).unwrap_or(rest.len());
        let name = rest[..end].to_lowercase();
        rest = &rest[end..];
        if let Some(value) = rest.strip_prefix('=') {
            let value = value.strip_prefix('"').unwrap_or_else(|| panic!("{name} has no quotes: {value}"));
            let (value, behind) = value.split_once('"').expect("a closing quote");
            attributes.push((name, value.to_owned()));
            rest = behind;
        } else {
            attributes.push((name, String::new()));
        }
    }
}

/// The text of a page as a person reads it: without tags, blanks collapsed, references resolved.
pub(crate) fn words(page: &str) -> String {
    let body = page.split_once("<body").map_or(page, |(_, body)| body);
    let mut text = String::new();
    for tag in tags(&format!("<body{body}")) {
        text.push_str(&tag.text);
        text.push(' ');
    }
    let text = text
        .replace("&#38;", "&")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text between the main landmarks.
pub(crate) fn main_words(answer: &Answer) -> String {
    let page = answer.text();
    let (_, behind) = page.split_once("<main").expect("a main part");
    let (inside, _) = behind.split_once("</main>").expect("an end of it");
    words(&format!("<main{inside}</main>"))
}

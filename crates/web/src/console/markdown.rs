//! The little Markdown that the pages of gates are written in: headings, paragraphs, lists and `code`. Read into
//! values, so that the template escapes everything.

/// A piece of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// `#`
    Title(String),
    /// `##`
    Heading(String),
    /// Lines up to an empty one.
    Paragraph(Vec<Span>),
    /// Lines that begin with `* ` or `- `.
    List(Vec<Vec<Span>>),
}

/// A stretch of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Between backticks.
    pub(crate) is_code: bool,
    pub(crate) text: String,
}

/// Reads a page.
pub(crate) fn read(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    for line in page.lines().map(str::trim).chain([""]) {
        let heading = line.strip_prefix("## ").map(|text| Block::Heading(text.to_owned()));
        let heading = heading.or_else(|| line.strip_prefix("# ").map(|text| Block::Title(text.to_owned())));
        if line.is_empty() || heading.is_some() {
            close(&mut open, &mut blocks);
        } else {
            open.push(line);
        }
        blocks.extend(heading);
    }
    blocks
}

/// The title of a page.
pub(crate) fn title(page: &str) -> &str {
    page.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default().trim()
}

fn close(open: &mut Vec<&str>, blocks: &mut Vec<Block>) {
    let lines = std::mem::take(open);
    let item = |line: &str| line.strip_prefix("* ").or_else(|| line.strip_prefix("- ")).map(str::to_owned);
    let mut items: Vec<String> = Vec::new();
    let mut paragraph = String::new();
    for line in lines {
        match (item(line), items.last_mut()) {
            (Some(first), _) => items.push(first),
            (None, Some(last)) => {
                last.push(' ');
                last.push_str(line);
            }
            (None, None) => {
                if !paragraph.is_empty() {
                    paragraph.push(' ');
                }
                paragraph.push_str(line);
            }
        }
    }
    if !paragraph.is_empty() {
        blocks.push(Block::Paragraph(spans(&paragraph)));
    }
    if !items.is_empty() {
        blocks.push(Block::List(items.iter().map(|item| spans(item)).collect()));
    }
}

fn spans(text: &str) -> Vec<Span> {
    let pieces = text.split('`').enumerate();
    let spans = pieces.map(|(at, piece)| Span { is_code: at % 2 == 1, text: piece.to_owned() });
    spans.filter(|span| !span.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::gates::Gate;

    fn text(text: &str) -> Span {
        Span { is_code: false, text: text.to_owned() }
    }

    #[test]
    fn a_page_is_read_into_blocks() {
        let code = Span { is_code: true, text: "DR9".to_owned() };
        assert_eq!(
            read("# T\n\n## H\nOne\ntwo `DR9`.\n\n* a\n  b\n* c\n"),
            [
                Block::Title("T".to_owned()),
                Block::Heading("H".to_owned()),
                Block::Paragraph(vec![text("One two "), code, text(".")]),
                Block::List(vec![vec![text("a b")], vec![text("c")]]),
            ]
        );
    }

    #[test]
    fn every_gate_has_a_title_and_something_to_say() {
        for gate in Gate::ladder() {
            let page = gate.page();
            assert!(!title(&page).is_empty(), "{}", gate.id.name());
            assert!(read(&page).len() > 5, "{}", gate.id.name());
        }
    }
}

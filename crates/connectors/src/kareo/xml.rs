//! XML read into a small tree, and written out of one.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use serde::{Deserialize, Serialize};

/// Answers of this service are far less deep.
const DEEPEST: usize = 64;

/// An element. Of names only the local part counts: the service answers in one namespace or another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Node {
    #[serde(rename = "n")]
    pub(super) name: String,
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) children: Vec<Node>,
}

impl Node {
    /// An element with a text.
    pub(super) fn text_of(name: &str, text: &str) -> Node {
        Node { name: name.to_owned(), text: text.to_owned(), children: Vec::new() }
    }

    /// An element with members, in this order.
    pub(super) fn with(name: &str, children: Vec<Node>) -> Node {
        Node { name: name.to_owned(), text: String::new(), children }
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of a child, if it has one.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str()).filter(|text| !text.is_empty())
    }

    /// Whether a child says yes.
    pub(super) fn says_yes(&self, name: &str) -> bool {
        self.get(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }
}

/// Reads a document. Nothing when it is none; one that declares a type is not read.
pub(super) fn read(bytes: &[u8]) -> Option<Node> {
    let mut reader = Reader::from_str(std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}'));
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if open.len() <= DEEPEST => {
                open.push(Node { name: start.local_name().as_ref().to_owned(), ..Node::default() });
            }
            Event::Start(_) | Event::DocType(_) => return None,
            Event::Empty(start) => {
                let node = Node { name: start.local_name().as_ref().to_owned(), ..Node::default() };
                open.last_mut()?.children.push(node);
            }
            Event::End(_) => {
                let mut node = open.pop()?;
                node.text = node.text.trim().to_owned();
                open.last_mut()?.children.push(node);
            }
            Event::Text(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
            Event::CData(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().ok()?.map(|letter| letter.to_string());
                let text = letter.or_else(|| resolve_predefined_entity(&reference).map(str::to_owned))?;
                open.last_mut()?.text.push_str(&text);
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    let root = open.pop().filter(|_| open.is_empty())?;
    root.children.into_iter().next()
}

/// Writes a document. `attributes`: of the outermost element.
pub(super) fn write(root: &Node, attributes: &[(&str, &str)]) -> std::io::Result<String> {
    let mut writer = Writer::new(Vec::new());
    element(&mut writer, root, attributes)?;
    String::from_utf8(writer.into_inner()).map_err(std::io::Error::other)
}

fn element(writer: &mut Writer<Vec<u8>>, node: &Node, attributes: &[(&str, &str)]) -> std::io::Result<()> {
    let mut start = BytesStart::new(node.name.as_str());
    for attribute in attributes {
        start.push_attribute(*attribute);
    }
    writer.write_event(Event::Start(start))?;
    if !node.text.is_empty() {
        writer.write_event(Event::Text(BytesText::new(&node.text)))?;
    }
    for child in &node.children {
        element(writer, child, &[])?;
    }
    writer.write_event(Event::End(BytesEnd::new(node.name.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_escaped_and_reads_back() {
        let name = "A & B <Clinic> \"north\"";
        let node =
            Node::with("k:Filter", vec![Node::text_of("k:PracticeName", name), Node::with("k:Fields", Vec::new())]);
        let text = write(&node, &[("xmlns:k", "urn:k")]).unwrap();
        assert!(text.contains("A &amp; B &lt;Clinic&gt;"), "{text}");
        let back = read(text.as_bytes()).unwrap();
        assert_eq!((back.name.as_str(), back.get("PracticeName")), ("Filter", Some(name)));
    }

    #[test]
    fn entities_and_numbers_of_letters_are_read_and_a_declared_type_is_not() {
        let read_text = |text: &str| read(text.as_bytes()).and_then(|node| node.get("b").map(str::to_owned));
        assert_eq!(read_text("<a xmlns='urn:x'><b> D&#233;j&#xe0; &lt;vu&gt; </b></a>").as_deref(), Some("Déjà <vu>"));
        assert_eq!(read_text("<a><b><![CDATA[1 < 2]]></b></a>").as_deref(), Some("1 < 2"));
        assert!(read(b"<!DOCTYPE a [<!ENTITY x \"y\">]><a><b>&x;</b></a>").is_none());
        assert!(read(b"<a><b></a>").is_none());
        assert!(read("<a>".repeat(500).as_bytes()).is_none());
    }
}

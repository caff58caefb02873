//! XML with namespaces, read into a small tree, and written as text.

use quick_xml::NsReader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use std::collections::BTreeMap;

/// The namespace of operations and nearly all types, with its final slash.
pub(super) const SLASH: &str = "http://www.kareo.com/api/schemas/";
/// The namespace of the inner members of a few operations, without it.
pub(super) const NO_SLASH: &str = "http://www.kareo.com/api/schemas";

/// An element.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// The child of this name.
    pub(super) fn child(&self, namespace: &str, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.namespace == namespace && child.name == name)
    }

    /// The members as the service's serializer takes them: in the order of the schema. What is unknown, in another
    /// namespace or behind its place is silently dropped (confirmed).
    pub(super) fn members(&self, namespace: &str, order: &[&'static str]) -> BTreeMap<&'static str, &Node> {
        let (mut next, mut taken) = (0, BTreeMap::new());
        for child in self.children.iter().filter(|child| child.namespace == namespace) {
            if let Some(at) = order[next..].iter().position(|name| *name == child.name) {
                taken.insert(order[next + at], child);
                next += at + 1;
            }
        }
        taken
    }

    /// The texts of the members; empty ones are as good as absent.
    pub(super) fn texts(&self, namespace: &str, order: &[&'static str]) -> BTreeMap<&'static str, String> {
        let members = self.members(namespace, order).into_iter();
        members.filter(|(_, node)| !node.text.is_empty()).map(|(name, node)| (name, node.text.clone())).collect()
    }
}

/// Reads a document; `None` when it is none, or declares a type.
pub(super) fn read(bytes: &[u8]) -> Option<Node> {
    let mut reader = NsReader::from_str(std::str::from_utf8(bytes).ok()?);
    let mut open: Vec<Node> = vec![Node::default()];
    loop {
        let (namespace, event) = reader.read_resolved_event().ok()?;
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => namespace.as_ref().to_owned(),
            _ => String::new(),
        };
        let named = |name: &str| Node { namespace: namespace.clone(), name: name.to_owned(), ..Node::default() };
        match event {
            Event::Start(start) => open.push(named(start.local_name().as_ref())),
            Event::Empty(start) => {
                let node = named(start.local_name().as_ref());
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
                let text = match reference.resolve_char_ref().ok()? {
                    Some(letter) => letter.to_string(),
                    None => resolve_predefined_entity(&reference)?.to_owned(),
                };
                open.last_mut()?.text.push_str(&text);
            }
            Event::DocType(_) => return None,
            Event::Eof => break,
            _ => {}
        }
    }
    let root = open.pop().filter(|_| open.is_empty())?;
    root.children.into_iter().next()
}

/// An element with a text; an empty text gives an empty element.
pub(super) fn element(name: &str, text: &str) -> String {
    if text.is_empty() { format!("<{name}/>") } else { format!("<{name}>{}</{name}>", escape(text)) }
}

/// An element with members.
pub(super) fn wrap(name: &str, members: &[(&str, &str)]) -> String {
    let inner: String = members.iter().map(|(name, text)| element(name, text)).collect();
    format!("<{name}>{inner}</{name}>")
}

//! Lists of a document: named, also when they are empty, or left out.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::{Deref, DerefMut};

/// A list of a document. One that a document names replaces what documents put there before; one that it leaves out
/// stays as it is.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    named: bool,
    items: Vec<T>,
}

impl<T> Listed<T> {
    /// The document says what is in it, if only that nothing is.
    pub fn is_named(&self) -> bool {
        self.named || !self.items.is_empty()
    }

    /// The document does not speak of it.
    pub fn is_left_out(&self) -> bool {
        !self.is_named()
    }

    /// Says what is in it, also when that is nothing.
    pub fn name(&mut self) {
        self.named = true;
    }
}

impl<T: Clone> Listed<T> {
    /// What was there before stays, when the document leaves the list out.
    pub fn or_as_before(&mut self, before: &Listed<T>) {
        if self.is_left_out() {
            self.items.clone_from(&before.items);
        }
    }
}

impl<T> Default for Listed<T> {
    fn default() -> Listed<T> {
        Listed { named: false, items: Vec::new() }
    }
}

impl<T> From<Vec<T>> for Listed<T> {
    fn from(items: Vec<T>) -> Listed<T> {
        Listed { named: true, items }
    }
}

impl<T> Deref for Listed<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.items
    }
}

/// Whoever changes a list names it.
impl<T> DerefMut for Listed<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        self.named = true;
        &mut self.items
    }
}

/// Two lists are the same when the same is in them, however that was said.
impl<T: PartialEq> PartialEq for Listed<T> {
    fn eq(&self, other: &Listed<T>) -> bool {
        self.items == other.items
    }
}

impl<'a, T> IntoIterator for &'a Listed<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<T: Serialize> Serialize for Listed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.items.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Listed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Listed<T>, D::Error> {
        Vec::deserialize(deserializer).map(Listed::from)
    }
}

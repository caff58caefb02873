//! Protected health information: values that must not reach a log, a metric, a panic or a URL.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use std::fmt;

/// A value about a patient. `Debug` prints `***`, there is no `Display` and no `Serialize`: whoever shows it calls
/// [`Phi::open`] by name, and a reviewer can search for that.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Marks a value as being about a patient.
    pub fn new(value: T) -> Phi<T> {
        Phi(value)
    }

    /// The value itself. Say in the calling code why it is needed there.
    pub fn open(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Phi<T> {
    fn from(value: T) -> Phi<T> {
        Phi(value)
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<C, T: Encode<C>> Encode<C> for Phi<T> {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, ctx: &mut C) -> Result<(), encode::Error<W::Error>> {
        self.0.encode(e, ctx)
    }
    fn is_nil(&self) -> bool {
        self.0.is_nil()
    }
}

impl<'b, C, T: Decode<'b, C>> Decode<'b, C> for Phi<T> {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Phi<T>, decode::Error> {
        T::decode(d, ctx).map(Phi)
    }
    fn nil() -> Option<Phi<T>> {
        T::nil().map(Phi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_the_value() {
        let shown = format!("{:?}", Some(Phi::new("ada@example.com")));
        assert_eq!(shown, "Some(***)");
    }
}

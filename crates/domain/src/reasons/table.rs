//! How the catalogue is written down: an entry is a few lines, and becomes a variant with its number and texts.

/// Makes [`Reason`](crate::reasons::Reason) of a list of entries.
macro_rules! reasons {
    ($($(#[doc = $what:literal])+ $variant:ident = $number:literal $code:literal {
        $family:ident $class:ident $owner:ident $heals:ident $effort:ident
        label: $label:literal,
        says: $says:literal,
        fix: $fix:literal,
    })*) => {
        /// Why an appointment is not simply in sync.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[doc = $what])+ $variant,)*
        }

        impl Reason {
            /// Every reason, in the order of the catalogue.
            pub const ALL: &[Reason] = &[$(Reason::$variant),*];

            /// The number it is stored under.
            pub const fn number(self) -> u16 {
                match self {
                    $(Reason::$variant => $number,)*
                }
            }

            /// Reads the stored number back.
            pub const fn from_number(number: u16) -> Option<Reason> {
                match number {
                    $($number => Some(Reason::$variant),)*
                    _ => None,
                }
            }

            /// Its entry in the catalogue.
            pub const fn entry(self) -> &'static Entry {
                match self {
                    $(Reason::$variant => &Entry {
                        code: $code,
                        family: Family::$family,
                        class: Class::$class,
                        owner: OwnerRole::$owner,
                        heals: Heals::$heals,
                        effort: Effort::$effort,
                        label: $label,
                        what: concat!($($what, "\n"),+),
                        says: $says,
                        fix: $fix,
                    },)*
                }
            }
        }
    };
}

//! What a viewer may see of patient data. Masked unless said otherwise (requirement X-10).

/// How much of a patient's data a viewer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Everything: the clinic's own people, or someone who gave a reason that was recorded.
    Open,
    /// Identity masked.
    Masked,
}

impl Sight {
    /// A name as this viewer sees it: `A. O.` when masked.
    pub fn name(self, name: &str) -> String {
        match self {
            Sight::Open => name.to_owned(),
            Sight::Masked => {
                let initials = name.split_whitespace().filter_map(|word| word.chars().next());
                initials.map(|initial| format!("{initial}.")).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// A private value (mostly an e-mail address) as this viewer sees it.
    pub fn private(self, value: &str) -> String {
        match self {
            Sight::Open => value.to_owned(),
            Sight::Masked => mask_email(value),
        }
    }
}

/// `a***@example.com`: enough to recognise for who knows it, not enough to write to.
pub fn mask_email(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = local.trim().chars().take(1).collect();
    if domain.is_empty() { format!("{first}***") } else { format!("{first}***@{domain}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_values_are_recognisable_but_not_usable() {
        assert_eq!(Sight::Masked.private("ada.okafor@example.com"), "a***@example.com");
        assert_eq!(Sight::Masked.private("no address"), "n***");
        assert_eq!(Sight::Masked.name("Ada Okafor"), "A. O.");
        assert_eq!(Sight::Open.name("Ada Okafor"), "Ada Okafor");
    }
}

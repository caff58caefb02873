//! Where reading goes on: what the engine keeps for us as a cursor.

use domain::text::Text;
use domain::time::Moment;

/// Where reading goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Everything the server had changed up to this, by its own clock, has been read.
    Since(Moment),
    /// In the middle of a list.
    Page {
        /// The watermark under which the list was begun; it stays until the list is read to its end.
        since: Option<Moment>,
        /// The newest change seen in the list so far.
        newest: Option<Moment>,
        /// The next page, as the server gave it.
        url: Text,
    },
}

impl Place {
    /// As it is kept.
    pub(super) fn write(&self) -> Text {
        let told = |moment: &Option<Moment>| moment.map_or_else(|| "-".to_owned(), |moment| moment.to_string());
        match self {
            Place::Since(moment) => Text::from(format!("since {moment}")),
            Place::Page { since, newest, url } => Text::from(format!("page {} {} {url}", told(since), told(newest))),
        }
    }

    /// Reads what was kept; `None`: nobody kept that.
    pub(super) fn read(text: &str) -> Option<Place> {
        let moment = |text: &str| text.parse::<jiff::Timestamp>().ok().map(Moment::from);
        match text.split_once(' ')? {
            ("since", rest) => moment(rest).map(Place::Since),
            ("page", rest) => {
                let mut parts = rest.splitn(3, ' ');
                let (since, newest, url) = (parts.next()?, parts.next()?, parts.next()?);
                Some(Place::Page { since: moment(since), newest: moment(newest), url: url.into() })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back_what_they_write() {
        let at = Moment::from_micros(1_700_000_000_123_456);
        let places = [
            Place::Since(at),
            Place::Page { since: Some(at), newest: None, url: "http://s/fhir?a=1&b=x y".into() },
            Place::Page { since: None, newest: Some(at), url: "?page=2".into() },
        ];
        for place in places {
            assert_eq!(Place::read(&place.write()), Some(place));
        }
        assert_eq!(Place::read("17"), None);
    }
}

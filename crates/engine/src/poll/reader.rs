//! The port of sources that are read by asking: what somebody who writes a connector for a vendor's API has to know.
//!
//! # How to write a connector
//!
//! A connector implements [`SourceReader`] for one integration, and [`Readers`] to make it from a set-up. It asks the
//! vendor, one page at a time, and turns what comes back into [`Record`]s. It decides nothing else: *when* something is
//! read, *how often*, with which cursor, what is done about a failure, what is stored, and what counts as removed are
//! the engine's, by the numbers of the `[polling]` table in the source's profile.
//!
//! The rules:
//!
//! * **Keep nothing that matters.** A reader may be dropped and made anew between any two calls, on another machine.
//!   Access tokens may be kept in memory; cursors belong to the engine.
//! * **Wait for your turn.** Call [`Ask::turn`] before *every* request to the vendor, also for tokens and for details
//!   of single records. It waits when the vendor's limit says so, and fails with [`Failure::Throttled`] when the wait
//!   would be long: return that failure.
//! * **One page a call.** Follow no next-link yourself: return it in [`Page::next`] and be called again. The page is
//!   durable before you are; so also a feed that hands each change out only once is read without loss.
//! * **Bytes as they came.** Put the response's body into [`Sheet::body`]. It is kept whenever the page says something
//!   new. Credentials never stand in it.
//! * **Readable again.** What else was needed to read the body (names that other requests brought, which of its rows
//!   were read) goes into [`Sheet::read_with`] and is kept with it, so that one function, `bytes and that → records`,
//!   serves the reader and whoever judges kept pages again ([`crate::ports::Rereader`]).
//! * **Nothing is guessed.** What cannot be read becomes a [`Problem`] with its place, the rest of the page passes.
//! * **Files are told as [`Next::File`].** They speak of the past: what they prove is of the time they were written at.
//! * **Retry nothing.** Return the [`Failure`] that fits; the engine waits, refreshes, starts over or tells people.
//! * **No panic, and an end.** Each request has a time limit of its own, well below [`LEASE_SECS`].
//!
//! What each failure means stands at [`Failure`].

use crate::ports::PortFuture;
use crate::setup::Integration;
use domain::model::{BirthDate, Record};
use domain::text::Text;
use domain::time::Moment;
use std::sync::Arc;
use store::EnvelopeFormat;

/// A process that reads an integration holds it for so long at a time, in seconds, and again with each page.
pub const LEASE_SECS: i64 = 120;

/// What a source can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// It tells what changed since a cursor ([`SourceReader::changes`]).
    pub changes: bool,
    /// Reading the changes takes them off: what was handed out is not handed out again. Every such page is kept.
    pub consumes: bool,
    /// It lists the visits that start in a range ([`SourceReader::window`]).
    pub windows: bool,
    /// It tells of a single visit ([`SourceReader::one`]).
    pub single: bool,
    /// Its records carry its own version (a time of change, a sequence). Without one a record's stamp is the time of
    /// reading, and the engine gives it a new one only when the content differs from what is held.
    pub stamps: bool,
}

/// What comes with every question.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Where to go on: the text of an earlier [`Next`]; `None`: from the beginning (of the window), or from now (of the
    /// changes).
    pub cursor: Option<&'a str>,
    /// Go back so many seconds behind the cursor where it is a time: rows that were written late, and clocks that
    /// differ. What was read before does no harm.
    pub overlap_secs: u32,
    /// So many records a page at most, where the vendor lets us choose.
    pub page_size: u32,
    /// Now, by our clock.
    pub now: Moment,
    /// The vendor's limit.
    pub pace: &'a dyn Pace,
}

impl Ask<'_> {
    /// Waits until one more request may be made. To be called before each.
    pub async fn turn(&self) -> Result<(), Failure> {
        self.pace.turn().await
    }

    /// The same for a vendor that wants a gap between two calls of one operation: `polling.gaps_millis` of the profile
    /// names it as it is named here.
    pub async fn turn_for(&self, operation: &str) -> Result<(), Failure> {
        self.pace.turn_for(operation).await
    }
}

/// Lets requests pass as fast as the vendor allows, over all processes.
pub trait Pace: Send + Sync {
    /// Waits until one more request may be made; fails with [`Failure::Throttled`] when that is not soon.
    fn turn(&self) -> PortFuture<'_, Result<(), Failure>>;

    /// Waits until one more request of this operation may be made.
    fn turn_for<'a>(&'a self, operation: &'a str) -> PortFuture<'a, Result<(), Failure>> {
        let _ = operation;
        self.turn()
    }
}

/// A range of starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Visits that start at or after this.
    pub from: Moment,
    /// And before this. Both are midnights of the practice's zone. A source that counts in days of another zone asks
    /// for more; visits outside of the window do no harm.
    pub to: Moment,
}

/// One page of what a source said.
#[derive(Clone, Debug)]
pub struct Page {
    /// What came, usually one response.
    pub sheets: Vec<Sheet>,
    /// How it goes on.
    pub next: Next,
    /// Nothing is known to be left out. `false` when the source itself said that its answer is partial (a facility that
    /// did not answer, an OperationOutcome, a list that was cut): the read then proves no absence.
    pub complete: bool,
    /// What time it was for the source when it answered (`Date` header, or better).
    pub server_time: Option<Moment>,
}

/// One response, and what it says.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its body as it came.
    pub body: Arc<[u8]>,
    /// How that is encoded.
    pub format: EnvelopeFormat,
    /// What was read out of it.
    pub records: Vec<Record>,
    /// What could not be.
    pub problems: Vec<Problem>,
    /// Visits that it names without saying anything new of them (an entry without a body). They are there: they do not
    /// count as vanished.
    pub named: Vec<Text>,
    /// What it was read with besides its body, in the connector's own form; kept with it. No credentials.
    pub read_with: Option<String>,
}

impl Sheet {
    /// A response that says nothing yet.
    pub fn of(body: Arc<[u8]>, format: EnvelopeFormat) -> Sheet {
        Sheet { body, format, records: Vec::new(), problems: Vec::new(), named: Vec::new(), read_with: None }
    }
}

/// A record that could not be read. It is set aside for a person; the rest of the page passes.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The visit's id, when that much could be read. A problem without one makes a window prove no absence.
    pub source_id: Option<Text>,
    /// Where: `entry[3].resource.start`.
    pub place: Text,
    /// What is wrong, without patient data.
    pub what: Text,
    /// Its own bytes, to be kept aside; `None`: the sheet's are kept.
    pub body: Option<Arc<[u8]>>,
}

/// How a read goes on. The texts are the connector's own; the engine keeps them and gives them back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// There is more now: ask again with this.
    Page(Text),
    /// Everything there was has been read; the next changes come after this. Only for [`SourceReader::changes`], and
    /// the only way it can end: changes without a place to go on from are a lost cursor, never an empty success.
    Later(Text),
    /// The window is read to its end. Only for [`SourceReader::window`].
    End,
    /// A file was handed over, or a part of one. Only for [`SourceReader::changes`].
    File(Box<Filed>),
}

/// What a file proves beside its records: a source that hands files over tells of the past, and a whole file may be a
/// list of all there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// Where to go on.
    pub cursor: Text,
    /// There is more now: ask again with this cursor.
    pub more: bool,
    /// When what was read was true. Records without a version of their own are of that time; with the last page there
    /// is now, everything that changed up to then has been read. `None`: nothing was ever read, and nothing is proved.
    pub as_of: Option<Moment>,
    /// It is (a part of) a list of all there is.
    pub list: Option<FileList>,
    /// Something before this is lost for good (a file that was cut off, one that never came): what was read counts, but
    /// changes have not been read without a gap. What happened, without patient data.
    pub broken: Option<Text>,
    /// What else was odd and loses nothing: a file that came twice or late. Without patient data.
    pub note: Option<Text>,
}

/// A list of all there is, in one file or several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileList {
    /// The starts that it covers.
    pub window: Window,
    /// This is its first part.
    pub first: bool,
    /// This is its last part.
    pub last: bool,
    /// A visit that none of the parts names is not there any more; otherwise its absence means nothing.
    pub means_gone: bool,
}

/// What became of a single visit.
#[derive(Clone, Debug)]
pub enum One {
    /// It is there.
    Found(Sheet),
    /// The source says that there is no such visit (404, 410, its own word for it). Not for "you may not see it".
    NotFound,
}

/// Whom a source is searched for: by everything that is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientWanted {
    /// The family name, or how it begins.
    pub family: Text,
    /// The given name, or how it begins.
    pub given: Option<Text>,
    /// The date of birth.
    pub birth_date: BirthDate,
}

/// Why a read failed. Texts name no patient and quote no credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The access token is not taken (401). The engine calls [`SourceReader::refresh`] and asks once more; the second
    /// time it is a rejected credential, and people are told.
    Unauthorized,
    /// What we show for a token is not taken: a client's id or secret, a key (`invalid_client`). Asking again cannot
    /// help; tried again only seldom, to notice that it was mended.
    Rejected {
        /// What was said, as a code: `invalid_client`.
        what: Text,
    },
    /// The grant itself was taken back (`invalid_grant`, a deactivated user): asking again cannot help. Told apart from
    /// an outage and from a wrong secret; tried again only seldom, to notice that it was restored.
    Revoked {
        /// What was said, as a code: `invalid_grant`.
        what: Text,
    },
    /// The vendor wants us to ask less (429, 503 with `Retry-After`, its own words).
    Throttled {
        /// For so many seconds nothing is asked; `None`: it did not say.
        retry_after: Option<u32>,
    },
    /// The cursor is not known any more (410, an unknown sync token). The engine begins anew: from now on for changes,
    /// and every window in full with a look at what has vanished.
    CursorLost,
    /// Nobody answered, not in time, or with a failure of its own (5xx).
    Unreachable {
        /// What happened: `503 Service Unavailable`, `no answer within 30 s`.
        what: Text,
    },
    /// The source understood and refuses (403, a missing scope, a parameter it does not take).
    Refused {
        /// What it said.
        what: Text,
    },
    /// The answer cannot be understood at all. For single records there are [`Problem`]s.
    Malformed {
        /// What is wrong with it.
        what: Text,
    },
    /// The place where the source leaves its files is not there, or may not be read.
    NoPlace {
        /// What is wrong with it.
        what: Text,
    },
    /// Something is missing on our side: a credential that cannot be read, no address.
    NotReady {
        /// What is missing.
        what: Text,
    },
}

/// A call to the address that the vendor was given for its webhooks. Nobody vouches for whoever makes it.
#[derive(Clone, Copy, Debug)]
pub struct Knock<'k> {
    /// It brings something; otherwise the address is only being tried.
    pub brings: bool,
    /// What stands behind the `?` of the address.
    pub query: &'k str,
    /// Headers, their names in lower case.
    pub headers: &'k [(String, String)],
    /// The body.
    pub body: &'k [u8],
}

impl<'k> Knock<'k> {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&'k str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What a call to the webhook's address came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It does not show that it is the vendor: it is answered as if there were nothing here.
    Stranger,
    /// The vendor tries whether we are who it was told: this JSON shows it.
    Proof(String),
    /// Something changed; of one visit when its id is there. What is read then decides.
    Look(Option<Text>),
    /// It is the vendor, and nothing changed.
    Nothing,
}

/// What a source does not have a question for: its [`Capabilities`] say so, and it is not asked.
fn cannot<'a, T>(what: &'static str) -> PortFuture<'a, Result<T, Failure>> {
    Box::pin(async move { Err(Failure::Refused { what: Text::literal(what) }) })
}

/// Reads one integration's source. What it cannot be asked is left out.
pub trait SourceReader: Send + Sync {
    /// What can be asked.
    fn capabilities(&self) -> Capabilities;

    /// What changed since the cursor, all kinds of changes: also what was cancelled. Without a cursor: where it stands
    /// now (an empty page with [`Next::Later`] will do; the windows tell what was before).
    fn changes<'a>(&'a self, _ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        cannot("this source does not tell what changed")
    }

    /// The visits that start in a window, of every status the source lists.
    fn window<'a>(&'a self, _window: Window, _ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        cannot("this source cannot be asked for a list")
    }

    /// One visit by its source id. Called on demand, on a webhook's hint, and before anything counts as removed.
    fn one<'a>(&'a self, _source_id: &'a str, _ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        cannot("this source cannot be asked for one visit")
    }

    /// Whether it can be searched for patients, and asked for one of them.
    fn finds_patients(&self) -> bool {
        false
    }

    /// Patients by name and date of birth, one page of them. Where the vendor lets us choose, what is looked for stands
    /// in no address: addresses end up in logs.
    fn patients<'a>(&'a self, _wanted: &'a PatientWanted, _ask: Ask<'a>) -> PortFuture<'a, Result<Sheet, Failure>> {
        cannot("this source cannot be searched for patients")
    }

    /// One patient by their source id.
    fn patient<'a>(&'a self, _source_id: &'a str, _ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        cannot("this source cannot be asked for one patient")
    }

    /// Throws the access token away, so that the next question fetches a new one.
    fn refresh(&self) {}

    /// Whether a call to the webhook's address is the vendor's, and what it says. Secrets are compared in a time that
    /// says nothing of them.
    fn hear(&self, knock: &Knock<'_>) -> Heard {
        let _ = knock;
        Heard::Stranger
    }

    /// Sees to it that the source tells of changes by itself, where it can (a subscription, a registered webhook), and
    /// that this has not lapsed. Called with the far window. What comes then is only a reason to look.
    fn keep_hooks<'a>(&'a self, _ask: Ask<'a>) -> PortFuture<'a, Result<(), Failure>> {
        Box::pin(async { Ok(()) })
    }
}

/// Makes readers.
pub trait Readers: Send + Sync {
    /// A reader for an integration; `None`: its route is not read by asking. Kept and used for as long as the set-up
    /// does not change.
    fn reader(&self, integration: &Arc<Integration>) -> Option<Result<Arc<dyn SourceReader>, Failure>>;
}

/// Where nothing is read by asking.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoReaders;

impl Readers for NoReaders {
    fn reader(&self, _: &Arc<Integration>) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
        None
    }
}

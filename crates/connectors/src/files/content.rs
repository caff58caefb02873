//! Where the bytes of a file are: in the folder, or kept.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes that can be read from any place.
pub(super) trait Bytes: Read + Seek {}

impl<T: Read + Seek> Bytes for T {}

/// Where the bytes of a file are.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// In the folder.
    File(PathBuf),
    /// Rows of it that were kept, under its first line.
    Kept(Arc<[u8]>),
}

impl Content {
    /// From the beginning.
    pub(super) fn open(&self) -> io::Result<Box<dyn Bytes>> {
        Ok(match self {
            Content::File(path) => Box::new(File::open(path)?),
            Content::Kept(bytes) => Box::new(Cursor::new(bytes.clone())),
        })
    }

    /// How many bytes there are.
    pub(super) fn length(&self) -> io::Result<u64> {
        self.open()?.seek(SeekFrom::End(0))
    }
}

//! A file of NDJSON cut into chunks, with bounded memory.
//!
//! Where a chunk ends is told by the line that ends it, not by counting: when a file is written anew with a few lines
//! more, the chunks far from them are the same as before, and are recognised.

use std::io::{self, Read};
use std::sync::Arc;
use wire::fhir::{Line, Lines};

/// A chunk has at least so many lines, unless the file ends.
const FEWEST: usize = 256;
/// And at most so many.
const MOST: usize = 2048;
/// Behind the fewest, one line in so many ends a chunk: about a thousand lines on average.
const ONE_IN: u32 = 768;
/// A chunk ends behind so many bytes, however few lines they are.
const LARGEST: usize = 4 << 20;
/// A longer line is no resource, and is not held in memory as one.
const LONGEST_LINE: usize = 16 << 20;
/// So much is read from the file at once.
const PORTION: usize = 1 << 20;

/// Some lines of a file.
#[derive(Debug)]
pub(super) struct RawChunk {
    /// The lines as they stand in the file.
    pub(super) body: Arc<[u8]>,
    /// Lines of the file before this chunk.
    pub(super) behind: u64,
}

impl RawChunk {
    /// What it weighs while it is under way: each line as one, and as one more for each further kibibyte of it.
    pub(super) fn weight(&self) -> usize {
        self.lines().map(|line| 1 + (line.json.len() >> 10)).sum()
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        Lines::behind(&self.body, self.behind)
    }
}

/// The chunks of a file.
pub(super) struct Chunks<R> {
    file: R,
    buffer: Vec<u8>,
    /// Up to here the buffer has been searched for line ends.
    searched: usize,
    lines: u64,
    /// Lines of the buffer, in front of `searched`.
    ready: usize,
    ended: bool,
}

impl<R: Read> Chunks<R> {
    pub(super) fn of(file: R) -> Chunks<R> {
        Chunks { file, buffer: Vec::new(), searched: 0, lines: 0, ready: 0, ended: false }
    }

    /// The next chunk; `None` at the end of the file.
    pub(super) fn next_chunk(&mut self) -> io::Result<Option<RawChunk>> {
        loop {
            while let Some(end) = memchr::memchr(b'\n', &self.buffer[self.searched..]) {
                let line = &self.buffer[self.searched..self.searched + end];
                self.ready += 1;
                let ends = self.ready >= MOST || (self.ready >= FEWEST && is_end(line));
                self.searched += end + 1;
                if ends || self.searched >= LARGEST {
                    return Ok(Some(self.cut(self.searched)));
                }
            }
            if self.ended {
                let rest = self.buffer.len();
                self.ready += usize::from(rest > self.searched);
                return Ok((rest > 0).then(|| self.cut(rest)));
            }
            if self.buffer.len() - self.searched > LONGEST_LINE {
                let line = self.lines + self.ready as u64 + 1;
                let why = format!("line {line} is longer than {} MiB", LONGEST_LINE >> 20);
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let held = self.buffer.len();
        self.buffer.resize(held + PORTION, 0);
        let got = loop {
            match self.file.read(&mut self.buffer[held..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(held + *got.as_ref().unwrap_or(&0));
        self.ended = got? == 0;
        if self.lines == 0 && held == 0 && self.buffer.starts_with(b"\xEF\xBB\xBF") {
            self.buffer.drain(..3);
        }
        Ok(())
    }

    fn cut(&mut self, at: usize) -> RawChunk {
        // The buffer stays, and only the chunk is taken out: pieces of another length each time would scatter the heap.
        let body = self.buffer[..at].into();
        self.buffer.drain(..at);
        let behind = self.lines;
        self.lines += self.ready as u64;
        (self.ready, self.searched) = (0, 0);
        RawChunk { body, behind }
    }
}

/// Whether a line ends a chunk: told by its content alone. Its beginning is enough, since the id stands there.
fn is_end(line: &[u8]) -> bool {
    // FNV-1a; nobody gains anything by choosing lines.
    let hash =
        line.iter().take(128).fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    (hash >> 8) % ONE_IN == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives little at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let some = self.0.len().min(into.len()).min(777);
            into[..some].copy_from_slice(&self.0[..some]);
            self.0 = &self.0[some..];
            Ok(some)
        }
    }

    fn text(lines: impl Iterator<Item = u32>) -> Vec<u8> {
        lines.flat_map(|n| format!("{{\"n\":{n}}}\n").into_bytes()).collect()
    }

    fn chunks(text: &[u8]) -> Vec<RawChunk> {
        let mut chunks = Chunks::of(Drops(text));
        std::iter::from_fn(|| chunks.next_chunk().unwrap()).collect()
    }

    #[test]
    fn chunks_together_are_the_file_and_count_its_lines() {
        let mut file = text(0..10_000);
        file.extend_from_slice(b"{\"last\":1}");
        let chunks = chunks(&file);
        assert!(chunks.len() > 4, "{}", chunks.len());
        assert_eq!(chunks.iter().flat_map(|chunk| chunk.body.to_vec()).collect::<Vec<u8>>(), file);
        let numbers: Vec<u64> = chunks.iter().flat_map(|chunk| chunk.lines().map(|line| line.number)).collect();
        assert_eq!(numbers, (1..=10_001).collect::<Vec<u64>>());
        assert!(chunks.iter().all(|chunk| chunk.lines().count() <= MOST));
    }

    #[test]
    fn a_line_put_in_moves_only_the_chunks_around_it() {
        let before = chunks(&text(0..20_000));
        let after = chunks(&text((0..5_000).chain([77]).chain(5_000..20_000)));
        let known = after.iter().filter(|chunk| before.iter().any(|old| old.body == chunk.body)).count();
        assert!(known + 4 >= before.len(), "{known} of {}", before.len());
    }

    #[test]
    fn a_chunk_weighs_its_lines_and_the_long_ones_more() {
        let mut file = text(0..10);
        file.extend_from_slice(format!("{{\"n\":\"{}\"}}", "x".repeat(3 << 10)).as_bytes());
        let weights: Vec<usize> = chunks(&file).iter().map(RawChunk::weight).collect();
        assert_eq!(weights, [10 + 4]);
    }

    #[test]
    fn an_endless_line_is_an_error_with_its_number() {
        let mut file = text(0..1);
        file.resize(LONGEST_LINE + PORTION + 100, b'x');
        let mut chunks = Chunks::of(file.as_slice());
        let error = chunks.next_chunk().unwrap_err();
        assert_eq!(error.to_string(), "line 2 is longer than 16 MiB");
    }

    #[test]
    fn an_empty_file_has_no_chunk() {
        assert!(chunks(b"").is_empty());
        assert_eq!(chunks(b"\xEF\xBB\xBF{}\n").len(), 1);
    }
}

//! What happened, line by line: for people to read, and as one digest to compare two runs by.

/// The story of one world.
#[derive(Default)]
pub struct Story {
    hasher: blake3::Hasher,
    lines: Vec<String>,
    kept: bool,
}

impl Story {
    /// A story. `kept`: its lines are kept to be printed; its digest is the same either way.
    pub fn new(kept: bool) -> Story {
        Story { kept, ..Story::default() }
    }

    /// Something happened.
    pub fn tell(&mut self, at_ms: u64, what: impl FnOnce() -> String) {
        let line = format!("{:>10}.{:03} s  {}", at_ms / 1000, at_ms % 1000, what());
        self.hasher.update(line.as_bytes());
        if self.kept {
            self.lines.push(line);
        }
    }

    /// The digest so far.
    pub fn digest(&self) -> blake3::Hash {
        self.hasher.finalize()
    }

    /// The lines.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

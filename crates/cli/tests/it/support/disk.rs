//! A small disk for the data, to be filled; it is gone with this value.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file system in memory with room for `mebibytes`, mounted on a folder.
pub(crate) struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Mounts it on an empty folder; none where that is not allowed.
    pub(crate) fn mount_on(folder: &Path, mebibytes: u32) -> Option<SmallDisk> {
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        mounted.then(|| SmallDisk { folder: folder.to_owned() })
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// Writes until there is no room for another byte.
    pub(crate) fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).expect("the disk is there");
        for size in [64 * 1024, 1] {
            let chunk = vec![0; size];
            loop {
                match ballast.write_all(&chunk) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => panic!("the disk fails otherwise than by being full: {error}"),
                }
            }
        }
    }

    /// Makes room again.
    pub(crate) fn make_room(&self) {
        std::fs::remove_file(self.ballast()).expect("the ballast can be thrown off");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: whoever still has a file open keeps it until it is closed.
        drop(Command::new("umount").arg("-l").arg(&self.folder).status());
    }
}

/// A disk of which is known what it has promised to keep, and that can be told to fail: see `disk.c`.
pub(crate) struct WatchedDisk {
    preload: PathBuf,
    notes: PathBuf,
    fails: PathBuf,
}

impl WatchedDisk {
    /// Its parts are kept in `folder`. Needs a C compiler, as building the program does.
    pub(crate) fn in_folder(folder: &Path) -> WatchedDisk {
        let (source, preload) = (folder.join("disk.c"), folder.join("disk.so"));
        std::fs::write(&source, include_str!("disk.c")).expect("the source can be written");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"])
            .arg(&preload)
            .arg(&source)
            .args(["-ldl", "-lpthread"])
            .status();
        assert!(compiled.expect("there is a C compiler").success());
        WatchedDisk { preload, notes: folder.join("disk-notes"), fails: folder.join("disk-fails") }
    }

    /// Has a command write to this disk.
    pub(crate) fn under(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.preload).env("DISK_NOTES", &self.notes).env("DISK_FAILS", &self.fails);
    }

    /// From now on no sync succeeds, or they do again.
    pub(crate) fn set_failing(&self, failing: bool) {
        if failing {
            std::fs::write(&self.fails, "").expect("the mark can be set");
        } else {
            std::fs::remove_file(&self.fails).expect("the mark can be removed");
        }
    }

    /// Bytes of a write-ahead log that the disk has promised to keep. A log that was begun anew since the last sync has
    /// been promised nothing.
    pub(crate) fn promised(&self, log: &[u8]) -> usize {
        let notes = std::fs::read(&self.notes).unwrap_or_default();
        match (log.get(16..24), notes.get(..8), notes.get(8..16)) {
            (Some(salt), Some(noted), Some(length)) if salt == noted => {
                usize::from_le_bytes(length.try_into().expect("eight bytes"))
            }
            _ => 0,
        }
    }
}

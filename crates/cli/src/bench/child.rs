//! The service under measurement: a process of its own, so that its memory and its time are its own.

use crate::bench::messages::{SECRET, SECRET_VALUE};
use crate::exit::Failure;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A `punctual serve` that ends with this value.
pub(crate) struct Child {
    process: std::process::Child,
    /// Where the API is.
    pub(crate) http: SocketAddr,
    /// Where it takes messages.
    pub(crate) mllp: SocketAddr,
    /// From its start to its line that it listens.
    pub(crate) started_in: Duration,
}

fn punctual(data: &Path) -> Result<Command, Failure> {
    let own = std::env::current_exe().map_err(|error| Failure::could("the program's own file is not known", &error))?;
    let mut command = Command::new(own);
    command.env("PUNCTUAL_DATA", data).env(SECRET, SECRET_VALUE).stdin(Stdio::null());
    Ok(command)
}

impl Child {
    /// Takes a practice document into the store in `data`.
    pub(crate) fn apply(data: &Path, document: &str) -> Result<(), Failure> {
        let file = data.join("bench.toml");
        let trouble =
            |error: std::io::Error| Failure::could("the practice of the measurement cannot be set up", &error);
        std::fs::write(&file, document).map_err(trouble)?;
        Child::apply_files(data, &[file])
    }

    /// The same of documents that are in files.
    pub(crate) fn apply_files(data: &Path, files: &[PathBuf]) -> Result<(), Failure> {
        let status = punctual(data)?.arg("apply").args(files).stdout(Stdio::null()).status();
        let status = status.map_err(|error| Failure::could("`punctual apply` cannot be started", &error))?;
        if status.success() { Ok(()) } else { Err(Failure::Could(format!("`punctual apply` ended with {status}"))) }
    }

    /// Starts the service on the store in `data`.
    pub(crate) fn serve(data: &Path) -> Result<Child, Failure> {
        let began = Instant::now();
        let mut process = punctual(data)?
            .args(["serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Failure::could("the service cannot be started", &error))?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output)
                .read_line(&mut line)
                .map_err(|error| Failure::could("the service says nothing", &error))?;
        }
        let told: Value = serde_json::from_str(&line).unwrap_or_default();
        let address = |key: &str| told[key].as_str()?.parse().ok();
        match (address("http"), address("mllp")) {
            (Some(http), Some(mllp)) => Ok(Child { process, http, mllp, started_in: began.elapsed() }),
            _ => {
                drop(process.kill());
                Err(Failure::Could("the service ended before it listened; its log says why".to_owned()))
            }
        }
    }

    /// What it has used so far: seconds of CPU, and bytes of memory that are its own now.
    pub(crate) fn used(&self) -> Usage {
        Usage::of(self.process.id())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Its store is thrown away; nothing has to be finished.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// What a process uses, as Linux tells it; zero elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Seconds of CPU time, its own and the system's on its behalf.
    pub(crate) cpu: f64,
    /// Resident memory, bytes.
    pub(crate) memory: u64,
    /// The most it ever was, bytes.
    pub(crate) peak: u64,
}

impl Usage {
    fn of(process: u32) -> Usage {
        Usage::in_folder(&format!("/proc/{process}"))
    }

    /// Of this process.
    pub(crate) fn own() -> Usage {
        Usage::in_folder("/proc/self")
    }

    /// Of this thread alone; the memory is the process's.
    pub(crate) fn of_this_thread() -> Usage {
        Usage::in_folder("/proc/thread-self")
    }

    fn in_folder(folder: &str) -> Usage {
        let stat = std::fs::read_to_string(format!("{folder}/stat")).unwrap_or_default();
        // Behind the name, which may hold anything but ends with the last bracket: utime and stime are the 12th and
        // 13th.
        let ticks: u64 = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        let status = std::fs::read_to_string(format!("{folder}/status")).unwrap_or_default();
        let bytes = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|rest| rest.split_whitespace().next()).and_then(|kib| kib.parse::<u64>().ok());
            kib.unwrap_or(0) * 1024
        };
        // Linux counts in hundredths of a second on every platform that we build for.
        Usage {
            cpu: f64::from(u32::try_from(ticks).unwrap_or(u32::MAX)) / 100.0,
            memory: bytes("VmRSS:"),
            peak: bytes("VmHWM:"),
        }
    }
}

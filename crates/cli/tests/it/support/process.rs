//! The binary as a process.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

/// A command of the binary, away from what the environment of the test says. `PUNCTUAL_TEST_BINARY` names another one
/// than that which was built with the tests: a release, for a long run.
#[expect(clippy::disallowed_methods, reason = "which binary to try is said by the environment of the tests")]
pub(crate) fn punctual(folder: &Path) -> Command {
    let named = std::env::var_os("PUNCTUAL_TEST_BINARY");
    let mut command = Command::new(named.unwrap_or_else(|| env!("CARGO_BIN_EXE_punctual").into()));
    let ours = std::env::vars_os().map(|(name, _)| name);
    for name in ours.filter(|name| name.to_str().is_some_and(|name| name.starts_with("PUNCTUAL_"))) {
        command.env_remove(name);
    }
    // What a command that is killed leaves behind goes away with the folder.
    command.current_dir(folder).env("TMPDIR", folder).stdin(Stdio::null());
    command
}

/// What a command that ended said.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Finished {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Finished {
        let output = command.output().expect("the binary runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what it says is UTF-8");
        Finished { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// What it said, when it ended well.
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// The JSON it said, when it ended well.
    pub(crate) fn json(self) -> Value {
        let out = self.done();
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    }
}

/// How much of a process's log is shown when a test fails.
const LAST_LINES: usize = 60;

/// A command that goes on until it is ended; it does not outlive the test.
pub(crate) struct Punctual {
    child: Child,
    /// What the listening line says.
    pub(crate) line: Value,
    out: BufReader<ChildStdout>,
    err: Option<JoinHandle<String>>,
}

impl Punctual {
    /// Starts it and waits for the listening line.
    pub(crate) fn start(command: &mut Command) -> Punctual {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary can be started");
        let mut out = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut stderr = child.stderr.take().expect("its errors are piped");
        let err = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).map(|_| text).unwrap_or_default()
        });
        let mut line = String::new();
        out.read_line(&mut line).expect("its output can be read");
        match serde_json::from_str::<Value>(&line) {
            Ok(line) if line["event"] == "listening" => Punctual { child, line, out, err: Some(err) },
            _ => {
                drop(child.kill());
                panic!("no listening line: {line:?} {}", err.join().unwrap_or_default());
            }
        }
    }

    /// A text of the listening line.
    pub(crate) fn told(&self, name: &str) -> &str {
        self.line[name].as_str().unwrap_or_else(|| panic!("{} has no {name}", self.line))
    }

    /// The next line it prints.
    pub(crate) fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("its output can be read");
        line.trim_end().to_owned()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end; gives what it still printed, and its log.
    pub(crate) fn wait(mut self) -> (ExitStatus, String, String) {
        let mut out = String::new();
        self.out.read_to_string(&mut out).expect("its output can be read");
        let status = self.child.wait().expect("it can be waited for");
        let err = self.err.take().and_then(|err| err.join().ok()).unwrap_or_default();
        (status, out, err)
    }

    /// Asks it to end, and expects that it does so in good order.
    pub(crate) fn stop(self) -> (String, String) {
        self.signal("TERM");
        let (status, out, err) = self.wait();
        assert!(status.success(), "{status}: {err}");
        (out, err)
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        drop(self.child.wait());
    }
}

impl Drop for Punctual {
    fn drop(&mut self) {
        // Mostly it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking()
            && let Some(Ok(log)) = self.err.take().map(JoinHandle::join)
        {
            let lines: Vec<&str> = log.lines().collect();
            println!("the end of its log:\n{}", lines[lines.len().saturating_sub(LAST_LINES)..].join("\n"));
        }
    }
}

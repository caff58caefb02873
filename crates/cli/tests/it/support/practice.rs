//! A practice on PostgreSQL, served by as many processes as a test wants.

use crate::support::{Client, Database, Finished, INTEGRATION, Mllp, Punctual, Receiver, Reply, command, document};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// A practice on a database of its own, with a platform.
pub(crate) struct Practice {
    folder: tempfile::TempDir,
    pub(crate) database: Database,
    token: String,
    _platform: Receiver,
}

impl Practice {
    /// Sets it up, on a database of its own.
    pub(crate) fn open() -> Practice {
        let (folder, database, platform) = (tempfile::tempdir().unwrap(), Database::fresh(), Receiver::start());
        platform.answers(Reply::confirmed);
        std::fs::write(folder.path().join("practice.toml"), document("webhook", &platform.url(), "")).unwrap();
        let run = |arguments: &[&str]| Finished::of(on_store(folder.path(), &database).args(arguments));
        run(&["apply", "practice.toml"]).done();
        let made = run(&["token", "create", "--role", "admin", "--name", "T", "--json"]).json();
        let token = made["token"].as_str().unwrap().to_owned();
        Practice { folder, database, token, _platform: platform }
    }

    /// A service that looks for what others left so often.
    pub(crate) fn serve(&self, sweep_seconds: &str) -> Node {
        let arguments = ["serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0", "--sweep-seconds", sweep_seconds];
        let service = Punctual::start(on_store(self.folder.path(), &self.database).args(arguments));
        let api = Client::new(service.told("http")).token(&self.token);
        Node { service, api }
    }

    /// How many messages are kept and not decided on.
    pub(crate) fn undecided(&self) -> i64 {
        self.database.number("SELECT count(DISTINCT envelope) FROM undecided")
    }
}

fn on_store(folder: &Path, database: &Database) -> Command {
    let mut command = command(folder);
    command.env("PUNCTUAL_STORE", database.address());
    command
}

/// One of its processes.
pub(crate) struct Node {
    pub(crate) service: Punctual,
    pub(crate) api: Client,
}

impl Node {
    /// A new connection for messages.
    pub(crate) fn feed(&self) -> Mllp {
        Mllp::connect(self.service.told("mllp")).unwrap()
    }

    /// What is said of a visit.
    pub(crate) fn explanation(&self, source_id: &str) -> Value {
        self.api.json(&format!("/api/v1/integrations/{INTEGRATION}/appointments/{source_id}"))
    }
}

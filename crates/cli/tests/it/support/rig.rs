//! A practice on one service or several, with a platform that writes into a ledger: where faults are tried.

use crate::support::ledger::Ledger;
use crate::support::load::{Plan, free_port};
use crate::support::scene::{command, document, schedule};
use crate::support::{Client, Finished, Punctual, Receiver, Reply};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Senders of a rig, each on connections of its own.
pub(crate) const SENDERS: usize = 6;

/// A practice, its platform, and the addresses of its services, which are started and ended by the test.
pub(crate) struct Rig {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) platform: Receiver,
    pub(crate) ledger: Ledger,
    token: String,
    store: Option<String>,
    /// Of each service, HTTP and MLLP.
    ports: Vec<(String, String)>,
}

impl Rig {
    /// On the embedded store in a folder, or on the store at an address, for so many services. Deliveries are tried
    /// again every second, and time out after `patience_secs`.
    pub(crate) fn on(store: Option<String>, services: usize, patience_secs: u32) -> Rig {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        Rig::in_folder(folder, store, services, patience_secs)
    }

    /// The same in a folder that is there.
    pub(crate) fn in_folder(
        folder: tempfile::TempDir,
        store: Option<String>,
        services: usize,
        patience_secs: u32,
    ) -> Rig {
        let (platform, ledger) = (Receiver::forgetful(), Ledger::default());
        let writing = ledger.clone();
        // A busy platform, so that deliveries are on their way when the fault comes.
        platform.answers(move |delivery| {
            writing.arrived(delivery);
            Reply::confirmed(delivery).after(Duration::from_millis(3))
        });
        let ports = (0..services).map(|_| (free_port(), free_port())).collect();
        let mut rig = Rig { folder, platform, ledger, token: String::new(), store, ports };
        // So many tries that no fault of a test uses them up.
        let practice = document("webhook", &rig.platform.url(), &schedule(&[1; 300], patience_secs));
        std::fs::write(rig.path().join("practice.toml"), practice).expect("the document can be written");
        Finished::of(rig.command().args(["apply", "practice.toml"])).done();
        let made =
            Finished::of(rig.command().args(["token", "create", "--role", "admin", "--name", "T", "--json"])).json();
        rig.token = made["token"].as_str().expect("there is a token").to_owned();
        rig
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A command on the rig's store.
    pub(crate) fn command(&self) -> Command {
        let mut command = command(self.path());
        if let Some(store) = &self.store {
            command.env("PUNCTUAL_STORE", store);
        }
        command
    }

    /// The command that serves.
    pub(crate) fn serving(&self, service: usize) -> Command {
        let (http, mllp) = &self.ports[service];
        let mut command = self.command();
        command.args(["serve", "--http", http, "--mllp", mllp]);
        command
    }

    /// Starts a service; it always comes back on the same addresses.
    pub(crate) fn serve(&self, service: usize) -> Punctual {
        Punctual::start(&mut self.serving(service))
    }

    /// Asks a service.
    pub(crate) fn api(&self, service: usize) -> Client {
        Client::new(&self.ports[service].0).token(&self.token)
    }

    /// Senders to all services, as fast as they are answered.
    pub(crate) fn plan(&self) -> Plan {
        let addresses = self.ports.iter().map(|(_, mllp)| mllp.clone()).collect();
        Plan { addresses, senders: SENDERS, prefix: "A", pace: Duration::ZERO }
    }
}

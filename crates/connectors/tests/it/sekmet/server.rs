//! The server's process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What the test's own desk shows.
pub(crate) const DESK: &str = "token-of-the-desk";

/// The server, where `./test` has put it.
#[expect(clippy::disallowed_methods, reason = "which server to use is said by the environment of the tests")]
fn program() -> PathBuf {
    let named = std::env::var_os("PUNCTUAL_TEST_FHIR_SERVER").map(PathBuf::from);
    let installed = || {
        let own = std::env::current_exe().unwrap();
        let target = own.ancestors().find(|folder| folder.join("fhir-server/bin/sekmet").exists());
        target.map(|target| target.join("fhir-server/bin/sekmet"))
    };
    match named.or_else(installed) {
        Some(program) if program.exists() => program,
        _ => panic!(
            "sekmet is missing. `./test needs` installs it; or install the Python package sekmet-fhir and set \
             PUNCTUAL_TEST_FHIR_SERVER to the path of its sekmet."
        ),
    }
}

/// A running server; it ends with this value.
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl Server {
    /// Starts one with its data below `folder`, which lets a client with this public key in.
    pub(crate) async fn start(folder: &Path, public_key: &str) -> Server {
        let folder = folder.join("server");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("public.pem"), public_key).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = format!(
            "host: 127.0.0.1\nport: {port}\nbase_url: http://127.0.0.1:{port}/fhir\ndata_dir: data\n\
             log_inbound: false\nvalidation: {{ inbound: \"off\" }}\nsimulator: {{ enabled: false }}\n\
             server_auth:\n  types: [bearer, smart]\n  tokens: [{DESK}]\n  token_lifetime: 75\n  smart_clients:\n    \
             - client_id: punctual\n      public_key_path: public.pem\n"
        );
        std::fs::write(folder.join("settings.yaml"), settings).unwrap();
        let mut server = Server { folder, port, process: None };
        server.rise().await;
        server
    }

    /// Its base address.
    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}/fhir", self.port)
    }

    /// Starts it again on its data.
    pub(crate) async fn rise(&mut self) {
        let log = std::fs::File::create(self.folder.join("server.log")).unwrap();
        let process = Command::new(program())
            .args(["serve", "--config", "settings.yaml"])
            .current_dir(&self.folder)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.process = Some(process.unwrap());
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the server does not answer: {}", std::fs::read_to_string(self.folder.join("server.log")).unwrap());
    }

    /// Ends it at once, as a machine does that loses its power.
    pub(crate) fn die(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.die();
    }
}

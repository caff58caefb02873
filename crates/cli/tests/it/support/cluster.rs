//! A PostgreSQL server of the test's own, to be stopped and started as a test wants.

use crate::support::load::free_port;
use crate::support::until;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server with the settings that it has by itself: it waits for its disk. Gone with this value.
pub(crate) struct Cluster {
    bin: PathBuf,
    folder: tempfile::TempDir,
    host: String,
    port: String,
    /// The words before each command of the server: where it runs.
    prefix: Vec<String>,
    server: Option<Child>,
}

/// The newest server that packages have put somewhere, else the one on the path; as `scripts/with-postgres` looks.
fn bin() -> PathBuf {
    let list = "ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null; \
                dirname \"$(command -v initdb)\"";
    let found = Command::new("sh").args(["-c", list]).output().expect("there is a shell").stdout;
    let found = String::from_utf8_lossy(&found);
    let mut known = found.lines().map(PathBuf::from).filter(|bin| bin.join("initdb").exists());
    known.next().expect("this needs a PostgreSQL server: apt-get install postgresql")
}

/// Whom the server is to run as: not root, which it refuses.
fn user() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let told = Command::new("id").args(arguments).output().ok().filter(|told| told.status.success())?;
        String::from_utf8(told.stdout).ok()?.trim().parse::<u32>().ok()
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    ["postgres", "nobody"].iter().find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)))
}

impl Cluster {
    /// Makes a server and starts it, on the loopback.
    pub(crate) fn start() -> Cluster {
        Cluster::start_at("127.0.0.1", Vec::new())
    }

    /// The same at an address, with words before each of its commands.
    pub(crate) fn start_at(host: &str, prefix: Vec<String>) -> Cluster {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let (_, port) = free_port().rsplit_once(':').map(|(host, port)| (host.to_owned(), port.to_owned())).unzip();
        let port = port.expect("an address has a port");
        let mut cluster = Cluster { bin: bin(), folder, host: host.to_owned(), port, prefix, server: None };
        fs::write(cluster.path("password"), "secret\n").expect("the password can be written");
        if let Some((user, group)) = user() {
            for path in [cluster.folder.path().to_owned(), cluster.path("password")] {
                std::os::unix::fs::chown(path, Some(user), Some(group)).expect("root may give files away");
            }
        }
        let made = cluster
            .command("initdb")
            .arg(format!("--pgdata={}", cluster.path("data").display()))
            .arg(format!("--pwfile={}", cluster.path("password").display()))
            .args(["--username=punctual", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let rules = "host all all all scram-sha-256\n";
        fs::write(cluster.path("data").join("pg_hba.conf"), rules).expect("who may connect can be written");
        cluster.start_again();
        let made = cluster
            .command("createdb")
            .args(["-h", &cluster.host, "-p", &cluster.port, "-U", "punctual", "punctual"])
            .env("PGPASSWORD", "secret")
            .output()
            .expect("createdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// One of the server's programs, run by whom and where it is to run.
    fn command(&self, program: &str) -> Command {
        let mut words = self.prefix.clone();
        if let Some((user, group)) = user() {
            words.extend(["setpriv".to_owned(), format!("--reuid={user}"), format!("--regid={group}")]);
            words.extend(["--clear-groups".to_owned(), "--".to_owned()]);
        }
        words.push(self.bin.join(program).display().to_string());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir("/").stdin(Stdio::null());
        command
    }

    /// The address of the store, with `more` parameters: `&name=value`.
    pub(crate) fn address(&self, more: &str) -> String {
        let (host, port) = (&self.host, &self.port);
        format!("postgres://punctual:secret@{host}:{port}/punctual?sslmode=disable{more}")
    }

    fn is_ready(&self) -> bool {
        let asked = self.command("pg_isready").args(["-q", "-h", &self.host, "-p", &self.port]).status();
        asked.is_ok_and(|status| status.success())
    }

    /// Starts the server and waits until it takes connections.
    pub(crate) fn start_again(&mut self) {
        let log = fs::File::options().create(true).append(true).open(self.path("log")).expect("there is a log");
        let server = self
            .command("postgres")
            .arg("-D")
            .arg(self.path("data"))
            .args(["-p", &self.port, "-k", ""])
            .arg("-c")
            .arg(format!("listen_addresses={}", self.host))
            .args(["-c", "max_connections=100"])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.server = Some(server.expect("the server can be started"));
        until("the database server is up", || if self.is_ready() { Ok(()) } else { Err(log_of(&self.path("log"))) });
    }

    /// Stops the server as `pg_ctl stop -m immediate` does: every connection is cut, nothing is written any more, and
    /// the next start has to recover from the log.
    pub(crate) fn stop_immediately(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let sent = Command::new("kill").arg("-QUIT").arg(server.id().to_string()).status();
        assert!(sent.is_ok_and(|status| status.success()), "the server can be stopped");
        server.wait().expect("it can be waited for");
    }
}

fn log_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop_immediately();
    }
}

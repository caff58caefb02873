//! Two hosts in namespaces of their own and a cable between them, to be pulled. Nothing else is reached from there:
//! there is no other way out of either.

use std::process::{Command, Stdio};

/// The address at which the other host is.
pub(crate) const OTHER_HOST: &str = "10.87.0.2";
/// In the environment of a test that runs on the first host.
const INSIDE: &str = "PUNCTUAL_TEST_INSIDE";

/// Two hosts, gone with this value.
pub(crate) struct TwoHosts {
    name: String,
}

fn ip(arguments: &str) -> bool {
    let done = Command::new("ip").args(arguments.split(' ')).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}

impl TwoHosts {
    /// Makes them; none where that is not allowed.
    fn make() -> Option<TwoHosts> {
        let hosts = TwoHosts { name: format!("punctual-{}", std::process::id()) };
        let name = &hosts.name;
        let (here, there) = (format!("pt{}a", std::process::id()), format!("pt{}b", std::process::id()));
        let made = [
            format!("netns add {name}-a"),
            format!("netns add {name}-b"),
            format!("-n {name}-a link add {here} type veth peer name {there} netns {name}-b"),
            format!("-n {name}-a addr add 10.87.0.1/24 dev {here}"),
            format!("-n {name}-b addr add {OTHER_HOST}/24 dev {there}"),
            format!("-n {name}-a link set lo up"),
            format!("-n {name}-b link set lo up"),
            format!("-n {name}-a link set {here} up"),
            format!("-n {name}-b link set {there} up"),
        ];
        made.iter().all(|line| ip(line)).then_some(hosts)
    }

    /// Runs a test of this program on the first host; `None` on whether it went well where hosts cannot be made.
    fn run(&self, test: &str) -> bool {
        let program = std::env::current_exe().expect("a test knows its program");
        let status = Command::new("ip")
            .args(["netns", "exec", &format!("{}-a", self.name)])
            .arg(program)
            .args(["--exact", test, "--nocapture", "--include-ignored"])
            .env(INSIDE, &self.name)
            .status();
        status.expect("ip runs").success()
    }
}

impl Drop for TwoHosts {
    fn drop(&mut self) {
        for host in ["a", "b"] {
            ip(&format!("netns del {}-{host}", self.name));
        }
    }
}

/// The second host, as seen by a test that runs on the first one.
pub(crate) struct OtherHost {
    name: String,
}

/// What a test has to do that wants two hosts.
pub(crate) enum Where {
    /// Go on: this is the first host, and here is the other.
    Inside(OtherHost),
    /// Nothing more: it ran on the first host, and this is how that went.
    Ran(bool),
    /// Hosts cannot be made here: no root, or no `ip`.
    Nowhere,
}

/// Runs `test` of this program again, on a host of its own beside another one.
#[expect(clippy::disallowed_methods, reason = "a test tells itself by the environment where it runs")]
pub(crate) fn on_two_hosts(test: &str) -> Where {
    if let Ok(name) = std::env::var(INSIDE) {
        return Where::Inside(OtherHost { name });
    }
    TwoHosts::make().map_or(Where::Nowhere, |hosts| Where::Ran(hosts.run(test)))
}

impl OtherHost {
    /// The words that run a command there.
    pub(crate) fn prefix(&self) -> Vec<String> {
        ["ip", "netns", "exec"].map(str::to_owned).into_iter().chain([format!("{}-b", self.name)]).collect()
    }

    /// Pulls the cable out, or puts it in. Nobody is told: what is sent while it is out gets lost.
    pub(crate) fn set_reachable(&self, reachable: bool) {
        let (id, state) = (self.name.rsplit('-').next().unwrap_or_default(), if reachable { "up" } else { "down" });
        assert!(ip(&format!("-n {}-b link set pt{id}b {state}", self.name)), "the cable can be pulled");
    }
}

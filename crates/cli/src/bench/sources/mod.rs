//! Measuring how sources are read by asking: the service as a child process, a vendor's twin and a platform's endpoint
//! in this one.

mod backfill;
mod cadence;
mod meters;

pub(crate) use backfill::{BackfillArgs, backfill};
pub(crate) use cadence::{CadenceArgs, cadence};

use crate::bench::messages::SECRET;
use crate::bench::{Arrivals, Child, receive};
use crate::exit::Failure;
use emulators::neighbours::{Haste, Joining, Neighbour};
use emulators::practice::believable::SecretReference;
use emulators::vendors::DiarySize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// Where the twin draws from: the same people and visits each time.
const SEED: u64 = 1;
/// When nothing moves for so long, something is wrong.
const PATIENCE: Duration = Duration::from_secs(180);
/// So often is looked how far it is.
const GLANCE: Duration = Duration::from_millis(250);

/// A practice with a diary, a platform, and a folder for the service between them.
struct Scene {
    neighbour: Neighbour,
    arrivals: Arc<Arrivals>,
    hook: String,
    folder: TempDir,
}

impl Scene {
    async fn set(vendor: &str, visits: u32, dir: &Path) -> Result<Scene, Failure> {
        let neighbour = Neighbour::with_diary(vendor, local().await?, SEED, DiarySize::Coming(visits));
        let neighbour = neighbour.map_err(|error| Failure::Usage(format!("--vendor: {error}")))?;
        let listener = local().await?;
        let address = listener.local_addr().map_err(|error| Failure::could("a port is not known", &error))?;
        let arrivals = Arc::new(Arrivals::default());
        tokio::spawn(receive(listener, arrivals.clone(), 0));
        let folder = tempfile::tempdir_in(dir)
            .map_err(|error| Failure::could(&format!("no folder can be made in {}", dir.display()), &error))?;
        for (name, secret) in neighbour.secrets() {
            std::fs::write(folder.path().join(name), secret)
                .map_err(|error| Failure::could("the secrets of the twin cannot be kept", &error))?;
        }
        Ok(Scene { neighbour, arrivals, hook: format!("http://{address}/hook"), folder })
    }

    /// Takes so many practices into the store, each with an integration that reads the twin.
    fn join(&self, practices: u32, haste: Haste) -> Result<(), Failure> {
        let (secret, folder) = (SecretReference::Env(SECRET.to_owned()), self.folder.path());
        let place = folder.display().to_string();
        let file = |number: u32| -> Result<PathBuf, Failure> {
            let number = (practices > 1).then_some(number);
            let joining = Joining {
                // A platform that takes everything: what is measured is the reading.
                platform: Some("webhook"),
                hook_url: &self.hook,
                secret: &secret,
                folder: &place,
                haste,
                number,
            };
            let path = folder.join(format!("practice-{}.toml", number.unwrap_or(0)));
            std::fs::write(&path, self.neighbour.document(&joining))
                .map_err(|error| Failure::could("the practice of the measurement cannot be set up", &error))?;
            Ok(path)
        };
        let files = (1..=practices).map(file).collect::<Result<Vec<_>, _>>()?;
        Child::apply_files(folder, &files)
    }
}

async fn local() -> Result<TcpListener, Failure> {
    TcpListener::bind("127.0.0.1:0").await.map_err(|error| Failure::could("no port can be opened", &error))
}

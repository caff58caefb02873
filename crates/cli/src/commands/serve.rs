//! `punctual serve`: the service.

use crate::args::{ReachArgs, StoreArgs};
use crate::configuration::{self, File, check_bound, check_origin};
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::{Place, ServingLock};
use crate::post::PostArgs;
use crate::service::{Ends, Service, ServiceOptions, bind};
use crate::worlds::WorldsInMemory;
use clap::Args;
use domain::setup::Retention;
use engine::Sweeps;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use web::WebOptions;

#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Where the API and the console listen (port 0: any) [default: 127.0.0.1:8080]
    #[arg(long, env = "PUNCTUAL_HTTP")]
    http: Option<SocketAddr>,
    /// Where HL7 v2 messages are taken by MLLP (port 0: any) [default: 127.0.0.1:2575]
    #[arg(long, env = "PUNCTUAL_MLLP")]
    mllp: Option<SocketAddr>,
    /// Where people reach the console, when a proxy stands in front of it: https://punctual.example
    #[arg(long, env = "PUNCTUAL_PUBLIC_ORIGIN")]
    public_origin: Option<String>,
    #[command(flatten)]
    reach: ReachArgs,
    /// Days for which messages are kept as they came; 0 keeps them for ever [default: 400]
    #[arg(long, env = "PUNCTUAL_MESSAGE_DAYS")]
    message_days: Option<u32>,
    #[command(flatten)]
    post: PostArgs,
    /// Bytes of the largest message that is taken [default: 1048576]
    #[arg(long, env = "PUNCTUAL_MESSAGE_BYTES")]
    message_bytes: Option<usize>,
    /// MLLP connections at one time [default: 1024]
    #[arg(long, env = "PUNCTUAL_CONNECTIONS")]
    connections: Option<usize>,
    /// Seconds until is looked again for what other processes did without being heard; for tests
    #[arg(long, hide = true)]
    sweep_seconds: Option<u64>,
}

/// How long whoever waits for an answer is given to get it when the disk has failed.
const FAREWELL: Duration = Duration::from_secs(3);

/// Why the service ends when a sync has failed.
const BROKEN: &str = "the disk failed to keep what was written, so the service has ended: only a new start tells what \
    the disk holds. Nothing that was acknowledged is lost. Look at the disk if it happens again";

pub(crate) async fn run(args: ServeArgs, file: &File) -> Outcome {
    let limits = &file.limits;
    let message_bytes = args.message_bytes.or(limits.message_bytes).unwrap_or(configuration::MESSAGE_BYTES);
    let connections = args.connections.or(limits.connections).unwrap_or(configuration::CONNECTIONS);
    let public_origin = args.public_origin.or_else(|| file.public_origin.clone()).map(check_origin).transpose()?;
    let place = Place::of(&args.store, file);
    let mut ends = Ends::listen()?;
    // A database is served by any number of processes.
    let _lock = place.is_embedded().then(|| ServingLock::take(&place)).transpose()?;
    let keep_days = args.message_days.or(file.retention.message_days).unwrap_or(configuration::MESSAGE_DAYS);
    let policy = args.reach.policy(file);
    let options = ServiceOptions {
        post: args.post.post(file, &policy)?,
        retention: Retention { keep_days },
        message_bytes: check_bound("limits.message_bytes", message_bytes, 1024)?,
        connections: check_bound("limits.connections", connections, 1)?,
        policy,
        http: bind(args.http.or(file.http).unwrap_or(configuration::HTTP), "--http").await?,
        mllp: bind(args.mllp.or(file.mllp).unwrap_or(configuration::MLLP), "--mllp").await?,
        store: place.open()?,
        sweeps: args.sweep_seconds.map_or_else(Sweeps::default, |seconds| {
            let every = Duration::from_secs(seconds);
            Sweeps { facts: every, outbox: every }
        }),
        web: WebOptions { public_origin, worlds: Some(Arc::new(WorldsInMemory)), ..WebOptions::default() },
    };
    let service = Service::start(options)?;
    say(&service.listening().to_string());
    tokio::select! {
        () = ends.next() => {
            tracing::info!("draining; a second signal ends at once");
            ends.unless_again(service.drain()).await?;
            Ok(Exit::Done)
        }
        () = service.broken() => {
            // What is under way cannot come to a good end; senders shall hear of it before they are cut off.
            drop(tokio::time::timeout(FAREWELL, ends.unless_again(service.drain())).await);
            Err(Failure::Could(BROKEN.to_owned()))
        }
    }
}

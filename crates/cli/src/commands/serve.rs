//! `punctual serve`: the service.

use crate::args::StoreArgs;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::{Place, ServingLock, start};
use clap::Args;
use connectors::hl7v2::{Channels, Intake, ListenerOptions, listen, listen_on_own_ports, prove_coverage};
use connectors::http::AddressPolicy;
use engine::Duty;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// A configuration file (TOML)
    #[arg(long, env = "PUNCTUAL_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    /// Where the API and the console listen (port 0: any)
    #[arg(long, env = "PUNCTUAL_HTTP")]
    http: Option<SocketAddr>,
    /// Where HL7 v2 messages are taken by MLLP (port 0: any)
    #[arg(long, env = "PUNCTUAL_MLLP")]
    mllp: Option<SocketAddr>,
}

pub(crate) async fn run(args: ServeArgs) -> Outcome {
    let place = Place::of(&args.store);
    let _lock = ServingLock::take(&place.data)?;
    let running = start(place.open()?, Duty::Serve, AddressPolicy::default())?;
    let local = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    let mllp = bind(args.mllp.unwrap_or(local(2575)), "--mllp").await?;
    let mllp_address = mllp.local_addr().map_err(|error| Failure::could("the MLLP address cannot be told", &error))?;
    let intake = Arc::new(Intake::new(running.engine.clone()));
    let channels = Arc::new(Channels::default());
    let options = ListenerOptions::default();
    let mut servers = tokio::task::JoinSet::new();
    servers.spawn(listen(mllp, intake.clone(), channels.clone(), None, options, running.stop()));
    servers.spawn(listen_on_own_ports(mllp_address.ip(), intake.clone(), channels.clone(), options, running.stop()));
    servers.spawn(prove_coverage(intake, channels, running.stop()));
    let line = serde_json::json!({ "event": "listening", "mllp": mllp_address.to_string() });
    say(&line.to_string());
    wait_for_end().await?;
    running.request_stop();
    while servers.join_next().await.is_some() {}
    running.drain().await;
    Ok(Exit::Done)
}

async fn bind(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Failure::could(&format!("{address} cannot be opened (choose another with {option})"), &error))
}

/// Waits until somebody wants the service to end.
async fn wait_for_end() -> Result<(), Failure> {
    let trouble = |error: std::io::Error| Failure::could("signals cannot be heard", &error);
    let mut terminate = signal(SignalKind::terminate()).map_err(trouble)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(trouble)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

//! `punctual demo`: see it at work, with nothing to set up.

use crate::configuration;
use crate::demo::{Demo, DemoPlan, words};
use crate::exit::{Exit, Failure, Outcome, say, say_aside};
use crate::service::{Ends, bind};
use clap::Args;
use std::net::SocketAddr;
use tokio::net::TcpListener;

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Where the API and the console listen (port 0: any) [default: 127.0.0.1:8080, or any port when that is taken]
    #[arg(long)]
    http: Option<SocketAddr>,
    /// Print the listening line only
    #[arg(long)]
    quiet: bool,
    /// Draws the people of the emulated practice and their visits
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(crate) async fn run(args: DemoArgs) -> Outcome {
    let mut ends = Ends::listen()?;
    let http = match args.http {
        Some(address) => bind(address, "--http").await?,
        None => usual_or_any(configuration::HTTP, "the console", args.quiet).await?,
    };
    let mllp = usual_or_any(configuration::MLLP, "the HL7 v2 feed", args.quiet).await?;
    let demo = Demo::start(DemoPlan { http, mllp, seed: args.seed }).await?;
    say(&demo.listening().to_string());
    if args.quiet {
        ends.next().await;
        return finish(&mut ends, demo).await;
    }
    say(&words::welcome(&demo));
    tokio::select! {
        () = ends.next() => return finish(&mut ends, demo).await,
        told = demo.day_sent() => say(&words::three_things(&demo, &told?)),
    }
    ends.next().await;
    say_aside("stopping, and removing the demo's data");
    finish(&mut ends, demo).await
}

async fn finish(ends: &mut Ends, demo: Demo) -> Outcome {
    ends.unless_again(demo.stop()).await?;
    Ok(Exit::Done)
}

/// The usual address; when somebody else has it, any free port.
async fn usual_or_any(usual: SocketAddr, whose: &str, quiet: bool) -> Result<TcpListener, Failure> {
    if let Ok(listener) = TcpListener::bind(usual).await {
        return Ok(listener);
    }
    if !quiet {
        say_aside(&format!("{usual} is taken, so {whose} gets another port"));
    }
    bind(SocketAddr::new(usual.ip(), 0), "--http").await
}

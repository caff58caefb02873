//! `punctual emulate`: one twin on its own.

use crate::exit::{Exit, Failure, Outcome, say};
use crate::service::{Ends, bind};
use crate::system::SystemClock;
use clap::Args;
use emulators::faults::{FaultKind, Faults};
use emulators::platform::{self as platforms, Platform, PlatformFault, PlatformOptions, Secret};
use emulators::practice::{self as practices, Practice, PracticeFault, PracticeOptions};
use engine::ports::Clock;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};

/// Where a twin's pages are unless said otherwise.
const HTTP: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9900);

#[derive(Args, Debug)]
pub(crate) struct EmulateArgs {
    /// Whose twin: a practice system that tells its diary by HL7 v2, or a platform that takes webhooks
    vendor: String,
    /// Where its pages, its control plane under /_twin/ and, of a platform, its /hook are (port 0: any)
    #[arg(long, default_value_t = HTTP)]
    http: SocketAddr,
    /// Draws its people, its ids and its faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What goes wrong, and how often: latency=0.2
    #[arg(long, value_name = "KIND=RATE")]
    fault: Vec<String>,
    /// Where a practice system sends its messages by MLLP; without it they wait
    #[arg(long)]
    feed: Option<SocketAddr>,
    /// The IANA zone of a practice system's clinic
    #[arg(long, default_value = "America/Chicago")]
    time_zone: String,
    /// What signs the webhooks that a platform takes; made from the seed unless given
    #[arg(long, env = "PUNCTUAL_HOOK_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// A platform that refuses cards it could not show
    #[arg(long)]
    demanding: bool,
}

pub(crate) async fn run(args: EmulateArgs) -> Outcome {
    let vendor = args.vendor.as_str();
    let mut ends = Ends::listen()?;
    if practices::VENDORS.contains(&vendor) {
        return practice(&args, &mut ends).await;
    }
    if platforms::VENDORS.contains(&vendor) {
        return platform(&args, &mut ends).await;
    }
    Err(Failure::Usage(format!(
        "there is no twin of {vendor:?}; there are the practice systems {} and the platforms {}",
        practices::VENDORS.join(", "),
        platforms::VENDORS.join(", ")
    )))
}

async fn practice(args: &EmulateArgs, ends: &mut Ends) -> Outcome {
    let faults: Faults<PracticeFault> = faults(args, "a practice system that pushes messages")?;
    let day = Practice::believable(args.seed, SystemClock.now().timestamp(), &args.time_zone)
        .map_err(|error| Failure::Usage(format!("--time-zone: {error}")))?;
    let options = PracticeOptions { feed: args.feed, faults, ..PracticeOptions::default() };
    let twin = day.practice.start(bind(args.http, "--http").await?, options);
    let twin = twin.map_err(|error| Failure::could("the twin cannot be started", &error))?;
    let line = json!({
        "event": "listening", "twin": "practice", "vendor": args.vendor, "http": twin.http.to_string(),
        "feed": args.feed.map(|feed| feed.to_string()),
    });
    say(&line.to_string());
    ends.next().await;
    twin.stop().await;
    Ok(Exit::Done)
}

async fn platform(args: &EmulateArgs, ends: &mut Ends) -> Outcome {
    let faults: Faults<PlatformFault> = faults(args, "a platform that takes webhooks")?;
    let secret = match &args.secret {
        Some(text) => Secret::read(text).map_err(|error| Failure::Usage(format!("--secret: {error}")))?,
        None => Secret::from_seed(args.seed),
    };
    let options = PlatformOptions { demanding: args.demanding, faults, ..PlatformOptions::default() };
    let twin = Platform::new(args.seed, secret.clone()).start(bind(args.http, "--http").await?, options);
    let twin = twin.map_err(|error| Failure::could("the twin cannot be started", &error))?;
    let mut line = json!({
        "event": "listening", "twin": "platform", "vendor": args.vendor, "http": twin.http.to_string(),
        "hook": twin.hook_url(),
    });
    if args.secret.is_none() {
        // Whoever did not bring a secret has to learn the one that was made.
        line["secret"] = secret.text().into();
    }
    say(&line.to_string());
    ends.next().await;
    twin.stop().await;
    Ok(Exit::Done)
}

/// The faults asked for, when this kind of twin can have them.
fn faults<K: FaultKind>(args: &EmulateArgs, twin: &str) -> Result<Faults<K>, Failure> {
    Faults::from_words(args.seed, args.fault.iter().map(String::as_str))
        .map_err(|error| Failure::Usage(format!("--fault: {error} ({twin})")))
}

//! `punctual emulate`: one twin on its own.

use crate::exit::{Exit, Failure, Outcome, say};
use crate::service::{Ends, bind};
use crate::system::SystemClock;
use clap::{Args, ValueEnum};
use emulators::faults::{FaultKind, Faults};
use emulators::platform::{self as platforms, Platform, PlatformFault, PlatformOptions, Secret};
use emulators::practice::{self as practices, Practice, PracticeFault, PracticeOptions};
use emulators::vendors::{self, CannotStart, VendorFault, VendorOptions, VendorTwin};
use engine::ports::Clock;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};

/// Where a twin's pages are unless said otherwise.
const HTTP: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9900);

#[derive(Args, Debug)]
#[command(after_long_help = help())]
pub(crate) struct EmulateArgs {
    /// Whose twin; the list is below
    vendor: String,
    /// How it speaks, for vendors that speak in more than one way
    #[arg(long, value_enum)]
    route: Option<Route>,
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
    /// The IANA zone of the clinic; else America/Chicago, or where the vendor's customers are
    #[arg(long)]
    time_zone: Option<String>,
    /// Another setting of a vendor's twin: limits=false; GET /_twin/switches lists them
    #[arg(long, value_name = "NAME=VALUE")]
    switch: Vec<String>,
    /// Nobody booked yet, instead of a year of diary (a vendor's own interface only)
    #[arg(long)]
    empty: bool,
    /// So many coming visits, instead of a year of diary (a vendor's own interface only): for measuring
    #[arg(long, conflicts_with = "empty")]
    visits: Option<u32>,
    /// What signs the webhooks that a platform takes; made from the seed unless given
    #[arg(long, env = "PUNCTUAL_HOOK_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// A platform that refuses cards it could not show
    #[arg(long)]
    demanding: bool,
}

/// The two ways in which a twin of a practice system speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Route {
    /// HL7 v2 messages by MLLP, to --feed
    Hl7v2,
    /// The vendor's own interface
    Api,
}

/// All vendors, for whoever asks for help.
fn help() -> String {
    format!(
        "A practice system that tells its diary by HL7 v2: {}\nA vendor's own interface, or files: {}\n\
         A platform that takes webhooks: {}\n\nVendors in both of the first two lists speak HL7 v2 when --feed or --route hl7v2 is given.\n\n\
         Example: punctual emulate drchrono --http 127.0.0.1:9901 --seed 7 --fault throttle=0.05",
        practices::VENDORS.join(", "),
        vendors::vendors().join(", "),
        platforms::VENDORS.join(", ")
    )
}

pub(crate) async fn run(args: EmulateArgs) -> Outcome {
    let vendor = args.vendor.as_str();
    let mut ends = Ends::listen()?;
    let (tells, answers) = (practices::VENDORS.contains(&vendor), vendors::vendors().contains(&vendor));
    // Who says where the messages go wants messages.
    let route = args.route.or_else(|| (tells && answers && args.feed.is_some()).then_some(Route::Hl7v2));
    match route {
        Some(Route::Hl7v2) if tells => practice(&args, &mut ends).await,
        None | Some(Route::Api) if answers => own(&args, &mut ends).await,
        None if tells => practice(&args, &mut ends).await,
        None if platforms::VENDORS.contains(&vendor) => platform(&args, &mut ends).await,
        Some(_) if tells || answers => {
            Err(Failure::Usage(format!("{vendor} does not speak that way; leave out --route")))
        }
        _ => Err(Failure::Usage(format!(
            "there is no twin of {vendor:?}; there are the practice systems {}, the vendors' own interfaces {} and the \
             platforms {}",
            practices::VENDORS.join(", "),
            vendors::vendors().join(", "),
            platforms::VENDORS.join(", ")
        ))),
    }
}

/// A vendor's own interface.
async fn own(args: &EmulateArgs, ends: &mut Ends) -> Outcome {
    let faults: Faults<VendorFault> = faults(args, "a vendor's own interface")?;
    let mut switches = serde_json::Map::new();
    for word in &args.switch {
        let (name, text) = word
            .split_once('=')
            .ok_or_else(|| Failure::Usage(format!("--switch: {word:?} is not NAME=VALUE, such as limits=false")))?;
        let value = serde_json::from_str(text).unwrap_or_else(|_| text.into());
        switches.insert(name.to_owned(), value);
    }
    let size = match args.visits {
        Some(visits) => vendors::DiarySize::Coming(visits),
        None if args.empty => vendors::DiarySize::Empty,
        None => vendors::DiarySize::Year,
    };
    let time_zone = args.time_zone.clone();
    let options = VendorOptions { seed: args.seed, time_zone, size, faults, switches, ..VendorOptions::default() };
    let listener = bind(args.http, "--http").await?;
    let twin = VendorTwin::start(&args.vendor, listener, options).map_err(|error| match error {
        CannotStart::Io(error) => Failure::could("the twin cannot be started", &error),
        CannotStart::Zone(_) => Failure::Usage(format!("--time-zone: {error}")),
        CannotStart::Switch { .. } => Failure::Usage(format!("--switch: {error}")),
        CannotStart::NoSuchVendor { .. } => Failure::Usage(error.to_string()),
    })?;
    let line = json!({
        "event": "listening", "twin": "vendor", "vendor": args.vendor, "http": twin.http.to_string(),
        "access": twin.access(),
    });
    say(&line.to_string());
    ends.next().await;
    twin.stop().await;
    Ok(Exit::Done)
}

async fn practice(args: &EmulateArgs, ends: &mut Ends) -> Outcome {
    let faults: Faults<PracticeFault> = faults(args, "a practice system that pushes messages")?;
    let zone = args.time_zone.as_deref().unwrap_or("America/Chicago");
    let day = Practice::believable(args.seed, SystemClock.now().timestamp(), zone)
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

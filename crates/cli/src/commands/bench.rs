//! `punctual bench`: what this machine reaches.

use crate::bench::{
    Arrivals, BackfillArgs, CadenceArgs, Child, Draw, GrowthArgs, Keeping, Load, Spread, backfill, cadence, document,
    growth, median, null_server, receive, send,
};
use crate::exit::{Exit, Failure, Outcome, say};
use crate::system::SystemClock;
use clap::{Args, Subcommand};
use engine::ports::Clock;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

#[derive(Args, Debug)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Messages taken in: parsed, stored durably, decided, acknowledged; beside a null server, in turn
    Ingest(IngestArgs),
    /// From a message to the card at the platform
    Delivery(DeliveryArgs),
    /// What changes when ten thousand visits become ten million: answers, cost, questions, memory, disk
    #[command(
        after_help = "Example:\n  punctual bench growth --sizes 10k,1m --folder /data/growth --svg curves --keep"
    )]
    Growth(GrowthArgs),
    /// The first reading of a large diary from an emulated vendor: rate, memory, and going on after a kill
    #[command(after_help = "Example:\n  punctual bench source-backfill --sizes 10k,100k --kill")]
    SourceBackfill(BackfillArgs),
    /// Many integrations that are read by asking: whether each is read when it is due, and what that takes
    #[command(after_help = "Example:\n  punctual bench cadence --integrations 1000 --every 30 --seconds 300")]
    Cadence(CadenceArgs),
}

#[derive(Args, Debug)]
struct IngestArgs {
    /// Connections, each waiting for its answer before it sends again
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// Messages in each run
    #[arg(long, default_value_t = 50_000)]
    messages: u32,
    /// Pairs of runs
    #[arg(long, default_value_t = 7)]
    pairs: u32,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Args, Debug)]
struct DeliveryArgs {
    /// Connections
    #[arg(long, default_value_t = 8)]
    connections: u32,
    /// Appointments
    #[arg(long, default_value_t = 10_000)]
    appointments: u32,
    /// Messages for each appointment
    #[arg(long, default_value_t = 1)]
    versions: u32,
    /// Messages a second; 0: as fast as the answers come
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// So many of a hundred cards are refused once
    #[arg(long, default_value_t = 0)]
    refuse_percent: u32,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Args, Debug)]
struct PlaceArgs {
    /// The folder, on the disk to be measured, in which data are kept meanwhile
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// Different patients
    #[arg(long, default_value_t = 20_000)]
    patients: u32,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl PlaceArgs {
    fn folder(&self) -> Result<tempfile::TempDir, Failure> {
        tempfile::tempdir_in(&self.dir)
            .map_err(|error| Failure::could(&format!("no folder can be made in {}", self.dir.display()), &error))
    }

    fn draw(&self, run: u32) -> Draw {
        Draw {
            patients: self.patients,
            today: SystemClock.now().timestamp().to_zoned(jiff::tz::TimeZone::UTC).date(),
            run,
        }
    }

    fn tell(&self, line: &str, value: &Value) {
        say(&if self.json { value.to_string() } else { line.to_owned() });
    }
}

pub(crate) async fn run(args: BenchArgs) -> Outcome {
    match args.what {
        What::Ingest(args) => ingest(&args).await,
        What::Delivery(args) => delivery(&args).await,
        What::Growth(args) => growth(&args).await,
        What::SourceBackfill(args) => backfill(&args).await,
        What::Cadence(args) => cadence(&args).await,
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

async fn local() -> Result<TcpListener, Failure> {
    TcpListener::bind("127.0.0.1:0").await.map_err(|error| Failure::could("no port can be opened", &error))
}

fn address(listener: &TcpListener) -> Result<std::net::SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::could("a port is not known", &error))
}

async fn ingest(args: &IngestArgs) -> Outcome {
    let keeping = if args.connections == 1 { Keeping::Each } else { Keeping::Group };
    let mut ratios = Vec::new();
    for pair in 1..=args.pairs {
        let load = Load {
            connections: args.connections,
            appointments: args.messages,
            versions: 1,
            rate: None,
            draw: args.place.draw(pair),
        };
        let folder = args.place.folder()?;
        let yardstick = against_null(folder.path(), load, keeping).await?;
        // Nobody listens at the hook: cards wait, as with a platform that is down.
        Child::apply(folder.path(), &document("http://127.0.0.1:9/hook"))?;
        let child = Child::serve(folder.path())?;
        let before = child.used();
        let sent = send(child.mllp, load, Arc::new(|_, _| {})).await?;
        let after = child.used();
        let cpu = (after.cpu - before.cpu) * 1e6 / f64::from(args.messages);
        let ratio = sent.per_second / yardstick;
        ratios.push(ratio);
        let (p50, p99) = (milliseconds(sent.answers.per_mille(500)), milliseconds(sent.answers.per_mille(990)));
        let (mib, started) = (after.memory / (1 << 20), milliseconds(child.started_in));
        args.place.tell(
            &format!(
                "pair {pair}: started in {started:.0} ms; {:.0} messages/s, answers p50 {p50:.2} ms, p99 {p99:.2} ms, {cpu:.0} µs CPU a message, \
                 {mib} MiB, refused {}; null server {yardstick:.0}/s; ratio {ratio:.2}",
                sent.per_second, sent.refused
            ),
            &json!({
                "pair": pair, "connections": args.connections, "messages": args.messages, "per_second": sent.per_second,
                "answers": sent.answers.json(), "cpu_us": cpu, "memory": after.memory, "refused": sent.refused,
                "null_per_second": yardstick, "ratio": ratio, "started_ms": started,
            }),
        );
    }
    let ratio = median(ratios);
    args.place.tell(&format!("median ratio to the null server: {ratio:.2}"), &json!({ "median_ratio": ratio }));
    Ok(Exit::Done)
}

async fn against_null(folder: &Path, load: Load, keeping: Keeping) -> Result<f64, Failure> {
    let file = std::fs::File::create(folder.join("null.log"));
    let file = file.map_err(|error| Failure::could("the null server has no file", &error))?;
    let listener = local().await?;
    let to = address(&listener)?;
    let server = tokio::spawn(null_server(listener, file, keeping));
    let sent = send(to, load, Arc::new(|_, _| {})).await?;
    server.abort();
    Ok(sent.per_second)
}

async fn delivery(args: &DeliveryArgs) -> Outcome {
    let listener = local().await?;
    let hook = format!("http://{}/hook", address(&listener)?);
    let arrivals = Arc::new(Arrivals::default());
    tokio::spawn(receive(listener, arrivals.clone(), args.refuse_percent));
    let folder = args.place.folder()?;
    Child::apply(folder.path(), &document(&hook))?;
    let child = Child::serve(folder.path())?;
    let load = Load {
        connections: args.connections,
        appointments: args.appointments,
        versions: args.versions,
        rate: (args.rate > 0).then_some(args.rate),
        draw: args.place.draw(1),
    };
    let noted = arrivals.clone();
    let began = Instant::now();
    let sent = send(child.mllp, load, Arc::new(move |id, at| noted.sent(id.to_owned(), at))).await?;
    let patience = Instant::now() + Duration::from_secs(120);
    let expected = usize::try_from(args.appointments).unwrap_or(usize::MAX);
    while arrivals.arrived() < expected && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    let used = child.used();
    let outcome = arrivals.outcome();
    let spread = Spread::of(outcome.latencies);
    let mib = used.memory / (1 << 20);
    let (p50, p99) = (milliseconds(spread.per_mille(500)), milliseconds(spread.per_mille(990)));
    args.place.tell(
        &format!(
            "{} messages taken at {:.0}/s, all at the platform after {seconds:.1} s; from message to card p50 {p50:.2} ms, \
             p99 {p99:.2} ms; cards {}, missing {}, out of order {}; {mib} MiB",
            load.messages(),
            sent.per_second,
            outcome.received,
            outcome.missing,
            outcome.out_of_order,
        ),
        &json!({
            "messages": load.messages(), "per_second": sent.per_second, "seconds": seconds, "cards": outcome.received,
            "missing": outcome.missing, "out_of_order": outcome.out_of_order, "message_to_card": spread.json(),
            "memory": used.memory,
        }),
    );
    if outcome.missing > 0 || outcome.out_of_order > 0 { Ok(Exit::No) } else { Ok(Exit::Done) }
}

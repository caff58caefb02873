//! A feed's sender: sends, waits for the answer, measures.

use crate::bench::Spread;
use crate::bench::messages::Draw;
use crate::exit::Failure;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Connections, each waiting for its answer before it sends again.
    pub(crate) connections: u32,
    /// Appointments in all.
    pub(crate) appointments: u32,
    /// Messages for each appointment.
    pub(crate) versions: u32,
    /// Messages a second in all; none: as fast as the answers come.
    pub(crate) rate: Option<u32>,
    /// What the messages are drawn from.
    pub(crate) draw: Draw,
}

impl Load {
    /// Messages in all.
    pub(crate) fn messages(&self) -> u32 {
        self.appointments * self.versions
    }
}

/// Hears of each message before it goes: the appointment's id, and the instant from which it counts.
pub(crate) type Noted = Arc<dyn Fn(&str, Instant) + Send + Sync>;

/// What came of it.
pub(crate) struct Sent {
    /// Messages that were answered `AA`, a second.
    pub(crate) per_second: f64,
    /// From the instant a message was sent (or was due) to its answer.
    pub(crate) answers: Spread,
    /// Messages with another answer.
    pub(crate) refused: u64,
}

/// Sends the load to `to`. `sent` hears of each message before it goes: the appointment's id, and the instant from
/// which it counts.
pub(crate) async fn send(to: SocketAddr, load: Load, sent: Noted) -> Result<Sent, Failure> {
    let began = Instant::now();
    let mut senders = JoinSet::new();
    for connection in 0..load.connections {
        senders.spawn(one(to, load, connection, began, sent.clone()));
    }
    let (mut latencies, mut refused) = (Vec::new(), 0);
    while let Some(done) = senders.join_next().await {
        let (own, no) = done
            .map_err(|error| Failure::could("a sender ended", &error))?
            .map_err(|error| Failure::could("the feed was cut", &error))?;
        latencies.extend(own);
        refused += no;
    }
    let seconds = began.elapsed().as_secs_f64();
    let accepted = f64::from(load.messages()) - f64::from(u32::try_from(refused).unwrap_or(u32::MAX));
    Ok(Sent { per_second: accepted / seconds, answers: Spread::of(latencies), refused })
}

async fn one(
    to: SocketAddr,
    load: Load,
    connection: u32,
    began: Instant,
    sent: Noted,
) -> std::io::Result<(Vec<Duration>, u64)> {
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let (mut latencies, mut refused) = (Vec::new(), 0);
    let (mut frame, mut answer) = (Vec::with_capacity(2048), Vec::with_capacity(1024));
    let mut number = 0_u32;
    // All versions of an appointment travel on one connection, in order, as from one source.
    for version in 0..load.versions {
        for appointment in (connection..load.appointments).step_by(load.connections as usize) {
            frame.clear();
            let id = load.draw.message(appointment, version, &mut frame);
            let from = match load.rate {
                None => Instant::now(),
                Some(rate) => {
                    let place = u64::from(number) * u64::from(load.connections) + u64::from(connection);
                    let due = began + Duration::from_nanos(place * 1_000_000_000 / u64::from(rate.max(1)));
                    tokio::time::sleep_until(due.into()).await;
                    due
                }
            };
            number += 1;
            sent(&id, from);
            stream.write_all(&frame).await?;
            answer.clear();
            while !answer.ends_with(b"\x1c\r") {
                if stream.read_buf(&mut answer).await? == 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
            }
            latencies.push(from.elapsed());
            if !answer.windows(8).any(|piece| piece == b"\rMSA|AA|" || piece == b"\rMSA|CA|") {
                refused += 1;
            }
        }
    }
    Ok((latencies, refused))
}

//! What reading costs. `read_25_fields` against `naive_split` is the figure to watch: the first knows delimiters,
//! numbering, escapes and character sets, the second splits on `\r` and `|` and knows nothing.
//!
//! Run with `cargo bench -p punctual-wire --bench hl7`.

#![expect(clippy::unwrap_used, reason = "in a bench, a panic is the report")]

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use wire::hl7::ack::{Ack, AckCode, Origin, write};
use wire::hl7::{Message, MessageWriter};
use wire::mllp::{Config, Decoder, Event, encode};

fn main() {
    divan::main();
}

/// A booking with every usual segment, 1.1 kB. The people in it are made up.
const SIU: &str = "MSH|^~\\&|SCHED|NORTHSIDE|SYNC|PLATFORM|20270102060012.345-0500||SIU^S12^SIU_S12|T0000000042|P|2.5.1|||AL|NE||UNICODE UTF-8\r\
SCH|P00000042^EHR|F00000042^EHR|||||RSN7^Follow-up visit^L|FUP3^Follow-up visit^L|30|min^minutes^UCUM|^^30^20270402090000^20270402093000|||||7001^Desk^Front^^^^^^EHR|^WPN^PH^^1^555^5550100|||7002^Sched^Uler^^^^^^EHR|||||Booked|T0000000042^EHR\r\
TQ1|1||||||20270402090000|20270402093000\r\
NTE|1|L|please bring insurance card and photo id\r\
PID|1||MRN00000042^^^NORTHSIDE^MR~900000042^^^USA^SS||Example^Ana^Q^^^^L||19800229|F|||100 Elm Street^^Springfield^IL^62701^USA^H||^PRN^PH^^1^555^5550142~^NET^Internet^p42@example.org|||M||ACC00000042\r\
PV1|1|O|CL001^RM4^^NORTHSIDE^^^^^CLINIC 1||||1000000001^Lee^Kim^^^^MD^^NPI^L|||||||||||OP|V00000042\r\
RGS|1|A\r\
AIS|1|A|FUP3^Follow-up visit^L|20270402090000|0|min|30|min||Booked\r\
AIG|1|A|PR00001^Lee Kim^L|PROVIDER^Provider^L||||20270402090000|0|min|30|min||Booked\r\
AIL|1|A|CL001^RM4^^NORTHSIDE|CLINIC^Clinic^L||20270402090000|0|min|30|min||Booked\r\
AIP|1|A|1000000001^Lee^Kim^^^^MD^^NPI^L|ATTEND^Attending^L||20270402090000|0|min|30|min||Booked\r";

type Wanted = &'static [(usize, usize)];

/// Segment, then field and component numbers: 25 in all, and the same for all readers.
const WANTED: &[(&[u8; 3], Wanted)] = &[
    (b"MSH", &[(3, 1), (4, 1), (7, 1), (9, 1), (9, 2), (10, 1)]),
    (b"SCH", &[(1, 1), (2, 1), (7, 1), (8, 1), (9, 1), (10, 1), (11, 4), (11, 5), (25, 1)]),
    (b"PID", &[(3, 1), (5, 1), (5, 2), (7, 1), (13, 7)]),
    (b"PV1", &[(3, 1), (19, 1)]),
    (b"AIL", &[(3, 1)]),
    (b"AIP", &[(3, 1), (6, 1)]),
];

#[divan::bench]
fn split(bencher: Bencher<'_, '_>) {
    bencher
        .counter(BytesCount::of_str(SIU))
        .bench(|| Message::parse(black_box(SIU.as_bytes())).unwrap().segments().len());
}

#[divan::bench]
fn read_25_fields(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::of_str(SIU)).bench(|| {
        let message = Message::parse(black_box(SIU.as_bytes())).unwrap();
        let mut sum = 0;
        for (name, fields) in WANTED {
            let segment = message.get(*name).fields();
            for (field, component) in *fields {
                sum += segment.get(*field).component(*component).raw().len();
            }
        }
        sum
    });
}

#[divan::bench]
fn read_25_fields_without_cache(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::of_str(SIU)).bench(|| {
        let message = Message::parse(black_box(SIU.as_bytes())).unwrap();
        let mut sum = 0;
        for (name, fields) in WANTED {
            let segment = message.get(*name);
            for (field, component) in *fields {
                sum += segment.field(*field).component(*component).raw().len();
            }
        }
        sum
    });
}

#[divan::bench]
fn read_25_fields_as_text(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::of_str(SIU)).bench(|| {
        let message = Message::parse(black_box(SIU.as_bytes())).unwrap();
        let charset = message.charset(None);
        let mut sum = 0;
        for (name, fields) in WANTED {
            let segment = message.get(*name).fields();
            for (field, component) in *fields {
                sum += segment.get(*field).component(*component).text(&charset).len();
            }
        }
        sum
    });
}

/// The baseline: split everything on CR, then on `|`, into vectors.
#[divan::bench]
fn naive_split(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::of_str(SIU)).bench(|| {
        let text = black_box(SIU);
        let lines: Vec<Vec<&str>> = text.split('\r').map(|line| line.split('|').collect()).collect();
        read_naive(&lines)
    });
}

/// The leanest scan there is: no vectors, each field found by walking its line.
#[divan::bench]
fn naive_walk(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::of_str(SIU)).bench(|| {
        let text = black_box(SIU);
        let mut sum = 0;
        for (name, fields) in WANTED {
            let name = std::str::from_utf8(*name).unwrap();
            let line = text.split('\r').find(|line| line.starts_with(name)).unwrap();
            let shift = usize::from(name == "MSH");
            for (field, component) in *fields {
                let field = line.split('|').nth(field - shift).unwrap_or("");
                sum += field.split('^').nth(component - 1).unwrap_or("").len();
            }
        }
        sum
    });
}

fn read_naive(lines: &[Vec<&str>]) -> usize {
    let mut sum = 0;
    for (name, fields) in WANTED {
        let line = lines.iter().find(|line| line[0].as_bytes() == *name).unwrap();
        let shift = usize::from(line[0] == "MSH");
        for (field, component) in *fields {
            let field = line.get(field - shift).copied().unwrap_or("");
            sum += field.split('^').nth(component - 1).unwrap_or("").len();
        }
    }
    sum
}

#[divan::bench]
fn notes_of_a_sound_message(bencher: Bencher<'_, '_>) {
    let message = Message::parse(SIU.as_bytes()).unwrap();
    let charset = message.charset(None);
    bencher.bench(|| black_box(&message).notes(&charset).len());
}

#[divan::bench]
fn write_an_answer(bencher: Bencher<'_, '_>) {
    let message = Message::parse(SIU.as_bytes()).unwrap();
    let origin = Origin::of(&message, message.charset(None));
    let code = AckCode::ApplicationAccept;
    let ack = Ack { code, control_id: "P42", time: "20270102060013-0500", problems: &[] };
    let mut out = Vec::with_capacity(1024);
    bencher.bench_local(|| {
        out.clear();
        write(&mut out, black_box(&origin), &ack);
        out.len()
    });
}

#[divan::bench]
fn write_a_booking(bencher: Bencher<'_, '_>) {
    let mut out = Vec::with_capacity(4096);
    let message = Message::parse(SIU.as_bytes()).unwrap();
    let charset = message.charset(None);
    bencher.bench_local(|| {
        out.clear();
        let mut writer = MessageWriter::new(&mut out, message.delimiters(), charset);
        writer.header().field(3).text("SYNC").field(9).text("SRM").component(2).text("S01").field(12).text("2.5.1");
        writer.segment(b"ARQ").field(1).text("A-1").field(7).component(2).text("Follow-up & check");
        writer.field(11).text("20270402090000-0500").component(2).text("20270402093000-0500");
        writer.segment(b"PID").field(3).text("MRN00000042").field(5).text("Example").component(2).text("Ana");
        drop(writer);
        out.len()
    });
}

/// A thousand framed messages in reads of 16 KiB.
#[divan::bench(args = [16 * 1024, 1024 * 1024])]
fn decode_mllp(bencher: Bencher<'_, '_>, read: usize) {
    let mut stream = Vec::new();
    for _ in 0..1000 {
        encode(&mut stream, SIU.as_bytes()).unwrap();
    }
    bencher.counter(BytesCount::new(stream.len())).counter(ItemsCount::new(1000_usize)).bench_local(|| {
        let mut decoder = Decoder::new(Config::default());
        let mut blocks = 0;
        for bytes in stream.chunks(read) {
            decoder.feed(bytes);
            while let Some(event) = decoder.next_event() {
                blocks += usize::from(matches!(event, Event::Block { .. }));
            }
        }
        assert_eq!(blocks, 1000);
    });
}

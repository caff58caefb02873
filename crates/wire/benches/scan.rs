//! Finding separators: eight bytes at a time in a `u64` (`hl7::scan`) against `memchr`. In segments, where separators
//! stand close, the first is to win; in a long comment without any, the second.
//!
//! Run with `cargo bench -p punctual-wire --bench scan`.

#![expect(clippy::unwrap_used, reason = "in a bench, a panic is the report")]

use divan::counter::BytesCount;
use divan::{Bencher, black_box};

#[path = "../src/hl7/scan.rs"]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "the module as it is; not all of it is measured")]
mod scan;

fn main() {
    divan::main();
}

/// What is searched.
const HAYSTACKS: [&str; 3] = ["header", "appointment", "comment"];

fn haystack(name: &str) -> Vec<u8> {
    match name {
        "header" => {
            b"MSH|^~\\&|SCHED|NORTHSIDE|SYNC|PLATFORM|20270102060012.345-0500||SIU^S12^SIU_S12|T42|P|2.5.1|||AL|NE"
                .to_vec()
        }
        "appointment" => b"SCH|P42^EHR|F42^EHR|||||RSN7^Follow-up visit^L|FUP3^Follow-up visit^L|30|min^minutes^UCUM|\
            ^^30^20270402090000^20270402093000|||||7001^Desk^Front|^WPN^PH^^1^555^5550100|||7002^Sched^Uler|||||Booked"
            .to_vec(),
        _ => [&b"NTE|1|L|"[..], &b"please bring the insurance card and a photo id; ".repeat(20)].concat(),
    }
}

/// Where all the fields are: what reading the fields of a segment costs.
#[divan::bench(args = HAYSTACKS)]
fn every_separator_by_word(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = haystack(name);
    bencher.counter(BytesCount::of_slice(&bytes)).bench(|| {
        let mut sum = 0;
        scan::each(black_box(&bytes), b'|', |at| sum += at);
        sum
    });
}

#[divan::bench(args = HAYSTACKS)]
fn every_separator_by_memchr(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = haystack(name);
    bencher.counter(BytesCount::of_slice(&bytes)).bench(|| memchr::memchr_iter(b'|', black_box(&bytes)).sum::<usize>());
}

/// Where the tenth field begins: what reading one field costs.
#[divan::bench(args = ["header", "appointment"])]
fn tenth_separator_by_word(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = haystack(name);
    bencher.bench(|| scan::nth(black_box(&bytes), b'|', 9).unwrap());
}

#[divan::bench(args = ["header", "appointment"])]
fn tenth_separator_by_memchr(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = haystack(name);
    bencher.bench(|| memchr::memchr_iter(b'|', black_box(&bytes)).nth(9).unwrap());
}

/// An end of line that is not there: the long gap.
#[divan::bench(args = HAYSTACKS)]
fn absent_byte_by_word(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = haystack(name);
    bencher.counter(BytesCount::of_slice(&bytes)).bench(|| scan::first(black_box(&bytes), b'\r'));
}

#[divan::bench(args = HAYSTACKS)]
fn absent_byte_by_memchr(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = haystack(name);
    bencher.counter(BytesCount::of_slice(&bytes)).bench(|| memchr::memchr(b'\r', black_box(&bytes)));
}

//! What one message costs on its way from bytes to the canonical record.
//!
//! `cargo bench -p punctual-connectors`. The message is a booking of about 1,100 bytes with eleven segments. The
//! yardstick is a scan for the same fields: every segment is cut into its fields, and those that the record is made of
//! are looked at, but nothing is decoded, checked or kept.

#![allow(clippy::unwrap_used, reason = "a bench that cannot build its world must stop")]

use connectors::hl7v2::{Decoded, Hl7Paths, decode};
use divan::{Bencher, black_box};
use domain::ids::{IntegrationKey, PracticeNo};
use domain::setup::{Document, Lifecycle, RuleSet, SetupFacts};
use domain::time::Moment;
use wire::hl7::{Charset, Message};

fn main() {
    divan::main();
}

const MESSAGE: &[u8] = b"MSH|^~\\&|EHRSCHED|NORTH|PUNCTUAL|HUB|20261121060100.000-0600||SIU^S12^SIU_S12|Q0000000107|P|2.5.1\r\
SCH|A-1001^EHR|A-1001^EHR|||||ROUTINE^Routine visit^L|FU^Follow-up^L|30|min^minutes^UCUM|^^30^20261125080000^20261125083000|||||7001^Desk^Front^^^^^^EHR|^WPN^PH^^1^555^5550100|||7002^Sched^Uler^^^^^^EHR|||||Booked|Q0000000107^EHR\r\
TQ1|1||||||20261125080000|20261125083000\r\
NTE|1|L|Q0000000107 v1 please bring the insurance card \\T\\ a photo id, and come ten minutes early\r\
PID|1||MRN00006032^^^NORTH^MR~900006032^^^USA^SS||Okafor^Ada^T^^^^L||19730424|F|||7489 Hill Rd^^Springfield^IL^61469^USA^H||^PRN^PH^^1^555^5554243~^NET^Internet^p6032@patients.example|||M||ACC00000000\r\
PV1|1|O|CL000^RM0^^NORTH^^^^^CLINIC 0||||DR7^Cole^Imani^^^^MD^^NPI^L|||||||||||OP|V00000000\r\
RGS|1|A\r\
AIS|1|A|FU^Follow-up^L|20261125080000|0|min|30|min||Booked\r\
AIG|1|A|PR00000^Cole Imani^L|PROVIDER^Provider^L||||20261125080000|0|min|30|min||Booked\r\
AIL|1|A|CL000^RM0^^NORTH|CLINIC^Clinic^L||20261125080000|0|min|30|min||Booked\r\
AIP|1|A|DR7^Cole^Imani^^^^MD^^NPI^L|ATTEND^Attending^L||20261125080000|0|min|30|min||Booked\r";

const PRACTICE: &str = r#"
[practice]
id = "northside"
name = "Northside Family Clinic"
time_zone = "America/Chicago"
[[integration]]
id = "northside-chiron"
lifecycle = "live"
source = { profile = "hl7v2", route = "hl7v2", facility = "NORTH" }
platform = { profile = "webhook", route = "webhook", url = "http://127.0.0.1:9/hook" }
[[integration.provider]]
source_id = "DR7"
platform_id = "prov_7"
"#;

fn received() -> Moment {
    "2026-11-21T12:01:00Z".parse::<jiff::Timestamp>().unwrap().into()
}

fn rules() -> RuleSet {
    let document = Document::from_toml(PRACTICE).unwrap();
    let facts = SetupFacts {
        key: IntegrationKey { practice: PracticeNo(1), integration: 1 },
        version: 1,
        changed_at: received(),
        lifecycle: Lifecycle::Live,
        lifecycle_since: received(),
        gone_since: None,
        secret_problem: None,
        links: Vec::new(),
    };
    RuleSet::compile(&document.practice, &document.integration[0], &facts).unwrap()
}

/// Segments and fields that the record is made of.
const FIELDS: [(&[u8], &[usize]); 9] = [
    (b"MSH", &[3, 6, 8, 9]),
    (b"SCH", &[1, 2, 6, 7, 8, 9, 10, 11, 25, 26]),
    (b"TQ1", &[7, 8]),
    (b"PID", &[3, 5, 7, 8, 11, 13]),
    (b"PV1", &[3, 7, 19]),
    (b"AIS", &[3, 4, 7, 10]),
    (b"AIG", &[3, 8]),
    (b"AIL", &[3, 6]),
    (b"AIP", &[3, 6]),
];

/// The yardstick.
#[divan::bench]
fn scan_for_the_same_fields(bencher: Bencher) {
    bencher.bench(|| {
        let mut bytes = 0_usize;
        for segment in black_box(MESSAGE).split(|byte| *byte == b'\r') {
            let Some((_, wanted)) = FIELDS.iter().find(|(name, _)| segment.starts_with(name)) else { continue };
            for (number, field) in segment.split(|byte| *byte == b'|').enumerate() {
                if wanted.contains(&number) {
                    bytes += field.split(|byte| *byte == b'^').map(<[u8]>::len).sum::<usize>();
                }
            }
        }
        bytes
    });
}

/// Bytes into a message that can be asked for its fields.
#[divan::bench]
fn parse(bencher: Bencher) {
    bencher.bench(|| Message::parse(black_box(MESSAGE)).unwrap().code().len());
}

/// Bytes into the canonical record of the visit, its patient and its provider.
#[divan::bench]
fn bytes_to_records(bencher: Bencher) {
    let rules = rules();
    let (paths, received) = (Hl7Paths::of(&rules.source.hl7v2), received());
    let decoded = |bytes| decode(&Message::parse(bytes).unwrap(), Charset::UTF_8, &paths, &rules, received);
    assert!(matches!(decoded(MESSAGE), Decoded::Records(_)), "the message must be one that is understood");
    bencher.bench(|| decoded(black_box(MESSAGE)));
}

//! Synthetic bookings, about 1,100 bytes each, for a practice that is set up for them.

use std::fmt::Write as _;

/// The practice that the bookings are for. Its webhooks go to `hook`.
pub(crate) fn document(hook: &str) -> String {
    let mut text = format!(
        r#"
[practice]
id = "bench"
name = "Bench Clinic"
time_zone = "America/New_York"

[[integration]]
id = "bench"
lifecycle = "live"
source = {{ profile = "hl7v2", route = "hl7v2", facility = "BENCH" }}
platform = {{ profile = "webhook", route = "webhook", url = "{hook}", secret = {{ env = "{SECRET}" }} }}

[[integration.type]]
source_name = "Follow-up"
modality = "video"
"#
    );
    for number in 0..PROVIDERS {
        write!(
            text,
            "\n[[integration.provider]]\nsource_id = \"{number}\"\nplatform_id = \"prov_{number}\"\nname = \"P {number}\"\n"
        )
        .unwrap_or_default();
    }
    text
}

/// The environment variable with the signing secret, and a secret for it.
pub(crate) const SECRET: &str = "PUNCTUAL_BENCH_SECRET";
pub(crate) const SECRET_VALUE: &str = "whsec_cHVuY3R1YWwgYmVuY2ggc2VjcmV0IQ==";

/// Providers that both sides know, under the numbers from 0.
pub(crate) const PROVIDERS: u32 = 100;
/// Days from the first that visits may be on, all within the usual horizon.
const DAYS: u32 = 60;

/// What the bookings are drawn from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw {
    /// Different patients.
    pub(crate) patients: u32,
    /// Today, as the source writes days: the bookings are for the days after it.
    pub(crate) today: jiff::civil::Date,
    /// Sets one run's ids apart from another's.
    pub(crate) run: u32,
}

impl Draw {
    /// The message of version `version` (from 0) of appointment `appointment`, framed for MLLP, into `out`; the
    /// appointment's id.
    pub(crate) fn message(&self, appointment: u32, version: u32, out: &mut Vec<u8>) -> String {
        let mix = spread(appointment);
        let day =
            self.today.checked_add(jiff::Span::new().days(i64::from(2 + (mix >> 4) % DAYS))).unwrap_or(self.today);
        let minute = 15 * ((mix >> 20) % 4) + version % 15;
        let small = |number: u32| i8::try_from(number).unwrap_or(0);
        let id = format!("B{:x}A{appointment}", self.run);
        let booking = Booking {
            control: format!("B{:x}-{appointment:x}-{version}", self.run),
            trigger: if version == 0 { "S12" } else { "S13" },
            status: "Booked",
            sent: self.today.at(6, 1, small(version % 60), 0),
            start: day.at(small(8 + (mix >> 12) % 9), small(minute), 0, 0),
            patient: (mix >> 8) % self.patients.max(1),
            provider: (mix % PROVIDERS).to_string(),
            kind: "Follow-up",
            id,
        };
        booking.write(out);
        booking.id
    }
}

/// What one message says of a visit.
pub(crate) struct Booking {
    /// The visit's id.
    pub(crate) id: String,
    /// The message's id.
    pub(crate) control: String,
    /// `S12`: booked, `S13`: put off, `S15`: called off.
    pub(crate) trigger: &'static str,
    /// The status as the source writes it.
    pub(crate) status: &'static str,
    /// When it was sent, on the source's clock.
    pub(crate) sent: jiff::civil::DateTime,
    /// When the visit begins, on the source's clock.
    pub(crate) start: jiff::civil::DateTime,
    /// The patient's number.
    pub(crate) patient: u32,
    /// The provider's id.
    pub(crate) provider: String,
    /// The name of the visit type.
    pub(crate) kind: &'static str,
}

impl Booking {
    /// Appends the message, framed for MLLP.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(0x0b);
        out.extend_from_slice(self.text().as_bytes());
        out.extend_from_slice(b"\x1c\r");
    }

    /// The message: about 1,100 bytes.
    pub(crate) fn text(&self) -> String {
        let Booking { id, control, trigger, status, patient, provider, kind, .. } = self;
        let (sent, start) = (self.sent.strftime("%Y%m%d%H%M%S"), self.start.strftime("%Y%m%d%H%M%S"));
        let code = if *kind == "Follow-up" { "FU" } else { "OFF" };
        format!(
            "MSH|^~\\&|SCHEDULER|BENCH|PUNCTUAL|HUB|{sent}||SIU^{trigger}^SIU_S12|{control}|P|2.5.1\r\
             SCH|{id}^EHR|{id}^EHR|||||ROUTINE^Routine visit^L|{code}^{kind}^L|30|min^minutes^UCUM|\
             ^^30^{start}|||||7001^Desk^Front^^^^^^EHR|^WPN^PH^^1^555^5550100|||7002^Sched^Uler^^^^^^EHR\
             |||||{status}|{control}^EHR\r\
             TQ1|1||||||{start}\r\
             NTE|1|L|please bring the insurance card and a photo id, and come ten minutes early\r\
             PID|1||MRN{patient:08}^^^BENCH^MR~9{patient:08}^^^USA^SS||Family{patient}^Given{patient}^T^^^^L||19730424|M|||\
             {patient} Hill Rd^^Springfield^IL^61469^USA^H||^PRN^PH^^1^555^5554243~^NET^Internet^p{patient}@patients.example\
             |||M||ACC{patient:08}\r\
             PV1|1|O|CL1^RM1^^BENCH^^^^^CLINIC 1||||{provider}^Name^P^^^^MD^^NPI^L|||||||||||OP|V{patient:08}\r\
             RGS|1|A\r\
             AIS|1|A|{code}^{kind}^L|{start}|0|min|30|min||{status}\r\
             AIL|1|A|CL1^RM1^^BENCH|CLINIC^Clinic^L||{start}|0|min|30|min||{status}\r\
             AIP|1|A|{provider}^Name^P^^^^MD^^NPI^L|ATTEND^Attending^L||{start}|0|min|30|min||{status}\r",
        )
    }
}

/// Neighbouring numbers far apart, the same each time.
fn spread(number: u32) -> u32 {
    let mixed = number.wrapping_mul(0x9e37_79b1) ^ (number >> 15);
    mixed ^ (mixed >> 13)
}

//! Synthetic bookings, about 1,100 bytes each, for a practice that is set up for them.

use std::fmt::Write;

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

const PROVIDERS: u32 = 100;
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
        let control = format!("B{:x}-{appointment:x}-{version}", self.run);
        let mix = spread(appointment);
        let (provider, patient) = (mix % PROVIDERS, (mix >> 8) % self.patients.max(1));
        let day =
            self.today.checked_add(jiff::Span::new().days(i64::from(2 + (mix >> 4) % DAYS))).unwrap_or(self.today);
        let (hour, minute) = (8 + (mix >> 12) % 9, 15 * ((mix >> 20) % 4) + version % 15);
        let day = day.strftime("%Y%m%d");
        let sent = self.today.strftime("%Y%m%d");
        let trigger = if version == 0 { "S12" } else { "S13" };
        let text = format!(
            "MSH|^~\\&|SCHEDULER|BENCH|PUNCTUAL|HUB|{sent}0601{:02}.{version:03}||SIU^{trigger}^SIU_S12|{control}|P|2.5.1\r\
             SCH|B{run:x}A{appointment}^EHR|B{run:x}A{appointment}^EHR|||||ROUTINE^Routine visit^L|FU^Follow-up^L|30|min^minutes^UCUM|\
             ^^30^{day}{hour:02}{minute:02}00|||||7001^Desk^Front^^^^^^EHR|^WPN^PH^^1^555^5550100|||7002^Sched^Uler^^^^^^EHR\
             |||||Booked|{control}^EHR\r\
             TQ1|1||||||{day}{hour:02}{minute:02}00\r\
             NTE|1|L|please bring the insurance card and a photo id, and come ten minutes early\r\
             PID|1||MRN{patient:08}^^^BENCH^MR~9{patient:08}^^^USA^SS||Family{patient}^Given{patient}^T^^^^L||19730424|M|||\
             {patient} Hill Rd^^Springfield^IL^61469^USA^H||^PRN^PH^^1^555^5554243~^NET^Internet^p{patient}@patients.example\
             |||M||ACC{appointment:08}\r\
             PV1|1|O|CL1^RM1^^BENCH^^^^^CLINIC 1||||{provider}^Name^P^^^^MD^^NPI^L|||||||||||OP|V{appointment:08}\r\
             RGS|1|A\r\
             AIS|1|A|FU^Follow-up^L|{day}{hour:02}{minute:02}00|0|min|30|min||Booked\r\
             AIL|1|A|CL1^RM1^^BENCH|CLINIC^Clinic^L||{day}{hour:02}{minute:02}00|0|min|30|min||Booked\r\
             AIP|1|A|{provider}^Name^P^^^^MD^^NPI^L|ATTEND^Attending^L||{day}{hour:02}{minute:02}00|0|min|30|min||Booked\r",
            version % 60,
            run = self.run,
        );
        out.push(0x0b);
        out.extend_from_slice(text.as_bytes());
        out.extend_from_slice(b"\x1c\r");
        format!("B{:x}A{appointment}", self.run)
    }
}

/// Neighbouring numbers far apart, the same each time.
fn spread(number: u32) -> u32 {
    let mixed = number.wrapping_mul(0x9e37_79b1) ^ (number >> 15);
    mixed ^ (mixed >> 13)
}

//! Sound messages: what the others are made from, and what shows that a connection is still usable.

/// A booking with an id of its own; the visit is `V-` and that id.
pub(super) fn booking(id: &str) -> String {
    let mail = id.to_lowercase();
    format!(
        "MSH|^~\\&|PM|NORTHSIDE|PUNCTUAL|HUB|20261121083000||SIU^S12^SIU_S12|{id}|P|2.5.1\r\
         SCH||V-{id}|||||CHECKUP^Check-up|^Telemedicine Visit|30|MIN|^^30^20261124100000^20261124103000\
         ||||||||||||||Scheduled\r\
         TQ1|1||||||20261124100000|20261124103000\r\
         NTE|1|L|bring the insurance card\r\
         PID|1||P-{id}^^^PM^MR||Okafor^Ada||19800229|F|||1 Main St^^Springfield^IL^62701\
         ||^NET^Internet^{mail}@patients.example\r\
         PV1|1|O|MAIN\r\
         RGS|1|A\r\
         AIS|1|A|TV^Telemedicine Visit|20261124100000|0|min|30|min\r\
         AIP|1|A|DR7^Cole^Imani\r"
    )
}

/// The same visit called off, as an older sender says it: no TQ1, version 2.3.
pub(super) fn cancellation(id: &str) -> String {
    format!(
        "MSH|^~\\&|PM|NORTHSIDE|PUNCTUAL|HUB|20261121084500-0600||SIU^S15|{id}|P|2.3\r\
         SCH|P-{id}|V-{id}||||PATIENT^Patient asked|CHECKUP|Telemedicine Visit|30|min\
         |^^M30^20261124110000^20261124113000||||||||||||||Cancelled\r\
         PID|||P-{id}||Okafor^Ada||19800229\r\
         RGS|1|D\r\
         AIG|1|D|DR7^Cole Imani|PROVIDER||||20261124110000\r"
    )
}

/// A patient's record changed.
pub(super) fn update(id: &str) -> String {
    format!(
        "MSH|^~\\&|PM|NORTHSIDE|PUNCTUAL|HUB|20261121090000||ADT^A08^ADT_A01|{id}|P|2.5.1||||||UNICODE UTF-8\r\
         EVN|A08|20261121090000\r\
         PID|1||P-{id}^^^PM^MR||Okafor^Ada||19800229|F|||2 Main St^^Springfield^IL^62701||^PRN^CP^^1^217^5550100\r\
         PV1|1|O|MAIN\r\
         IN1|1|PLAN|1|Example Mutual||||||||||||||||||||||||||||||||POL-{id}\r"
    )
}

/// Two records of one person made one.
pub(super) fn merge(id: &str) -> String {
    format!(
        "MSH|^~\\&|PM|NORTHSIDE|PUNCTUAL|HUB|20261121091500||ADT^A40^ADT_A39|{id}|P|2.5.1\r\
         EVN|A40|20261121091500\r\
         PID|1||P-{id}^^^PM^MR||Okafor^Ada||19800229|F\r\
         MRG|P-{id}-OLD^^^PM^MR\r"
    )
}

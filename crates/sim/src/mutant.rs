//! Faults planted on purpose at the ports, to see that the simulation notices them. None of them is in the product.

/// One planted fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// A changed fact wakes nobody.
    ForgetsToWake,
    /// A card that waits is not written to the outbox.
    ForgetsToQueue,
    /// A card that was delivered stays in the outbox.
    KeepsInQueue,
    /// An appointment is read as it was before its last change, now and then.
    ReadsStale,
    /// The store says that it is durable and is not.
    SyncsNothing,
    /// A message is acknowledged before it is durable.
    AcknowledgesEarly,
    /// A message is acknowledged and dropped, now and then.
    AcknowledgesAndDrops,
    /// Every version of a card goes out under the same id.
    ReusesKeys,
    /// Every attempt goes out under an id of its own.
    ChangesKeys,
    /// An answer that is no success is taken for one.
    ReportsDelivered,
    /// The card of the version before goes out under the new version.
    SendsStaleCards,
    /// A visit does not wait for the fact that would release it.
    ForgetsToWait,
    /// Nobody is woken when a date is reached.
    ForgetsTimers,
    /// A released visit stays under its cause.
    KeepsStops,
    /// Counts by verdict are not moved.
    MiscountsVerdicts,
    /// A repeated message is taken for a new one.
    ForgetsMessageIds,
    /// The clock of the process stands still.
    StopsClock,
    /// What people did is not written down.
    ForgetsAudit,
    /// A message is taken in without its patients being noted as taking part.
    ForgetsParticipants,
    /// Cards of all integrations are claimed from one queue, of which only the beginning is seen.
    ClaimsFromOneQueue,
    /// A message that a process kept, acknowledged and did not decide on is left where it is.
    LeavesBehind,
}

impl Mutant {
    /// Every one.
    pub const ALL: [Mutant; 21] = [
        Mutant::ForgetsToWake,
        Mutant::ForgetsToQueue,
        Mutant::KeepsInQueue,
        Mutant::ReadsStale,
        Mutant::SyncsNothing,
        Mutant::AcknowledgesEarly,
        Mutant::AcknowledgesAndDrops,
        Mutant::ReusesKeys,
        Mutant::ChangesKeys,
        Mutant::ReportsDelivered,
        Mutant::SendsStaleCards,
        Mutant::ForgetsToWait,
        Mutant::ForgetsTimers,
        Mutant::KeepsStops,
        Mutant::MiscountsVerdicts,
        Mutant::ForgetsMessageIds,
        Mutant::StopsClock,
        Mutant::ForgetsAudit,
        Mutant::ForgetsParticipants,
        Mutant::ClaimsFromOneQueue,
        Mutant::LeavesBehind,
    ];

    /// Its name at the command line: `forgets-to-wake`.
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    /// Reads the name back.
    pub fn named(name: &str) -> Option<Mutant> {
        Mutant::ALL.into_iter().find(|mutant| mutant.name() == name)
    }
}

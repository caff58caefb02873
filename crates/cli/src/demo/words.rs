//! What the demo says to people.

use crate::demo::{DOWN_SECS, Demo, ON_ITS_WAY};
use emulators::neighbours::Neighbour;
use emulators::practice::believable::PracticeDocument;
use engine::ops::IntegrationItem;

/// The first words: where to go.
pub(crate) fn welcome(demo: &Demo) -> String {
    format!(
        "\nPunctual is running, between emulated practices on {} systems and an emulated platform. Everybody in it is\n\
         made up, and nothing stays behind when you stop it.\n\n\
         Open the console (this link logs you in, once):\n\n    {}\n",
        demo.neighbours.len() + 1,
        demo.login()
    )
}

/// How the visits stand, and three things to try.
pub(crate) fn three_things(demo: &Demo, integration: &IntegrationItem) -> String {
    let (console, desk, name) = (demo.console(), demo.desk(), PracticeDocument::INTEGRATION);
    let visit = |id: &str| format!("{console}/integrations/{name}/appointments/{id}");
    format!(
        "The practice sent its day: {}.\n\n\
         Three things to try\n\n\
         1  Look at what is not safe yet\n    \
            {console}/\n    \
            The visits of today and tomorrow that the platform does not show, each with the reason, who can end it and\n    \
            when it ends by itself.\n\n\
         2  Add the missing e-mail where it is missing, and watch the visit heal\n    \
            Visit A-2004 is in half an hour, and its patient's record has no e-mail address. Keep this page open:\n      \
              {}\n    \
            and add an address where the front desk would:\n      \
              {desk}/patients/P2004\n\n\
         3  Link a provider once, and watch three visits go\n    \
            Nobody linked provider DR9 with the platform, and three visits wait for it. Link DR9 with prov_9 on\n      \
              {console}/causes\n    \
            and see what became of them, for example on\n      \
              {}\n\n\
         On its way: the platform was told to be down for visit {ON_ITS_WAY} for {} minutes. Nothing is wrong with it.\n\n\
         Next door, on other systems, each asked every few seconds. Book, move or call off at their front desks; at each\n\
         one visit is stopped, and its page says why:\n\n\
         {}\n\
         The practice's front desk   {desk}/\n\
         The platform                {}/\n\
         HL7 v2 over MLLP            {}\n\
         The same from a terminal    punctual why {name} A-2004 --url {console} --token {}\n\n\
         Ctrl-C stops everything.",
        counted(integration),
        visit("A-2004"),
        visit("A-2001"),
        DOWN_SECS / 60,
        demo.neighbours.iter().map(|next| next_door(&console, next)).collect::<String>(),
        demo.platform(),
        demo.service.mllp,
        demo.token,
    )
}

/// A practice next door: its system, its front desk, and the visit to look at.
fn next_door(console: &str, neighbour: &Neighbour) -> String {
    let head = format!("    {:<10} {}   {}\n", neighbour.name(), neighbour.desk(), neighbour.clinic());
    let Some(planted) = neighbour.planted() else { return head };
    let visits = planted.source_ids.iter();
    let pages = visits.map(|id| format!("{console}/integrations/{}/appointments/{id}", neighbour.integration()));
    let pages = pages.collect::<Vec<_>>().join(" ");
    format!("{head}      {}; ends {}\n      {pages}\n", planted.label, planted.ends)
}

/// `38 visits, 25 in sync, 10 held`
fn counted(integration: &IntegrationItem) -> String {
    let total: u64 = integration.counts.values().sum();
    let counts = integration.counts.iter().filter(|(_, count)| **count > 0);
    let parts: Vec<String> = counts.map(|(verdict, count)| format!("{count} {}", verdict.replace('_', " "))).collect();
    format!("{total} visits, of which {}", parts.join(", "))
}

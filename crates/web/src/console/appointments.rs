//! The visits of an integration as a list: by verdict or reason, in order of start.

use crate::api::Params;
use crate::api::v1::appointments::asked;
use crate::app::Shared;
use crate::auth::Who;
use crate::console::visit::VisitRow;
use crate::console::{Chip, Frame, Nav, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::decide::Verdict;

#[derive(Template)]
#[template(path = "pages/appointments.html")]
struct AppointmentsPage {
    frame: Frame,
    integration: String,
    integration_href: String,
    /// What the list is narrowed to, in words.
    narrowed: String,
    filters: Vec<Filter>,
    rows: Vec<VisitRow>,
    caption: String,
    next_href: Option<String>,
}

struct Filter {
    href: String,
    chip: Chip,
    current: bool,
}

/// The page.
pub(crate) async fn list(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response> {
    let asked = asked(params)?;
    let (verdicts, code) = (asked.verdicts.clone(), asked.code);
    let listing = app.engine.list_appointments(&who.actor, &id, asked).await?;
    let integration = app.engine.show_integration(&who.actor, &id).await?;
    let now = app.engine.clock().now();
    let base = format!("{}/appointments", url::integration(&id));
    let narrowed = match (verdicts.as_slice(), code) {
        ([], None) => "All visits".to_owned(),
        ([], Some(code)) => code.entry().label.to_owned(),
        (verdicts, _) => verdicts.iter().map(|verdict| verdict.label()).collect::<Vec<_>>().join(", "),
    };
    let mut query: Vec<String> = verdicts.iter().map(|verdict| format!("verdict={}", verdict.word())).collect();
    query.extend(code.map(|code| format!("code={code}")));
    let next_href = listing.next_cursor.map(|cursor| {
        query.push(format!("cursor={}", url::piece(&cursor)));
        format!("{base}?{}", query.join("&"))
    });
    page(&AppointmentsPage {
        frame: Frame::new(&app, &who, Nav::Integrations, format!("Visits of {id}")),
        integration_href: url::integration(&id),
        integration: id,
        narrowed,
        filters: Verdict::ALL
            .into_iter()
            .map(|verdict| Filter {
                href: format!("{base}?verdict={}", verdict.word()),
                chip: Chip::of(verdict),
                current: verdicts == [verdict],
            })
            .collect(),
        rows: listing.items.iter().map(|item| VisitRow::new(item, now)).collect(),
        caption: format!("Soonest first. Times in {}.", integration.time_zone),
        next_href,
    })
}

//! Every route there is: one line a route, and no logic. What surrounds them is put on in [`router`].

use crate::api::{openapi, v1};
use crate::app::{App, Shared};
use crate::auth::Access::{May, Open, Recognised};
use crate::auth::{Action, guard};
use crate::failure::Failure;
use crate::meter::Meter;
use crate::options::{Limits, WebOptions};
use crate::route::{BodySize, Entry, Route, delete, get, post, put};
use crate::{assets, console, health, shell};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use engine::Engine;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

#[rustfmt::skip]
fn entries() -> Vec<Entry> {
    vec![
        get("/healthz", Open, health::check_life),
        get("/readyz", Open, health::check_readiness),
        get("/metrics", Open, health::show_metrics),
        get("/assets/{name}", Open, assets::show_asset),
        get("/api/openapi.json", Open, openapi::show_description),

        post("/api/v1/apply", May(Action::ApplyDocument), v1::practices::apply_document).takes(BodySize::Document),
        get("/api/v1/practices/{id}/export", May(Action::ExportPractice), v1::practices::export_practice),
        get("/api/v1/integrations", May(Action::SeeIntegrations), v1::integrations::list_integrations),
        get("/api/v1/integrations/{id}", May(Action::SeeIntegrations), v1::integrations::show_integration),
        post("/api/v1/integrations/{id}/lifecycle", May(Action::ChangeLifecycle), v1::integrations::change_lifecycle),
        get("/api/v1/integrations/{id}/checks", May(Action::SeeIntegrations), v1::checks::list_checks),
        post("/api/v1/integrations/{id}/checks", May(Action::RunChecks), v1::checks::run_checks),
        get("/api/v1/integrations/{id}/statuses", May(Action::SeeIntegrations), v1::statuses::cover_statuses),
        get("/api/v1/integrations/{id}/rejudged", May(Action::JudgeAgain), v1::rejudged::judge_again),
        get("/api/v1/integrations/{id}/appointments", May(Action::SeeAppointments), v1::appointments::list_appointments),
        get("/api/v1/integrations/{id}/appointments/{source_id}", May(Action::SeeAppointments), v1::appointments::explain_appointment),
        post("/api/v1/integrations/{id}/appointments/{source_id}/feedback", May(Action::GiveFeedback), v1::feedback::give_feedback),
        get("/api/v1/integrations/{id}/appointments/{source_id}/bundle", May(Action::TakeBundle), v1::bundle::bundle_case),
        post("/api/v1/integrations/{id}/appointments/{source_id}/redrive", May(Action::Redrive), v1::redrive::redrive_appointment),
        post("/api/v1/integrations/{id}/appointments/{source_id}/read", May(Action::ReadSource), v1::reading::read_appointment),
        post("/api/v1/integrations/{id}/census", May(Action::ReadSource), v1::reading::order_census),
        post("/api/v1/integrations/{id}/look", May(Action::TellOfChanges), v1::reading::look_at_source).takes(BodySize::Message),
        put("/api/v1/integrations/{id}/look/{kind}/{source_id}", May(Action::TellOfChanges), v1::reading::look_at_changed).takes(BodySize::Message),
        delete("/api/v1/integrations/{id}/look/{kind}/{source_id}", May(Action::TellOfChanges), v1::reading::look_at_deleted),
        get("/api/v1/integrations/{id}/hook", Open, v1::hooks::prove_hook),
        post("/api/v1/integrations/{id}/hook", Open, v1::hooks::hear_hook).takes(BodySize::Message),
        post("/api/v1/integrations/{id}/search", May(Action::SeeAppointments), v1::appointments::search_appointments),
        post("/api/v1/integrations/{id}/patients/search", May(Action::SeeAppointments), v1::patients::search_patients),
        post("/api/v1/integrations/{id}/patients/source", May(Action::SearchSource), v1::patients::search_source),
        get("/api/v1/integrations/{id}/patients/{source_id}", May(Action::SeeAppointments), v1::patients::show_patient),
        post("/api/v1/integrations/{id}/patients/{source_id}/import", May(Action::Link), v1::patients::import_patient),
        post("/api/v1/integrations/{id}/patients/{source_id}/confirmation", May(Action::GiveReceipts), v1::patients::confirm_patient),
        get("/api/v1/integrations/{id}/users", May(Action::SeeAppointments), v1::users::list_users),
        post("/api/v1/integrations/{id}/system-request", May(Action::AskForSystems), v1::systems::request_system),
        get("/api/v1/system-requests", May(Action::SeeSystemRequests), v1::systems::list_system_requests),
        post("/api/v1/integrations/{id}/why", May(Action::SeeAppointments), v1::why::answer_why),
        get("/api/v1/today", May(Action::SeeAppointments), v1::today::show_today),
        get("/api/v1/causes", May(Action::SeeCauses), v1::causes::list_causes),
        get("/api/v1/causes/export", May(Action::SeeCauses), v1::causes::export_causes),
        get("/api/v1/queue-use", May(Action::SeeCauses), v1::causes::show_queue_use),
        get("/api/v1/causes/{id}", May(Action::SeeCauses), v1::causes::show_cause),
        get("/api/v1/causes/{id}/preview", May(Action::SeeCauses), v1::causes::preview_cause),
        post("/api/v1/causes/{id}/handling", May(Action::HandleCauses), v1::causes::handle_cause),
        post("/api/v1/causes/{id}/decision", May(Action::DecideCauses), v1::causes::decide_cause),
        put("/api/v1/integrations/{id}/links/{kind}/{source_id}", May(Action::Link), v1::links::set_link),
        delete("/api/v1/integrations/{id}/links/{kind}/{source_id}", May(Action::Link), v1::links::remove_link),
        get("/api/v1/integrations/{id}/cards", May(Action::SeeCards), v1::cards::list_cards),
        post("/api/v1/integrations/{id}/receipts", May(Action::GiveReceipts), v1::receipts::receive_receipt),
        get("/api/v1/changes", May(Action::SeeChanges), v1::changes::list_changes),
        post("/api/v1/integrations/{id}/envelopes", May(Action::HandInMessages), v1::envelopes::hand_in_envelope).takes(BodySize::Message),
        get("/api/v1/integrations/{id}/envelopes", May(Action::SeeSetAside), v1::envelopes::list_set_aside),
        get("/api/v1/unrouted", May(Action::SeeUnrouted), v1::envelopes::list_unrouted),
        get("/api/v1/feedback", May(Action::SeeFeedback), v1::feedback::list_feedback),
        get("/api/v1/envelopes/{id}", May(Action::SeeMessages), v1::envelopes::read_envelope),
        get("/api/v1/reasons", Recognised, v1::reasons::list_reasons),
        get("/api/v1/reasons/{code}", Recognised, v1::reasons::show_reason),
        get("/api/v1/audit", May(Action::SeeAudit), v1::audit::read_audit),
        get("/api/v1/audit/check", May(Action::SeeAudit), v1::audit::check_audit),

        get("/login", Open, console::login::show),
        post("/login", Open, console::login::log_in),
        post("/logout", Recognised, console::login::log_out),
        get("/purpose", Recognised, console::purpose::show),
        post("/purpose", Recognised, console::purpose::give),
        get("/live", Recognised, console::live::listen),
        get("/", May(Action::SeeAppointments), console::today::show),
        get("/search", May(Action::SeeAppointments), console::search::show),
        post("/search", May(Action::SeeAppointments), console::search::find),
        get("/causes", May(Action::SeeCauses), console::causes::show),
        get("/causes/export", May(Action::SeeCauses), console::causes::export),
        get("/causes/{id}", May(Action::SeeCauses), console::cause::show),
        get("/causes/{id}/preview", May(Action::SeeCauses), console::cause::preview),
        post("/causes/{id}/handling", May(Action::HandleCauses), console::cause::handle),
        post("/causes/{id}/decision", May(Action::DecideCauses), console::causes::decide),
        get("/integrations", May(Action::SeeIntegrations), console::integrations::list),
        get("/integrations/{id}", May(Action::SeeIntegrations), console::integrations::show),
        post("/integrations/{id}/lifecycle", May(Action::ChangeLifecycle), console::integrations::change_lifecycle),
        post("/integrations/{id}/links", May(Action::Link), console::causes::link),
        get("/integrations/{id}/patients", May(Action::SeeAppointments), console::patients::show),
        post("/integrations/{id}/patients", May(Action::SeeAppointments), console::patients::find),
        post("/integrations/{id}/patients/source", May(Action::SearchSource), console::patients::find_in_source),
        get("/integrations/{id}/patients/{source_id}", May(Action::SeeAppointments), console::patient::show),
        post("/integrations/{id}/patients/{source_id}/import", May(Action::Link), console::patient::import),
        post("/integrations/{id}/patients/{source_id}/link", May(Action::Link), console::patient::link),
        get("/integrations/{id}/checks", May(Action::SeeIntegrations), console::checks::show),
        post("/integrations/{id}/checks", May(Action::RunChecks), console::checks::run),
        get("/integrations/{id}/statuses", May(Action::SeeIntegrations), console::statuses::show),
        get("/integrations/{id}/rejudged", May(Action::JudgeAgain), console::rejudged::show),
        get("/integrations/{id}/users", May(Action::SeeAppointments), console::users::show),
        post("/integrations/{id}/system-request", May(Action::AskForSystems), console::systems::ask),
        get("/systems", May(Action::SeeSystemRequests), console::systems::list),
        get("/integrations/{id}/appointments", May(Action::SeeAppointments), console::appointments::list),
        get("/integrations/{id}/appointments/{source_id}", May(Action::SeeAppointments), console::case::show),
        post("/integrations/{id}/appointments/{source_id}/feedback", May(Action::GiveFeedback), console::feedback::give),
        post("/integrations/{id}/appointments/{source_id}/bundle", May(Action::TakeBundle), console::feedback::bundle),
        get("/integrations/{id}/appointments/{source_id}/redrive", May(Action::Redrive), console::redrive::preview),
        post("/integrations/{id}/appointments/{source_id}/redrive", May(Action::Redrive), console::redrive::drive),
        get("/practices/{id}/export", May(Action::ExportPractice), console::integrations::export),
        get("/feedback", May(Action::SeeFeedback), console::feedback::list),
        get("/unrouted", May(Action::SeeUnrouted), console::unrouted::list),
        get("/envelopes/{id}", May(Action::SeeMessages), console::envelope::show),
        get("/reasons", Recognised, console::reasons::list),
        get("/reasons/{code}", Recognised, console::reasons::show),
        get("/gates/{name}", Recognised, console::gates::show),
        get("/audit", May(Action::SeeAudit), console::audit::show),
        post("/audit", May(Action::SeeAudit), console::audit::find),
    ]
}

/// Every route, for whoever wants to check that each of them is guarded and described.
pub fn routes() -> Vec<Route> {
    entries().into_iter().map(|entry| entry.route).collect()
}

/// The whole web server on top of an engine.
pub fn router(engine: Engine, options: WebOptions) -> Router {
    let limits = options.limits;
    let app: Shared = Arc::new(App { engine, options, meter: Meter::new(), judging: Semaphore::new(1) });
    let mut router = Router::new();
    for Entry { route, handler } in entries() {
        let guarded = handler
            .route_layer(DefaultBodyLimit::max(bytes(route.body, &limits)))
            .route_layer(from_fn_with_state((app.clone(), route), guard));
        router = router.route(route.path, guarded);
    }
    router
        .fallback(async || Failure::of_status(StatusCode::NOT_FOUND))
        // The last is the outermost.
        .layer(CatchPanicLayer::custom(shell::panicked))
        .layer(from_fn_with_state(app.clone(), shell::limit_time))
        .layer(from_fn_with_state(app.clone(), shell::dress))
        .layer(from_fn_with_state(app.clone(), shell::observe))
        .with_state(app)
}

fn bytes(body: BodySize, limits: &Limits) -> usize {
    match body {
        BodySize::Ordinary => limits.body_bytes,
        BodySize::Message => limits.message_bytes,
        BodySize::Document => limits.document_bytes,
    }
}

//! The description of the API.

use crate::api::schema::{Moment, Problem};
use crate::api::v1;
use crate::health;
use axum::Json;
use axum::response::IntoResponse;
use std::sync::LazyLock;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

/// One line a route; the tests hold this list and the router's equal.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Punctual",
        description = "Appointments in sync between practice systems and patient platforms, and every visit explained. \
                       Times are RFC 3339. Lists are `{items, next_cursor}`. Errors are `application/problem+json` \
                       with a stable `code`. What belongs to another practice answers 404; what a role may not do in \
                       its own practice, 403.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        health::check_life,
        health::check_readiness,
        health::show_metrics,
        show_description,
        v1::practices::apply_document,
        v1::practices::export_practice,
        v1::integrations::list_integrations,
        v1::integrations::show_integration,
        v1::integrations::change_lifecycle,
        v1::checks::list_checks,
        v1::checks::run_checks,
        v1::statuses::cover_statuses,
        v1::rejudged::judge_again,
        v1::appointments::list_appointments,
        v1::appointments::search_appointments,
        v1::appointments::explain_appointment,
        v1::feedback::give_feedback,
        v1::feedback::list_feedback,
        v1::bundle::bundle_case,
        v1::patients::search_patients,
        v1::patients::search_source,
        v1::patients::show_patient,
        v1::patients::import_patient,
        v1::patients::confirm_patient,
        v1::users::list_users,
        v1::systems::request_system,
        v1::systems::list_system_requests,
        v1::redrive::redrive_appointment,
        v1::reading::look_at_source,
        v1::reading::look_at_changed,
        v1::reading::look_at_deleted,
        v1::hooks::prove_hook,
        v1::hooks::hear_hook,
        v1::reading::read_appointment,
        v1::reading::order_census,
        v1::why::answer_why,
        v1::today::show_today,
        v1::causes::list_causes,
        v1::causes::export_causes,
        v1::causes::show_queue_use,
        v1::causes::show_cause,
        v1::causes::preview_cause,
        v1::causes::handle_cause,
        v1::causes::decide_cause,
        v1::links::set_link,
        v1::links::remove_link,
        v1::cards::list_cards,
        v1::receipts::receive_receipt,
        v1::changes::list_changes,
        v1::envelopes::hand_in_envelope,
        v1::envelopes::list_set_aside,
        v1::envelopes::list_unrouted,
        v1::envelopes::read_envelope,
        v1::reasons::list_reasons,
        v1::reasons::show_reason,
        v1::audit::read_audit,
        v1::audit::check_audit,
    ),
    components(schemas(Moment, Problem)),
    security(("token" = [])),
    modifiers(&TokenAndProblems),
)]
struct Description;

/// What every operation has: a bearer token, and problems.
struct TokenAndProblems;

impl Modify for TokenAndProblems {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let Some(components) = description.components.as_mut() else { return };
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
            "A token made with `punctual token create`. Roles: admin, engineer, support, desk, compliance, platform.",
        ));
        components.add_security_scheme("token", SecurityScheme::Http(token.build()));
        let problem = ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).build();
        let response = ResponseBuilder::new()
            .description("What went wrong: 400, 401, 403, 404, 405, 413, 415, 422, 500 or 503.")
            .content("application/problem+json", problem)
            .build();
        for item in description.paths.paths.values_mut() {
            let operations =
                [&mut item.get, &mut item.put, &mut item.post, &mut item.delete].into_iter().filter_map(Option::as_mut);
            for operation in operations {
                operation.responses.responses.insert("default".to_owned(), RefOr::T(response.clone()));
            }
        }
    }
}

/// The description as a JSON value, for `/api/openapi.json` and for whoever keeps a copy.
pub fn document() -> &'static serde_json::Value {
    static DOCUMENT: LazyLock<serde_json::Value> = LazyLock::new(|| {
        let mut description = Description::openapi();
        // The version of the API, not of the program: it moves when the description does.
        "1".clone_into(&mut description.info.version);
        // Plain data: writing it cannot fail, and the tests look at what came out.
        serde_json::to_value(description).unwrap_or_default()
    });
    &DOCUMENT
}

/// This description.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "Operations", operation_id = "show_description", security(()),
    responses((status = 200, description = "The description of the API.", body = serde_json::Value))
)]
pub(crate) async fn show_description() -> impl IntoResponse {
    Json(document())
}

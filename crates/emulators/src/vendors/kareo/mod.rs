//! The twin of Kareo's (Tebra's) SOAP service, version 2.1.
//!
//! Confirmed by the vendor's guide or by a client checked against production: SOAP 1.1 with a quoted action, two
//! namespaces, credentials in the body, members in order or silently dropped, an empty `Fields`, a `Filter` that must
//! be there, placeholder rows, the default window, both spellings of status, errors inside HTTP 200, gaps between
//! calls of one operation, UTC in detail and an offset in lists, hard deletes, no paging, external ids cut at 25.
//! Inferred: the order of elements in replies, the text of dates. Our choice: the server's zone, the exclusive end
//! of the modified range, what a list shows without an offset (the practice's own clocks), a miss of `GetAppointment`
//! (an error inside 200).
//!
//! Switches: `limits`, `server_zone`, `to_is_exclusive`, `status_spelling` (`guide`, `enum`), `fields_work`,
//! `series_share_id`, `may` (the user's rights).

mod detail;
mod lists;
mod people;
mod soap;
mod times;
mod writes;
mod xml;

use crate::diary::Ids;
use crate::vendors::call::{Call, empty};
use crate::vendors::office::{Office, Spec, Vendor};
use axum::response::Response;
use serde_json::{Value, json};
use soap::{Fault, Trouble};
use std::collections::BTreeMap;
use xml::Node;

pub(super) const SPEC: Spec = Spec {
    name: "kareo",
    ids: Ids { visit: 48_210_933, patient: 10_552, provider: 44, place: 7, kind: 21 },
    zone: "America/Chicago",
    switches: || {
        json!({
            "limits": true, "server_zone": "America/Los_Angeles", "to_is_exclusive": true,
            "status_spelling": "guide", "fields_work": false, "series_share_id": false, "may": true,
        })
    },
    vendor: |_| Box::new(Kareo::default()),
};

const PATH: &str = "/services/soap/2.1/KareoServices.svc";
const CUSTOMER_KEY: &str = "twin-customer-key";
const PASSWORD: &str = "twin-password";
const USER: &str = "sync@northside.example.org";
const CUSTOMER: u64 = 9001;
const PRACTICE: u64 = 3;

#[derive(Default)]
struct Kareo {
    /// Ids of other systems that callers wrote, by patient.
    external: BTreeMap<u64, String>,
}

/// The smallest gap between two calls of an operation, in milliseconds (the guide's table).
fn gap(operation: &str) -> Option<i64> {
    Some(match operation {
        "GetPatient" => 250,
        "GetAppointment"
        | "GetPractices"
        | "GetProviders"
        | "GetServiceLocations"
        | "CreateAppointment"
        | "UpdateAppointment"
        | "DeleteAppointment"
        | "UpdateAppointmentStatus"
        | "CreatePatient"
        | "UpdatePatientsExternalID"
        | "GetCustomerIdFromKey" => 500,
        "GetAppointments" | "GetAppointmentReasons" | "GetPatients" => 1000,
        "GetAllPatients" | "GetThrottles" => 5000,
        _ => return None,
    })
}

const OPERATIONS: [&str; 15] = [
    "CreateAppointment",
    "DeleteAppointment",
    "GetAllPatients",
    "GetAppointment",
    "GetAppointmentReasons",
    "GetAppointments",
    "GetCustomerIdFromKey",
    "GetPatient",
    "GetPatients",
    "GetPractices",
    "GetProviders",
    "GetServiceLocations",
    "GetThrottles",
    "UpdateAppointment",
    "UpdateAppointmentStatus",
];

impl Vendor for Kareo {
    fn answer(&mut self, office: &mut Office, call: &Call) -> Response {
        if call.path != PATH || call.method != "POST" {
            return empty(404);
        }
        match self.serve(office, call) {
            Ok(answer) => answer,
            Err(fault) => fault.answer(),
        }
    }

    /// HTTP 200 with the number in the text (confirmed); the wait is not told.
    fn throttled(&self, call: &Call, _: u32) -> Response {
        let operation = soap::operation(call).unwrap_or_else(|_| "GetAppointments".to_owned());
        soap::trouble(&operation, &Trouble::Error(throttle_message(&operation)))
    }

    fn expired(&self, call: &Call) -> Response {
        let operation = soap::operation(call).unwrap_or_else(|_| "GetAppointments".to_owned());
        soap::trouble(&operation, &Trouble::NotAuthenticated)
    }

    fn access(&self) -> Value {
        json!({
            "endpoint": PATH, "customer_key": CUSTOMER_KEY, "user": USER, "password": PASSWORD,
            "practice_id": PRACTICE,
        })
    }
}

fn throttle_message(operation: &str) -> String {
    format!("429: {operation} was requested more than allowed. Please wait before calling it again.")
}

impl Kareo {
    fn serve(&mut self, office: &mut Office, call: &Call) -> Result<Response, Fault> {
        let operation = soap::operation(call)?;
        let envelope = xml::read(&call.body).ok_or_else(|| Fault::new("The message could not be read as XML."))?;
        let body = envelope.child(soap::ENVELOPE, "Body").ok_or_else(|| Fault::new("There is no Body."))?;
        let asked = body.child(xml::SLASH, &operation);
        let asked = asked.ok_or_else(|| Fault::new("The Body does not hold the operation of the action."))?;
        // One operation takes bare members instead of a request.
        let bare = operation == "GetCustomerIdFromKey";
        let request =
            if bare { asked.clone() } else { asked.child(xml::SLASH, "request").cloned().unwrap_or_default() };
        let header = if bare {
            request.clone()
        } else {
            request.members(xml::SLASH, &["RequestHeader"]).remove("RequestHeader").cloned().unwrap_or_default()
        };
        if let Err(trouble) = admitted(office, &header) {
            return Ok(soap::trouble(&operation, &trouble));
        }
        if let Some(least) = gap(&operation) {
            // The exact gap still trips the check (confirmed).
            let since = office.millis_since(&operation);
            if office.is_on("limits") && since.is_some_and(|since| since <= least) {
                return Ok(soap::trouble(&operation, &Trouble::Error(throttle_message(&operation))));
            }
        }
        match self.done(office, call, &operation, &request) {
            Ok(inner) => Ok(soap::reply(&operation, &inner)),
            Err(Refused::Trouble(trouble)) => Ok(soap::trouble(&operation, &trouble)),
            Err(Refused::Fault(fault)) => Err(fault),
        }
    }

    fn done(&mut self, office: &mut Office, call: &Call, operation: &str, request: &Node) -> Result<String, Refused> {
        match operation {
            "GetCustomerIdFromKey" => Ok(xml::element("CustomerId", &CUSTOMER.to_string())),
            "GetAppointments" => lists::appointments(office, call, request),
            "GetAppointment" => detail::get(office, request),
            "GetPatient" => people::patient(office, request, &self.external),
            "GetPatients" => people::patients(office, call, request),
            "GetAllPatients" => people::all_patients(office, request),
            "GetPractices" => people::practices(office, request),
            "GetProviders" => people::providers(office, request),
            "GetServiceLocations" => people::locations(office, request),
            "GetAppointmentReasons" => people::reasons(office, request),
            "GetThrottles" => Ok(throttles()),
            "CreateAppointment" => writes::create(office, request),
            "UpdateAppointment" => writes::update(office, request),
            "UpdateAppointmentStatus" => writes::status(office, request),
            "DeleteAppointment" => writes::delete(office, request),
            "UpdatePatientsExternalID" => {
                people::external(request, &mut self.external);
                // The echo is empty even when it worked (confirmed).
                Ok(xml::element("Patients", ""))
            }
            _ => Err(Refused::Fault(soap::mismatch())),
        }
    }
}

/// Why an operation was not done.
enum Refused {
    /// Told inside HTTP 200.
    Trouble(Trouble),
    /// HTTP 500.
    Fault(Fault),
}

impl Refused {
    fn error(text: impl Into<String>) -> Refused {
        Refused::Trouble(Trouble::Error(text.into()))
    }
}

/// Members in their order; a member out of order is dropped, and the caller is then not authorised although the
/// credentials are good.
fn admitted(office: &Office, header: &Node) -> Result<(), Trouble> {
    let mut members = header.members(xml::SLASH, &["ClientVersion", "CustomerKey", "Password", "User"]);
    let mut text = |name: &str| members.remove(name).map(|node| node.text.clone());
    match (text("CustomerKey"), text("Password"), text("User")) {
        (Some(key), Some(password), Some(user)) => {
            if key != CUSTOMER_KEY || password != PASSWORD || user != USER {
                return Err(Trouble::NotAuthenticated);
            }
        }
        _ => return Err(Trouble::NotAuthorized("Credentials are incomplete")),
    }
    if !office.is_on("may") {
        return Err(Trouble::NotAuthorized("System Administrator"));
    }
    Ok(())
}

fn throttles() -> String {
    let details = OPERATIONS.iter().filter_map(|operation| {
        let gap = gap(operation)?.to_string();
        Some(xml::wrap("ThrottleDetail", &[("Endpoint", operation), ("ThrottleTimeMs", &gap)]))
    });
    format!("<Throttles>{}</Throttles>", details.collect::<String>())
}

//! Requests: members in the order of the schema, credentials in the body, an action in quotes.
//!
//! The service drops members that come out of order, and says nothing. So every list of members stands in one place
//! below, in the order of the schema, and is written in that order.

use crate::kareo::xml::{Node, write};
use crate::rest::Call;
use domain::text::Text;
use engine::poll::Failure;
use hyper::Method;

/// Below the address of the set-up; the version is part of it.
const PATH: &str = "/services/soap/2.1/KareoServices.svc";
/// The namespace of operations and members, with its slash.
const NAMESPACE: &str = "http://www.kareo.com/api/schemas/";
const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// The contract's name in the action.
const CONTRACT: &str = "KareoServices/";

/// The members of filters that are sent, by operation, in the order of the schema.
const FILTERS: [(&str, &[&str]); 4] = [
    (
        "GetAppointments",
        &[
            "EndDate",
            "FromLastModifiedDate",
            "PatientID",
            "PracticeName",
            "StartDate",
            "TimeZoneOffsetFromGMT",
            "ToLastModifiedDate",
        ],
    ),
    ("GetPatients", &["FromLastModifiedDate", "PracticeName", "ToLastModifiedDate"]),
    ("GetPatient", &["PatientID"]),
    ("GetPractices", &["PracticeName"]),
];

/// Whose account asks.
pub(super) struct Credentials<'c> {
    pub(super) customer_key: &'c str,
    pub(super) password: &'c str,
    pub(super) user: &'c str,
}

/// A list, or one record by a filter. What the filter does not name is not sent.
pub(super) fn by_filter(
    base: &str,
    operation: &'static str,
    credentials: &Credentials<'_>,
    filter: &[(&str, &str)],
) -> Result<Call, Failure> {
    let order = FILTERS.iter().find(|(name, _)| *name == operation).map_or(&[][..], |(_, order)| order);
    let members = order.iter().filter_map(|name| {
        let (_, text) = filter.iter().find(|(given, _)| given == name)?;
        Some(member(name, text))
    });
    let mut request = vec![header(credentials)];
    // Lists want an empty `Fields`; the read of one patient knows none.
    if operation != "GetPatient" {
        request.push(Node::with("k:Fields", Vec::new()));
    }
    request.push(Node::with("k:Filter", members.collect()));
    call(base, operation, request)
}

/// One appointment by its id.
pub(super) fn by_id(base: &str, credentials: &Credentials<'_>, id: &str) -> Result<Call, Failure> {
    let appointment = Node::with("k:Appointment", vec![member("AppointmentId", id)]);
    call(base, "GetAppointment", vec![header(credentials), appointment])
}

fn header(credentials: &Credentials<'_>) -> Node {
    let Credentials { customer_key, password, user } = credentials;
    let members = [("CustomerKey", customer_key), ("Password", password), ("User", user)];
    Node::with("k:RequestHeader", members.into_iter().map(|(name, text)| member(name, text)).collect())
}

fn member(name: &str, text: &str) -> Node {
    Node::text_of(&format!("k:{name}"), text)
}

fn call(base: &str, operation: &'static str, request: Vec<Node>) -> Result<Call, Failure> {
    let asked = Node::with(&format!("k:{operation}"), vec![Node::with("k:request", request)]);
    let envelope = Node::with("s:Envelope", vec![Node::with("s:Body", vec![asked])]);
    let body = write(&envelope, &[("xmlns:s", ENVELOPE), ("xmlns:k", NAMESPACE)])
        .map_err(|_| Failure::NotReady { what: Text::literal("the request could not be written") })?;
    let call = Call::send(Method::POST, format!("{base}{PATH}"), "text/xml; charset=utf-8", body);
    Ok(call.header("soapaction", format!("\"{NAMESPACE}{CONTRACT}{operation}\"")).operation(operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_in_the_order_of_the_schema_however_they_are_given() {
        for (operation, order) in FILTERS {
            assert!(order.is_sorted(), "{operation}: the schema's order is the alphabet's");
        }
        let credentials = Credentials { customer_key: "k", password: "p", user: "u" };
        let filter = [("StartDate", "12/01/2026"), ("PracticeName", "A & B"), ("EndDate", "12/31/2026"), ("Odd", "x")];
        let call = by_filter("https://s", "GetAppointments", &credentials, &filter).unwrap();
        let body = format!("{call:?}");
        let places: Vec<usize> =
            ["CustomerKey", "Password", "User", "k:Fields", "EndDate", "PracticeName", "StartDate"]
                .iter()
                .map(|name| body.find(name).unwrap())
                .collect();
        assert!(places.is_sorted(), "{body}");
        assert!(body.contains("A &amp; B") && !body.contains("Odd"), "{body}");
        assert!(body.contains("KareoServices/GetAppointments"), "{body}");
    }
}

//! Envelopes, faults, and what a reply says of itself.

use super::CUSTOMER;
use super::xml::{SLASH, element};
use crate::vendors::call::{Call, typed};
use axum::response::Response;

pub(super) const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// HTTP 500 with an `s:Fault`.
pub(super) struct Fault {
    text: String,
}

impl Fault {
    pub(super) fn new(text: impl Into<String>) -> Fault {
        Fault { text: text.into() }
    }

    pub(super) fn answer(&self) -> Response {
        let inner = format!("<s:Fault><faultcode>s:Client</faultcode>{}</s:Fault>", element("faultstring", &self.text));
        typed(500, "text/xml; charset=utf-8", envelope(&inner))
    }
}

/// What is told inside HTTP 200.
pub(super) enum Trouble {
    Error(String),
    NotAuthenticated,
    NotAuthorized(&'static str),
}

fn envelope(inner: &str) -> String {
    format!("<s:Envelope xmlns:s=\"{ENVELOPE}\"><s:Body>{inner}</s:Body></s:Envelope>")
}

/// The wrong action (confirmed words).
pub(super) fn mismatch() -> Fault {
    Fault::new(
        "The message with Action '' cannot be processed at the receiver, due to a ContractFilter mismatch at the \
         EndpointDispatcher.",
    )
}

/// The operation that the action names: quoted, and with the contract's name in it.
pub(super) fn operation(call: &Call) -> Result<String, Fault> {
    let action = call.header("soapaction");
    let bare = action.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or_else(mismatch)?;
    let operation = bare.strip_prefix(SLASH).and_then(|rest| rest.strip_prefix("KareoServices/"));
    operation.filter(|name| !name.is_empty()).map(str::to_owned).ok_or_else(mismatch)
}

/// The reply to an operation: first how it went, then what there is.
pub(super) fn reply(operation: &str, inner: &str) -> Response {
    body(operation, "", false, "true", "true", "", inner)
}

pub(super) fn trouble(operation: &str, trouble: &Trouble) -> Response {
    match trouble {
        Trouble::Error(text) => body(operation, text, true, "true", "true", "", ""),
        Trouble::NotAuthenticated => body(operation, "", false, "false", "false", "", ""),
        Trouble::NotAuthorized(missing) => body(operation, "", false, "true", "false", missing, ""),
    }
}

fn body(
    operation: &str,
    error: &str,
    is_error: bool,
    authenticated: &str,
    authorized: &str,
    missing: &str,
    inner: &str,
) -> Response {
    let error = element("ErrorMessage", error);
    let missing = element("PermissionsMissing", missing);
    let text = format!(
        "<{operation}Response xmlns=\"{SLASH}\"><{operation}Result>\
         <ErrorResponse>{error}<IsError>{is_error}</IsError><StackTrace/></ErrorResponse>\
         <SecurityResponse><Authenticated>{authenticated}</Authenticated><Authorized>{authorized}</Authorized>\
         <CustomerId>{CUSTOMER}</CustomerId>{missing}<SecurityResult/>\
         <SecurityResultSuccess>{authorized}</SecurityResultSuccess></SecurityResponse>{inner}\
         </{operation}Result></{operation}Response>"
    );
    typed(200, "text/xml; charset=utf-8", envelope(&text))
}

//! What an answer means. The order of looking is the vendor's: HTTP, fault, error, authentication, authorization.

use crate::http::HttpAnswer;
use crate::kareo::rules::Rules;
use crate::kareo::xml::{Node, read};
use crate::rest;
use domain::text::Text;
use domain::time::Moment;
use engine::poll::Failure;
use hyper::StatusCode;

/// What was answered.
#[derive(Debug)]
pub(super) enum Said {
    /// The result of the operation.
    Result(Node),
    /// There is no such record.
    NotFound,
}

/// Reads an answer to an operation.
pub(super) fn said(answer: &HttpAnswer, operation: &str, rules: &Rules, now: Moment) -> Result<Said, Failure> {
    let envelope = read(&answer.body);
    let body = envelope.as_ref().and_then(|envelope| envelope.child("Body"));
    if answer.status == StatusCode::INTERNAL_SERVER_ERROR
        && let Some(fault) = body.and_then(|body| body.child("Fault"))
    {
        // A fault is about what was asked, and asking again brings it again. Its sentence may quote what was sent.
        let code = fault.get("faultcode").unwrap_or("without a code");
        return Err(Failure::Refused { what: Text::from(format!("fault {} of {operation}", plain(code))) });
    }
    if let Some(failure) = rest::failure(answer, now) {
        return Err(failure);
    }
    let malformed = || Failure::Malformed { what: Text::from(format!("the answer to {operation} is none")) };
    let result = body
        .and_then(|body| body.child(&format!("{operation}Response"))?.child(&format!("{operation}Result")))
        .ok_or_else(malformed)?;
    let error = result.child("ErrorResponse").ok_or_else(malformed)?;
    if error.says_yes("IsError") {
        let message = error.get("ErrorMessage").unwrap_or_default();
        return if rules.says_throttled(message) {
            Err(Failure::Throttled { retry_after: None })
        } else if rules.says_not_found(message) {
            Ok(Said::NotFound)
        } else {
            // What it says may quote a patient.
            Err(Failure::Refused { what: Text::from(format!("{operation} answered with an error")) })
        };
    }
    let security = result.child("SecurityResponse").ok_or_else(malformed)?;
    if !security.says_yes("Authenticated") {
        return Err(Failure::Unauthorized);
    }
    if !security.says_yes("Authorized") {
        let missing = plain(security.get("PermissionsMissing").unwrap_or("a right that is not named"));
        return Err(Failure::Refused { what: Text::from(format!("the user lacks for {operation}: {missing}")) });
    }
    Ok(Said::Result(result.clone()))
}

/// A code or the name of a right: no long text, no control characters.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

/// The rows of a list. A row without an id stands for no rows; a list that is missing is no empty list.
pub(super) fn rows(said: Said, list: &str, row: &str) -> Result<Vec<Node>, Failure> {
    let missing = || Failure::Malformed { what: Text::from(format!("the answer has no {list}")) };
    let Said::Result(mut result) = said else { return Err(missing()) };
    let at = result.children.iter().position(|child| child.name == list).ok_or_else(missing)?;
    let mut rows = result.children.swap_remove(at).children;
    rows.retain(|child| child.name == row && child.get("ID").is_some());
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Bytes;
    use hyper::header::HeaderMap;

    fn answer(status: u16, inner: &str) -> HttpAnswer {
        let body = format!("<s:Envelope xmlns:s='urn:s'><s:Body>{inner}</s:Body></s:Envelope>");
        let status = StatusCode::from_u16(status).unwrap();
        HttpAnswer { status, headers: HeaderMap::new(), body: Bytes::from(body) }
    }

    fn of(status: u16, error: &str, authenticated: bool, authorized: bool) -> Result<Said, Failure> {
        let rules = Rules {
            throttled_says: vec!["429".into()],
            not_found_says: vec!["was not found".into()],
            ..Rules::default()
        };
        let inner = format!(
            "<GetXResponse><GetXResult><ErrorResponse><ErrorMessage>{error}</ErrorMessage><IsError>{}</IsError>\
             </ErrorResponse><SecurityResponse><Authenticated>{authenticated}</Authenticated><Authorized>{authorized}\
             </Authorized><PermissionsMissing>Calendar</PermissionsMissing></SecurityResponse>\
             <Rows><Row><ID/></Row></Rows></GetXResult></GetXResponse>",
            !error.is_empty()
        );
        said(&answer(status, &inner), "GetX", &rules, Moment::from_micros(0))
    }

    #[test]
    fn errors_inside_a_good_status_are_told_apart() {
        assert!(matches!(of(200, "", true, true), Ok(Said::Result(_))));
        assert_eq!(of(200, "429: asked too often", true, true).err(), Some(Failure::Throttled { retry_after: None }));
        assert!(matches!(of(200, "Row was not found.", true, true), Ok(Said::NotFound)));
        let other = Failure::Refused { what: "GetX answered with an error".into() };
        assert_eq!(of(200, "Ada Okafor has no case", true, true).err(), Some(other));
        assert_eq!(of(200, "", false, false).err(), Some(Failure::Unauthorized));
        let lacks = Failure::Refused { what: "the user lacks for GetX: Calendar".into() };
        assert_eq!(of(200, "", true, false).err(), Some(lacks));
        assert!(matches!(of(503, "", true, true), Err(Failure::Unreachable { .. })));
    }

    #[test]
    fn a_fault_is_a_refusal_and_other_failures_of_the_server_are_outages() {
        let rules = Rules::default();
        let now = Moment::from_micros(0);
        let fault = "<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring></s:Fault>";
        let refused = said(&answer(500, fault), "GetX", &rules, now).err();
        assert_eq!(refused, Some(Failure::Refused { what: "fault s:Client of GetX".into() }));
        assert!(matches!(said(&answer(500, ""), "GetX", &rules, now), Err(Failure::Unreachable { .. })));
        assert!(matches!(said(&answer(200, ""), "GetX", &rules, now), Err(Failure::Malformed { .. })));
    }

    #[test]
    fn a_row_without_an_id_is_no_row_and_a_missing_list_is_no_empty_one() {
        let said = || of(200, "", true, true).unwrap();
        assert_eq!(rows(said(), "Rows", "Row"), Ok(Vec::new()));
        assert!(matches!(rows(said(), "Others", "Row"), Err(Failure::Malformed { .. })));
    }
}

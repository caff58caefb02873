//! Answers against the description: nothing missing, nothing undescribed, every value of the described kind.

use crate::harness::Answer;
use serde_json::Value;

/// Members that are left out when there is nothing to say.
const OPTIONAL: &[&str] = &["details"];

/// Checks an answer of the API.
#[track_caller]
pub(crate) fn check(method: &str, path: &str, answer: &Answer) {
    let document = web::openapi();
    let path = path.split('?').next().unwrap();
    let Some(operation) = operation(document, method, path) else {
        assert!(matches!(answer.status, 404 | 405), "{method} {path} is not described and answers {}", answer.status);
        return;
    };
    let responses = &operation["responses"];
    let described = responses.get(answer.status.to_string());
    let response = described.or_else(|| responses.get("default").filter(|_| answer.status >= 400));
    let response = response.unwrap_or_else(|| panic!("{method} {path}: {} is not described", answer.status));
    let Some(content) = response.get("content") else {
        assert!(answer.body.is_empty(), "{method} {path}: no body is described");
        return;
    };
    let kind = answer.header("content-type").unwrap_or_default().split(';').next().unwrap();
    let schema = content.get(kind).unwrap_or_else(|| panic!("{method} {path}: {kind} is not described: {content}"));
    if kind.ends_with("json") {
        let at = format!("{method} {path} {}", answer.status);
        if let Err(why) = fits(document, &schema["schema"], &answer.json(), &at) {
            panic!("{why}\n{}", answer.text());
        }
    }
}

fn operation<'a>(document: &'a Value, method: &str, path: &str) -> Option<&'a Value> {
    let paths = document["paths"].as_object()?;
    let mut matching: Vec<&String> = paths.keys().filter(|template| matches_template(template, path)).collect();
    // What is spelt out wins over what stands for anything.
    matching.sort_by_key(|template| template.matches('{').count());
    paths[*matching.first()?].get(method.to_ascii_lowercase())
}

fn matches_template(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(t, p)| t == p || t.starts_with('{'))
}

fn fits(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = reference.rsplit('/').next().unwrap();
        let target = &document["components"]["schemas"][name];
        if target.is_null() {
            return Err(format!("{at}: {reference} is nowhere"));
        }
        if name == "Problem" {
            return fits_problem(value, at);
        }
        return fits(document, target, value, at);
    }
    if let Some(choices) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
        let tried: Vec<String> = choices.iter().filter_map(|choice| fits(document, choice, value, at).err()).collect();
        return if tried.len() < choices.len() { Ok(()) } else { Err(tried.join("\nor ")) };
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return if words.contains(value) { Ok(()) } else { Err(format!("{at}: {value} is none of {words:?}")) };
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.contains(&kind) {
        return Err(format!("{at}: a {kind} where {kinds:?} is described"));
    }
    match value {
        Value::String(text) if schema["format"] == "date-time" && text.parse::<jiff::Timestamp>().is_err() => {
            Err(format!("{at}: {text} is no instant"))
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(n, item)| fits(document, &schema["items"], item, &format!("{at}[{n}]"))),
        Value::Object(members) => fits_object(document, schema, members, at),
        _ => Ok(()),
    }
}

fn fits_object(
    document: &Value,
    schema: &Value,
    members: &serde_json::Map<String, Value>,
    at: &str,
) -> Result<(), String> {
    let none = serde_json::Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    if properties.is_empty() {
        return members.iter().try_for_each(|(name, value)| {
            fits(document, &schema["additionalProperties"], value, &format!("{at}.{name}"))
        });
    }
    // What a document may leave out is told by the description itself; answers always have all of their members.
    let may_be_missing = |name: &str| OPTIONAL.contains(&name) || is_document(document, schema);
    for name in properties.keys().filter(|name| !members.contains_key(*name)) {
        if !may_be_missing(name) {
            return Err(format!("{at}: {name} is described and missing"));
        }
    }
    for (name, value) in members {
        let Some(described) = properties.get(name) else {
            return Err(format!("{at}: {name} is there and not described"));
        };
        fits(document, described, value, &format!("{at}.{name}"))?;
    }
    Ok(())
}

/// Parts of practice documents, which people write and therefore shorten.
fn is_document(document: &Value, schema: &Value) -> bool {
    const PARTS: &[&str] = &[
        "Document",
        "Practice",
        "IntegrationDocument",
        "Source",
        "Platform",
        "SecretReference",
        "ApprovedType",
        "Department",
        "DocumentProvider",
        "User",
        "PatientAccount",
        "StatusWord",
        "DocumentOwner",
        "Notices",
        "Override",
    ];
    PARTS.iter().any(|part| document["components"]["schemas"][part] == *schema)
}

/// Problems may have members of their own.
fn fits_problem(value: &Value, at: &str) -> Result<(), String> {
    for (name, right) in [
        ("type", value["type"].is_string()),
        ("title", value["title"].is_string()),
        ("status", value["status"].is_u64()),
        ("detail", value["detail"].is_string()),
        ("code", value["code"].is_string()),
    ] {
        if !right {
            return Err(format!("{at}: {name} of a problem is missing or of another kind"));
        }
    }
    Ok(())
}

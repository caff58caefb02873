//! Style, script and icon, inside the program. Their names hold a hash of what is in them, so browsers may keep them
//! for good.

use crate::failure::{Failure, Result};
use axum::extract::Path;
use axum::http::header;
use axum::response::IntoResponse;
use std::sync::LazyLock;

/// One file.
struct Asset {
    path: String,
    kind: &'static str,
    text: &'static str,
}

impl Asset {
    fn new(stem: &str, ending: &str, kind: &'static str, text: &'static str) -> Asset {
        Asset { path: format!("/assets/{stem}.{:016x}.{ending}", fnv1a(text.as_bytes())), kind, text }
    }
}

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("punctual", "css", "text/css; charset=utf-8", include_str!("assets/punctual.css")));
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("punctual", "js", "text/javascript; charset=utf-8", include_str!("assets/punctual.js"))
});
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("punctual", "svg", "image/svg+xml", include_str!("assets/punctual.svg")));

/// Where the stylesheet is.
pub(crate) fn style() -> &'static str {
    &STYLE.path
}

/// Where the script is.
pub(crate) fn script() -> &'static str {
    &SCRIPT.path
}

/// Where the icon is.
pub(crate) fn icon() -> &'static str {
    &ICON.path
}

/// Tells versions of our own files apart; nobody has a reason to forge one.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// One of the files.
pub(crate) async fn show_asset(Path(name): Path<String>) -> Result<impl IntoResponse> {
    let asset = [&*STYLE, &*SCRIPT, &*ICON]
        .into_iter()
        .find(|asset| asset.path.strip_prefix("/assets/") == Some(&name))
        .ok_or_else(|| Failure::not_found("There is no such file; reload the page."))?;
    let headers = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.text))
}

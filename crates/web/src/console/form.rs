//! Forms of pages.

use crate::failure::Failure;
use axum::extract::{Form, FromRequest, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;

/// A form of one of our own pages.
pub(crate) struct PageForm<T>(pub(crate) T);

impl<T, S> FromRequest<S> for PageForm<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<PageForm<T>, Failure> {
        let form = Form::<T>::from_request(request, state).await;
        form.map(|Form(form)| PageForm(form)).map_err(|rejection| match rejection.into_response().status() {
            status @ (StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNSUPPORTED_MEDIA_TYPE) => Failure::of_status(status),
            _ => Failure::bad_request("The form did not arrive whole; go back, reload the page and send it again."),
        })
    }
}

//! The message log.

use super::view::MessageRow;
use super::{Desk, Frame, Said, back_to, nothing_here};
use crate::http::page;
use crate::practice::MessageState;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;

/// So many messages on the page.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "practice/messages.html")]
struct MessagesPage {
    frame: Frame,
    version: &'static str,
    shown: String,
    messages: Vec<MessageRow>,
}

pub(super) async fn list(State(desk): Desk) -> Response {
    let now = desk.clock.now();
    let html = desk.look(|room| {
        let practice = &room.practice;
        let all = practice.messages().count();
        let newest = practice.queue.messages().rev().take(SHOWN);
        let shown = if all > SHOWN { format!("The newest {SHOWN} of {all}.") } else { String::new() };
        MessagesPage {
            frame: Frame::of(room, now, "messages"),
            version: practice.shape.version(),
            shown,
            messages: newest.map(|message| MessageRow::of(practice, message)).collect(),
        }
        .render()
    });
    page(StatusCode::OK, html)
}

#[derive(Template)]
#[template(path = "practice/message.html")]
struct MessagePage {
    frame: Frame,
    message: MessageRow,
    text: String,
    can_go_again: bool,
}

pub(super) async fn show(State(desk): Desk, Path(control_id): Path<String>, Query(said): Query<Said>) -> Response {
    let now = desk.clock.now();
    let html = desk.look(|room| {
        let practice = &room.practice;
        let message = practice.messages().find(|message| message.control_id == control_id)?;
        Some(
            MessagePage {
                frame: Frame::of(room, now, "").saying(&said),
                message: MessageRow::of(practice, message),
                text: message.text(),
                can_go_again: matches!(
                    message.state,
                    MessageState::SetAside | MessageState::Refused | MessageState::Lost
                ),
            }
            .render(),
        )
    });
    match html {
        Some(html) => page(StatusCode::OK, html),
        None => nothing_here(&desk),
    }
}

pub(super) async fn again(State(desk): Desk, Path(control_id): Path<String>) -> Response {
    let gone = desk.act(|practice, _| practice.send_again(&control_id));
    back_to(&format!("/messages/{control_id}"), if gone { "again" } else { "unchanged" })
}

//! What every page has around its own content.

use crate::app::App;
use crate::assets;
use crate::auth::{Action, Who};
use crate::console::login;
use crate::failure::{Failure, Result};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

/// Which entry of the navigation a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nav {
    /// Today and tomorrow.
    Today,
    /// Causes.
    Causes,
    /// Integrations.
    Integrations,
    /// The catalogue.
    Reasons,
    /// What people said of explanations.
    Feedback,
    /// The audit log.
    Audit,
    /// None of them.
    Elsewhere,
}

/// What a page says about what was just done. One of a few words in the URL, so that nothing else can be put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The word in the URL.
    pub(crate) word: &'static str,
    /// The sentence on the page.
    pub(crate) text: &'static str,
}

impl Notice {
    /// A visit was driven again.
    pub(crate) const DRIVEN: Notice =
        Notice { word: "driven", text: "Decided again. What it came to is below; repeating it is harmless." };
    /// Two things were linked.
    pub(crate) const LINKED: Notice =
        Notice { word: "linked", text: "Linked. The visits that waited for it are sent by themselves." };
    /// A decision was made.
    pub(crate) const DECIDED: Notice =
        Notice { word: "decided", text: "Decided. Each visit of the cause says so in its timeline." };
    /// Something was said of a cause.
    pub(crate) const HANDLED: Notice =
        Notice { word: "handled", text: "Noted. It is closed by itself once what it is about is no longer seen." };
    /// Something was said of an explanation.
    pub(crate) const SAID: Notice =
        Notice { word: "said", text: "Thank you. It is noted with what was explained, and support reads it." };
    /// A clinic asked for its system.
    pub(crate) const ASKED: Notice =
        Notice { word: "asked", text: "Recorded for this clinic. Support sees how many clinics ask for the system." };
    /// Data checks were asked.
    pub(crate) const CHECKED: Notice =
        Notice { word: "checked", text: "Asked. What was found is below; a check that fails is among the causes." };
    /// An integration moved a step.
    pub(crate) const MOVED: Notice =
        Notice { word: "moved", text: "Done. Visits seen meanwhile are decided again by themselves." };
    /// A reason was given.
    pub(crate) const OPENED: Notice =
        Notice { word: "opened", text: "You see names now. Your reason is in the audit log with each view." };
    /// A reason was taken back.
    pub(crate) const MASKED: Notice = Notice { word: "masked", text: "Names are masked again." };

    const ALL: [Notice; 10] = [
        Notice::DRIVEN,
        Notice::LINKED,
        Notice::DECIDED,
        Notice::HANDLED,
        Notice::SAID,
        Notice::ASKED,
        Notice::CHECKED,
        Notice::MOVED,
        Notice::OPENED,
        Notice::MASKED,
    ];

    /// Reads the word back.
    pub(crate) fn from_word(word: &str) -> Option<Notice> {
        Notice::ALL.into_iter().find(|notice| notice.word == word)
    }
}

/// A link of the navigation.
pub(crate) struct NavLink {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) current: bool,
}

/// Who looks at the page.
pub(crate) struct Viewer {
    pub(crate) name: String,
    pub(crate) role: &'static str,
    pub(crate) practice: Option<String>,
    /// Identities are masked.
    pub(crate) masked: bool,
    /// The reason given for seeing them.
    pub(crate) purpose: Option<String>,
}

/// What every page has around its own content.
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) style: &'static str,
    pub(crate) script: &'static str,
    pub(crate) icon: &'static str,
    /// The first page that the viewer may see.
    pub(crate) home: &'static str,
    pub(crate) version: String,
    pub(crate) demo_links: Vec<(String, String)>,
    pub(crate) nav: Vec<NavLink>,
    pub(crate) viewer: Option<Viewer>,
    pub(crate) can_search: bool,
    /// The page keeps itself current where scripts run.
    pub(crate) live: bool,
    pub(crate) notice: Option<&'static str>,
}

impl Frame {
    /// A frame for somebody who is logged in.
    pub(crate) fn new(app: &App, who: &Who, nav: Nav, title: impl Into<String>) -> Frame {
        let links: [(Nav, &'static str, &'static str, bool); 6] = [
            (Nav::Today, "/", "Today", who.may(Action::SeeAppointments)),
            (Nav::Causes, "/causes", "Causes", who.may(Action::SeeCauses)),
            (Nav::Integrations, "/integrations", "Integrations", who.may(Action::SeeIntegrations)),
            (Nav::Reasons, "/reasons", "Reasons", true),
            (Nav::Feedback, "/feedback", "Was it right?", who.may(Action::SeeFeedback)),
            (Nav::Audit, "/audit", "Audit", who.may(Action::SeeAudit)),
        ];
        let actor = &who.actor;
        Frame {
            nav: links
                .into_iter()
                .filter(|(.., may)| *may)
                .map(|(entry, href, label, _)| NavLink { href, label, current: entry == nav })
                .collect(),
            viewer: Some(Viewer {
                name: actor.name.to_string(),
                role: actor.role.word(),
                practice: actor.practice.as_ref().map(ToString::to_string),
                masked: who.sees_masked(),
                purpose: actor.purpose.as_ref().map(ToString::to_string),
            }),
            can_search: who.may(Action::SeeAppointments),
            home: login::home(actor),
            ..Frame::bare(app, title)
        }
    }

    /// A frame for whoever is not logged in.
    pub(crate) fn bare(app: &App, title: impl Into<String>) -> Frame {
        Frame {
            title: title.into(),
            style: assets::style(),
            script: assets::script(),
            icon: assets::icon(),
            home: "/",
            version: app.options.version.clone(),
            demo_links: app.options.demo_links.clone(),
            nav: Vec::new(),
            viewer: None,
            can_search: false,
            live: false,
            notice: None,
        }
    }

    /// The page keeps itself current where scripts run.
    pub(crate) fn live(mut self) -> Frame {
        self.live = true;
        self
    }

    /// With what was just done.
    pub(crate) fn noting(mut self, done: Option<&str>) -> Frame {
        self.notice = done.and_then(Notice::from_word).map(|notice| notice.text);
        self
    }
}

/// Writes a page.
pub(crate) fn page(template: &impl Template) -> Result<Response> {
    match template.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            Err(Failure::of_status(StatusCode::INTERNAL_SERVER_ERROR))
        }
    }
}

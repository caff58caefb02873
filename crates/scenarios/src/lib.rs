//! Requirements as readable scenarios, run against the real engine.
//!
//! A scenario is a Markdown file under `fixtures/scenarios`: a title, the requirements it exercises, a sentence why,
//! and Given / When / Then steps that a person at a clinic can read. The steps hand HL7 v2 bytes to the connector,
//! apply practice documents, move the clock, and look at the explanations that people get. Everything runs on one
//! thread under a paused clock, so a scenario takes the same way each time and waits for nothing.

pub mod backend;
pub mod checks;
pub mod covered;
pub mod diary;
pub mod platform;
pub mod ports;
pub mod run;
pub mod scenario;
pub mod sentence;
pub mod steps;
pub mod telling;
pub mod visit;
pub mod world;

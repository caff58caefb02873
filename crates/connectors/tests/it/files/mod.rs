//! The route `csv`: folders, good and bad, read by a bare reader and by an engine.

mod folder;
mod killed;
mod odd;
mod proved;
mod world;

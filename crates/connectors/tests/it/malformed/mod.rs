//! Bad input over the real door: malformed and odd messages, by hand and by machine, each answered with a place and a
//! reason, each kept, and none of them the end of the connection it came on.

mod by_hand;
mod by_machine;
mod door;
mod good;

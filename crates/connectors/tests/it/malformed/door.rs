//! The door with a counter: sends a message, looks at the answer and at what is on disk, then sends a good one.

use crate::malformed::good;
use crate::world::{Heard, Link, World};
use domain::ids::{EnvelopeId, IntegrationKey};
use store::EnvelopeState;
use wire::hl7::ack::Origin;

/// A way in, and what went through it.
pub(super) struct Door {
    pub(super) world: World,
    link: Link,
    sent: usize,
    /// Everything that was kept and not applied: what has to be listed in the end.
    kept: Vec<EnvelopeId>,
}

impl Door {
    pub(super) async fn open() -> Door {
        let world = World::start().await;
        let link = world.connect().await;
        Door { world, link, sent: 0, kept: Vec::new() }
    }

    /// Sends a message that is somehow bad, and checks what holds for each of them: it is answered under its own id;
    /// a refusal has a reason with a code; it is on disk as it came, in the state that the answer says; and the
    /// connection takes a good message afterwards.
    pub(super) async fn push(&mut self, name: &str, message: &[u8]) -> Heard {
        self.sent += 1;
        let heard = self.link.ask(message).await;
        let id = Origin::salvage(message).control_id().to_vec();
        assert_eq!(
            String::from_utf8_lossy(&heard.answers),
            String::from_utf8_lossy(&id),
            "{name}: MSA-2 repeats MSH-10"
        );
        match heard.code.as_str() {
            "AA" => assert!(heard.codes.is_empty(), "{name}: taken, and yet {heard:?}"),
            "AE" | "AR" => {
                assert_eq!(heard.codes.len(), 1, "{name}: one ERR with its code, {heard:?}");
                assert!(heard.says.iter().all(|sentence| sentence.ends_with('.')), "{name}: {heard:?}");
                assert_eq!(heard.says.len(), 1, "{name}: one reason in words, {heard:?}");
                let placed = !heard.places.is_empty() || heard.says[0].contains(" At ");
                assert!(placed, "{name}: ERR says where, or the reason does: {heard:?}");
                assert!(!heard.says[0].contains("Okafor"), "{name}: answers end up in logs: {heard:?}");
                self.check_kept(name, message, &heard);
            }
            other => panic!("{name}: answered {other}"),
        }
        self.still_usable(name).await;
        heard
    }

    /// It is the newest of those that were kept and not applied, byte for byte.
    fn check_kept(&mut self, name: &str, message: &[u8], heard: &Heard) {
        let of = [self.world.key(), IntegrationKey::UNROUTED];
        let newest = of.into_iter().filter_map(|of| self.world.newest_set_aside(of)).max_by_key(|row| row.id);
        let kept = newest.unwrap_or_else(|| panic!("{name}: nothing was kept"));
        assert!(kept.body == message, "{name}: kept as {:?}", String::from_utf8_lossy(&kept.body));
        let state = if heard.code == "AR" { EnvelopeState::Refused } else { EnvelopeState::SetAside };
        assert_eq!(kept.state, state, "{name}");
        let note = kept.note.expect("a note that says why");
        assert!(note.contains(heard.says[0].as_str()), "{name}: the list says {note:?}, the answer {:?}", heard.says);
        self.kept.push(kept.id);
    }

    /// A good message on the same connection is taken, kept and made a visit.
    async fn still_usable(&mut self, after: &str) {
        let id = format!("G{:05}", self.sent);
        let message = good::booking(&id);
        let heard = self.link.ask(message.as_bytes()).await;
        let taken = (heard.code.as_str(), heard.answers.as_slice(), heard.codes.as_slice());
        assert_eq!(taken, ("AA", id.as_bytes(), &[][..]), "after {after}: {heard:?}");
        let kept = self.world.envelope_of(&id).unwrap_or_else(|| panic!("after {after}: the good message is lost"));
        assert_eq!((kept.state, kept.body == message.as_bytes()), (EnvelopeState::Applied, true), "after {after}");
    }

    /// How many bad ones went through. Everything that was kept and not applied is on the lists that people see.
    pub(super) async fn close(self) -> usize {
        let listed = self.world.listed().await;
        let missing: Vec<_> = self.kept.iter().filter(|id| !listed.contains(id)).collect();
        assert!(missing.is_empty(), "kept, and on no list: {missing:?}");
        assert_eq!(listed.len(), self.kept.len(), "nothing is listed that was not refused or set aside");
        drop(self.link);
        self.world.stop().await;
        self.sent
    }
}

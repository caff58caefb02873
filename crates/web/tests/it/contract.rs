use crate::harness::{Visit, World};
#[tokio::test]
async fn smoke() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").message()).await;
    let e = world.until_verdict("A-1", "in_sync").await;
    println!("{e:#}");
    world.receive(&Visit::new("A-2").unlinked().message()).await;
    let e = world.until_verdict("A-2", "held").await;
    println!("{e:#}");
    world.stop().await;
}

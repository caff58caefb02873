fn main() {
    let seed: u64 = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(1);
    let to: u64 = std::env::args().nth(2).and_then(|s| s.parse().ok()).unwrap_or(seed);
    for seed in seed..=to {
        let plan = sim::plan::plan_of(seed);
        let out = sim::world::run(&plan, None, seed == to).unwrap();
        if seed == to { for line in out.story.lines() { println!("{line}"); } }
        println!("{seed} {:?} {}", out.figures, out.digest);
        for f in out.faults { println!("   FAULT {seed} {f}"); }
    }
}

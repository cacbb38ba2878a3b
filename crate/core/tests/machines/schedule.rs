//! How many schedules of faults a test tries.

/// `usual`, or what `STRONGROOM_SEEDS` says: `cargo xtask soak faults` asks for many.
pub fn seeds(usual: u64) -> u64 {
    match std::env::var("STRONGROOM_SEEDS") {
        Ok(count) => count.parse().expect("STRONGROOM_SEEDS is a count"),
        Err(_) => usual,
    }
}

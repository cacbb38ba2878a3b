//! `strongroom-stages FILE`: prints, for each stage, `{"stage", "bytes", "seconds", "cpuSeconds"}` as a line of JSON.

#[cfg(not(target_family = "wasm"))]
fn main() {
    use std::time::Instant;

    use rustix::time::{ClockId, clock_gettime};
    use strongroom_stages::{STAGES, Stages};

    /// So long a stage is done again.
    const LEAST: f64 = 0.3;

    let cpu = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let file = std::env::args().nth(1).expect("give a file");
    let mut stages = Stages::new(std::fs::read(file).expect("the file can be read"));
    for stage in STAGES {
        let (mut bytes, mut seconds, mut cpu_seconds) = (0, 0.0, 0.0);
        while seconds < LEAST {
            stages.prepare(stage);
            let (before, start) = (cpu(), Instant::now());
            bytes += stages.run(stage);
            seconds += start.elapsed().as_secs_f64();
            cpu_seconds += cpu() - before;
        }
        println!("{}", serde_json::json!({ "stage": stage, "bytes": bytes, "seconds": seconds, "cpuSeconds": cpu_seconds }));
    }
}

#[cfg(target_family = "wasm")]
fn main() {}

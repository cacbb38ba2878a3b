//! libFuzzer on all that takes bytes which nobody can trust. Of the compiler it wants only what stable Rust has: the counters of
//! coverage, by LLVM's own pass; no sanitizer, since nothing of it is unsafe but libzstd.

use std::fs;

use anyhow::{Context, Result};

use crate::{
    shell::{cargo, command, output, run, step, top},
    test::tally::Tally,
    tools,
};

/// What libFuzzer is told by.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table";
/// Megabytes that a whole process may have; each input's own limit stands in crate/fuzz.
const MEMORY: u32 = 1_024;

/// Each target for so many seconds.
pub fn run_targets(seconds: u64) -> Result<Tally> {
    tools::debian(&[("clang++", "clang")])?;
    let home = top().join("target/fuzz");
    let corpus = home.join("corpus");
    let mut seeds = cargo(["run", "--quiet", "--package", "strongroom-fuzz", "--example", "seeds", "--"]);
    let targets = output(seeds.arg(&corpus))?;
    let host = output(&mut command("rustc", ["--print", "host-tuple"]))?;
    let host = host.trim();
    step("fuzz", || {
        // With a target named, programs that only build run without the counters.
        let mut build = cargo(["build", "--release", "--package", "strongroom-fuzz", "--features", "libfuzzer", "--target", host]);
        run(build.arg("--target-dir").arg(&home).env("RUSTFLAGS", COVERAGE).env("CXX", "clang++"))
    })?;
    let program = home.join(host).join("release/fuzz");
    let program = program.to_str().context("the path is text")?;
    let (mut tally, mut total) = (Tally::default(), 0);
    for target in targets.lines() {
        let found = home.join("found").join(target);
        fs::create_dir_all(&found)?;
        let mut fuzz = command(program, [corpus.join(target)]);
        fuzz.arg(format!("-artifact_prefix={}/", found.display()));
        fuzz.args(["-print_final_stats=1", "-verbosity=0", "-timeout=20", "-max_len=20000"]);
        fuzz.arg(format!("-max_total_time={seconds}")).arg(format!("-rss_limit_mb={MEMORY}")).env("STRONGROOM_FUZZ", target);
        let ended = fuzz.output().context("the built program cannot be started")?;
        let (well, text) = (ended.status.success(), String::from_utf8_lossy(&ended.stderr));
        let inputs = executed(&text);
        if !well {
            println!("{text}");
        }
        println!("{}  {target}: {inputs} inputs", if well { "ok    " } else { "FAILED" });
        tally += Tally::one(well && inputs > 0);
        total += inputs;
    }
    println!("{total} inputs");
    Ok(tally)
}

/// `stat::number_of_executed_units: 7` of libFuzzer.
fn executed(text: &str) -> u64 {
    let number = |line: &str| line.trim().strip_prefix("stat::number_of_executed_units:")?.trim().parse::<u64>().ok();
    text.lines().filter_map(number).sum()
}

#[cfg(test)]
mod tests {
    use super::executed;

    #[test]
    fn what_libfuzzer_executed_is_read_from_what_it_prints() {
        assert_eq!(executed("stat::number_of_executed_units: 81\nstat::average_exec_per_sec:     27\n"), 81);
    }
}

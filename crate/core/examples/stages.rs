//! Each native stage once, for callgrind, which counts the instructions of [`measured`] alone (`cargo xtask test instructions`). Prints
//! what of the processor it sees, then a line for each: name and bytes, or things.

#[path = "../tests/world/mod.rs"]
mod world;

use std::hint::black_box;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use strongroom_core::{
    Backup, BackupOptions, Codec, Header, Kind, Secret,
    chunk::{Chunker, Stream},
    codec::{Decoder, Encoder},
    key::Ring,
};
use world::{Simulated, Source, World};

const MIB: usize = 1 << 20;

fn main() {
    println!("{}", features());
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let ring = Ring::generate(18, &mut rng);
    let mut noise = vec![0; MIB];
    rng.fill_bytes(&mut noise);
    let text = text(&mut rng);
    let mut gear = [0; 2_048];
    rng.fill_bytes(&mut gear);
    let chunker = Chunker::new(18, &Secret::new(gear));
    stage("chunk", MIB, || chunker.feed(&mut Stream::default(), noise.clone(), true).chunks.len());
    stage("identify", MIB, || ring.chunk_id(&noise));
    let mut encoder = Encoder::new();
    stage("compress text", MIB, || encoder.encode(&text).1.len());
    stage("compress noise", MIB, || encoder.encode(&noise).1.len());
    let frame = encoder.encode(&text).1.to_vec();
    let mut decoder = Decoder::new();
    let mut plain = Vec::with_capacity(MIB);
    stage("decompress", MIB, || decoder.decode(Codec::Zstd, &frame, MIB as u32, &mut plain)).expect("it is ours");
    let seal = ring.sealer(Kind::Pack);
    let mut object = Vec::with_capacity(2 * MIB);
    object.resize(76, 0);
    object.extend_from_slice(&noise);
    let sealed = stage("seal", MIB, || seal.seal_in_place(object, [3; 32]));
    let opener = seal.opener(&Header::of(&sealed).expect("a header"), sealed.len() as u64).expect("it is ours");
    stage("open", MIB, || opener.open_span(0, sealed).expect("it is ours").bytes.len());
    let folder = tempfile::tempdir().expect("a folder");
    let mut vault = Simulated::create(folder.path(), 18);
    const CHUNKS: u64 = 40_000;
    vault.chunks(CHUNKS);
    vault.snapshots(1);
    const FILES: u64 = 2_000;
    let mut world = World::new(folder.path(), Source { files: FILES, edition: 0 });
    let handle = stage("open a vault, a chunk", CHUNKS as usize, || world.unlock());
    world.run(&mut Backup::new(&handle, BackupOptions::default(), [3; 32]));
    stage("look at an unchanged file", FILES as usize, || world.run(&mut Backup::new(&handle, BackupOptions::default(), [4; 32])));
}

/// Words, of which zstd makes about a third.
fn text(rng: &mut ChaCha20Rng) -> Vec<u8> {
    let words = ["vault ", "snapshot ", "tree ", "node ", "chunk ", "blob ", "pack ", "index ", "slot ", "epoch ", "of ", "a ", "the "];
    let mut text = Vec::with_capacity(MIB + 16);
    while text.len() < MIB {
        text.extend_from_slice(words[rng.next_u32() as usize % words.len()].as_bytes());
    }
    text.truncate(MIB);
    text
}

fn stage<T>(name: &str, count: usize, work: impl FnOnce() -> T) -> T {
    println!("{name}\t{count}");
    let mut work = Some(work);
    let mut result = None;
    measured(&mut || result = work.take().map(|work| work()));
    done();
    black_box(result.expect("the work was done"))
}

/// callgrind counts while this runs.
#[inline(never)]
fn measured(work: &mut dyn FnMut()) {
    work();
    black_box(());
}

/// After this, callgrind writes down what it counted, and begins anew.
#[inline(never)]
fn done() {
    black_box(());
}

#[cfg(target_arch = "x86_64")]
fn features() -> String {
    let all = [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("bmi2", is_x86_feature_detected!("bmi2")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("sha", is_x86_feature_detected!("sha")),
    ];
    let there: Vec<&str> = all.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect();
    format!("x86_64 {}", there.join(" "))
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> String {
    std::env::consts::ARCH.into()
}

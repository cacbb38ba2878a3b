//! What machines take in a large vault: seconds, processor time, memory at its peak, and what they ask of the storage. For
//! `cargo xtask bench scale`, which runs it for each row of its table: `scale <what> <how many> <folder>`, Linux only.

#[path = "../tests/world/mod.rs"]
mod world;

use std::{fs, path::Path, time::Instant};

use strongroom_core::{Backup, BackupOptions, List, Name, Refresh, Search, VaultHandle, Versions};
use world::{Asked, Simulated, Source, World};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, count, folder] = arguments.as_slice() else { panic!("scale <what> <how many> <folder>") };
    let (count, folder) = (count.parse().expect("a number"), Path::new(folder));
    match what.as_str() {
        "make-files" => make_files(folder, count),
        "make-chunks" => make_chunks(folder, 18, count),
        "make-large-chunks" => make_chunks(folder, 20, count),
        "make-snapshots" => Simulated::create(folder, 18).snapshots(count),
        "unchanged" => unchanged(folder, Source { files: count, edition: 0 }),
        "changed" => unchanged(folder, Source { files: count, edition: 1 }),
        "look" => look(folder),
        "versions" => versions(folder),
        other => panic!("nobody knows how to measure {other}"),
    }
}

fn make_chunks(folder: &Path, chunk_log2: u8, count: u64) {
    let mut vault = Simulated::create(folder, chunk_log2);
    vault.chunks(count);
    vault.snapshots(1);
}

fn make_files(folder: &Path, files: u64) {
    drop(Simulated::create(folder, 18));
    let mut world = World::new(folder, Source { files, edition: 0 });
    let handle = world.unlock();
    let report = measured("first backup", &mut world, |world| world.run(&mut Backup::new(&handle, options(), [3; 32])));
    assert_eq!((report.files, report.left_count), (files, 0));
}

/// Of a source that is as it was, or nearly.
fn unchanged(folder: &Path, source: Source) {
    let mut world = World::new(folder, source);
    let handle = world.unlock();
    let name = if source.edition == 0 { "unchanged backup" } else { "one of 1,000 changed" };
    let report = measured(name, &mut world, |world| world.run(&mut Backup::new(&handle, options(), [4 + source.edition as u8; 32])));
    let changed = if source.edition == 0 { 0 } else { source.files.div_ceil(1_000) };
    assert_eq!((report.files, report.files_read, report.left_count), (source.files, changed, 0));
}

/// What a person does who opens a vault.
fn look(folder: &Path) {
    let mut world = World::new(folder, Source::default());
    let handle = measured("open", &mut world, World::unlock);
    measured("look whether it has changed", &mut world, |world| world.run(&mut Refresh::new(&handle)));
    let newest = measured("list snapshots", &mut world, |_| newest(&handle));
    let root = measured("list the root", &mut world, |world| world.run(&mut List::new(&handle, newest, vec![], None, 200)));
    if root.entries.iter().any(|entry| entry.name == b"flat") {
        let page = |path: &[&str], after: Option<&str>| {
            let path = path.iter().map(|name| name.as_bytes().to_vec()).collect();
            List::new(&handle, newest, path, after.map(|name| name.as_bytes().to_vec()), 200)
        };
        let first = measured("first page of half of all files", &mut world, |world| world.run(&mut page(&["flat"], None)));
        assert_eq!(first.entries.len(), 200);
        let middle = format!("note {:07}.txt", first.total / 2);
        let second = measured("a page of its middle", &mut world, |world| world.run(&mut page(&["flat"], Some(&middle))));
        assert_eq!(second.entries.len(), 200);
        let deepest = format!("{:03}", (first.total * 2 - 1) / 10_000);
        measured("a small folder", &mut world, |world| world.run(&mut page(&["deep", &deepest, "99"], None)));
        let part = measured("search 20,000 names", &mut world, |world| world.run(&mut search(&handle, newest, vec![], 20_000)));
        assert!(part.looked == 20_000 || part.next.is_none());
        let all = measured("search all names", &mut world, |world| world.run(&mut search(&handle, newest, vec![], u64::MAX)));
        assert!(all.looked >= first.total * 2 && all.finds.is_empty());
    }
}

fn versions(folder: &Path) {
    let mut world = World::new(folder, Source::default());
    let handle = world.unlock();
    let found = measured("versions of a file", &mut world, |world| world.run(&mut Versions::new(&handle, vec![b"empty".to_vec()])));
    assert_eq!(found.len(), 1);
}

fn newest(handle: &VaultHandle) -> Name {
    handle.snapshots().first().expect("a snapshot was made").id
}

fn search(handle: &VaultHandle, snapshot: Name, after: Vec<Vec<u8>>, most: u64) -> Search {
    Search::new(handle, snapshot, Box::new(|name| name.ends_with(b".nothing")), after, most)
}

fn options() -> BackupOptions {
    BackupOptions { label: "papers".into(), writer: "scale".into(), ..BackupOptions::default() }
}

/// Does something and prints what it took: `name, seconds, CPU seconds, peak bytes, requests, bytes fetched, bytes put, bytes read`.
fn measured<T>(name: &str, world: &mut World, work: impl FnOnce(&mut World) -> T) -> T {
    fs::write("/proc/self/clear_refs", "5").expect("Linux forgets the peak so far");
    world.asked = Asked::default();
    let (start, before) = (Instant::now(), cpu_seconds());
    let result = work(world);
    let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - before);
    let Asked { lists, gets, puts, bytes_got, bytes_put, bytes_read } = world.asked;
    println!("{name}\t{seconds}\t{cpu}\t{}\t{}\t{bytes_got}\t{bytes_put}\t{bytes_read}", peak(), lists + gets + puts);
    result
}

/// Of this process so far (proc_pid_stat(5), fields 14 and 15).
fn cpu_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let text = fs::read_to_string("/proc/self/stat").expect("Linux tells");
    let fields = text.rsplit_once(") ").expect("a name in brackets").1.split(' ').skip(11);
    fields.take(2).map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / TICKS_PER_SECOND
}

fn peak() -> u64 {
    let text = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("it has a peak");
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).expect("a number") * 1_024
}

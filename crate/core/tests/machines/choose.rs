//! What a person leaves out of a backup, and what is shown of it while it goes.

use strongroom_core::{Backup, BackupOptions, EntryKind, Part, Plan, Reason, Rules, Settled, Stage, Steer, Survey};

use crate::{
    host::{Host, Thing, Things, file, noise, path},
    vaults::{TestVault, options},
};

/// Files and folders of which some are never worth keeping.
fn project() -> Things {
    let mut source = Things::new();
    for (name, length) in [
        ("code/main.rs", 1_000),
        ("code/node_modules/a/index.js", 2_000),
        ("code/node_modules/b.js", 3_000),
        ("photos/one.jpg", 10_000),
        ("photos/ONE.TMP", 500),
        ("letter.txt", 200),
    ] {
        source.insert(path(name), file(noise(length, length as usize), 1));
    }
    source.insert(path("empty"), Thing::Folder { mtime: Some(1) });
    source.insert(path("nothing.txt"), file("", 1));
    source
}

fn rules(exclude: &[&str], include: &[&str]) -> Rules {
    Rules::parse(exclude, include).expect("rules")
}

/// A backup of this source that waits at its plan.
fn planned(vault: &TestVault, source: &Things, rules: Rules) -> (Host, Backup) {
    let (mut host, handle) = vault.open(2);
    host.set_source(source);
    host.add_entry(path("code/node_modules/link"), EntryKind::Unreadable { why: "It is a link.".into() });
    let mut backup = Backup::new(&handle, BackupOptions { confirm: true, rules, ..options(2) }, [3; 32]);
    let rests = host.run_steered(&mut backup, |_, _| {}, true);
    assert!(matches!(rests, crate::host::End::Stopped));
    (host, backup)
}

fn restored(vault: &mut TestVault, host: Host, backup: &mut Backup) -> Vec<String> {
    let mut host = host;
    backup.proceed();
    let report = host.run(backup).ok();
    vault.storage = host.storage;
    let (_, host) = vault.restore(report.snapshot, &[""]);
    host.sink.keys().map(|path| String::from_utf8(path.join(&b'/')).expect("UTF-8")).collect()
}

fn paths(settled: &Settled) -> Vec<(&str, Option<Reason>)> {
    settled.entries.iter().map(|entry| (entry.path.as_str(), entry.reason)).collect()
}

fn entry(survey: &Survey, name: &str) -> (u64, u64, Option<Reason>) {
    let entry = survey.entries.iter().find(|entry| entry.name == name).expect("it is in the folder");
    (entry.files, entry.taken_files, entry.out)
}

#[test]
fn what_the_rules_leave_out_is_not_read_not_stored_and_not_missed() {
    let mut vault = TestVault::create(1);
    let (host, mut backup) = planned(&vault, &project(), rules(&["node_modules/", "*.tmp"], &[]));
    let plan = *backup.plan().expect("a plan");
    let expected = Plan { files: 4, folders: 3, bytes: 11_200, new_files: 4, new_bytes: 11_200, ..Plan::default() };
    assert_eq!(plan, Plan { excluded_files: 3, excluded_bytes: 5_500, ..expected });
    let kept = restored(&mut vault, host, &mut backup);
    assert_eq!(kept, ["code", "code/main.rs", "empty", "letter.txt", "nothing.txt", "photos", "photos/one.jpg"]);
    let (_, handle) = vault.open(1);
    // The link is in a folder that nobody wants.
    assert_eq!(handle.snapshots()[0].left, 0);
}

#[test]
fn the_plan_follows_the_rules_and_what_was_in_the_baseline_counts_as_removed() {
    let mut vault = TestVault::create(1);
    vault.back_up(&project(), 2);
    let (host, mut backup) = planned(&vault, &project(), Rules::default());
    let whole = *backup.plan().expect("a plan");
    assert_eq!((whole.files, whole.unchanged_files, whole.unreadable, whole.excluded_files), (7, 7, 1, 0));
    backup.choose(rules(&["/code/"], &[]));
    let less = *backup.plan().expect("a plan");
    assert_eq!((less.files, less.folders, less.removed_files, less.excluded_files, less.unreadable), (4, 2, 3, 3, 0));
    backup.choose(rules(&[], &["*.JPG", "/code/node_modules"]));
    let some = *backup.plan().expect("a plan");
    assert_eq!((some.files, some.folders, some.excluded_files), (3, 4, 4));
    backup.choose(Rules::default());
    assert_eq!(*backup.plan().expect("a plan"), whole);
    backup.choose(rules(&["*.jpg", "node_modules/"], &["photos/"]));
    assert_eq!(restored(&mut vault, host, &mut backup), ["photos", "photos/ONE.TMP"]);
}

#[test]
fn a_backup_of_which_everything_is_left_out_is_an_empty_snapshot() {
    let mut vault = TestVault::create(1);
    let (host, mut backup) = planned(&vault, &project(), rules(&["*"], &[]));
    assert_eq!(backup.plan().expect("a plan").files, 0);
    assert_eq!(restored(&mut vault, host, &mut backup), Vec::<String>::new());
}

#[test]
fn the_folders_of_the_source_say_what_is_in_them_and_what_is_taken() {
    let vault = TestVault::create(1);
    let (_, mut backup) = planned(&vault, &project(), rules(&["node_modules/"], &[]));
    let root = backup.survey("", 10);
    assert_eq!(
        root.entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
        ["code", "empty", "photos", "letter.txt", "nothing.txt"]
    );
    assert_eq!(entry(&root, "code"), (3, 1, None));
    let code = backup.survey("code", 10);
    assert_eq!(entry(&code, "node_modules"), (2, 0, Some(Reason::Excluded)));
    assert_eq!(code.entries[0].rule.as_deref(), Some("node_modules/"));
    assert_eq!(entry(&backup.survey("code/node_modules", 10), "b.js"), (1, 0, Some(Reason::Above)));
    backup.choose(rules(&[], &["*.rs"]));
    assert_eq!(entry(&backup.survey("", 10), "code"), (3, 1, None));
    assert_eq!(entry(&backup.survey("", 10), "photos"), (2, 0, Some(Reason::NotIncluded)));
    let first = backup.survey("", 2);
    assert_eq!((first.entries.len(), first.more), (2, 3));
    assert_eq!(backup.survey("no such folder", 10), Survey::default());
}

#[test]
fn the_plan_grows_while_the_source_is_walked() {
    let vault = TestVault::create(1);
    let source: Things = (0..1_000).map(|n| (path(&format!("{}/{n}.{}", n % 7, ["txt", "tmp"][n % 2])), file("x", 1))).collect();
    let (mut host, handle) = vault.open(1);
    host.set_source(&source);
    let mut backup = Backup::new(&handle, BackupOptions { rules: rules(&["*.tmp"], &[]), ..options(1) }, [3; 32]);
    let mut seen = vec![];
    let watch = |backup: &mut Backup, _| {
        if backup.progress().stage == Stage::Walking {
            let plan = backup.plan_so_far();
            assert!(plan.files == plan.bytes && plan.files.abs_diff(plan.excluded_files) <= 100, "{plan:?}");
            assert_eq!(backup.progress().files_total, plan.files);
            seen.push(plan.files);
        }
    };
    assert_eq!(host.run_with(&mut backup, watch).ok().files, 500);
    seen.dedup();
    assert!(seen.len() >= 10 && seen.is_sorted(), "{seen:?}");
}

#[test]
fn every_entry_is_in_one_list_with_its_reason() {
    let mut vault = TestVault::create(1);
    let mut source = project();
    vault.back_up(&source, 2);
    source.insert(path("letter.txt"), file("another letter", 2));
    source.insert(path("gone.txt"), file("gone", 2));
    let (mut host, mut backup) = planned(&vault, &source, rules(&["node_modules/"], &[]));
    host.faults.unreadable.insert(path("gone.txt"));
    backup.proceed();
    host.run(&mut backup).ok();
    let done = backup.settled(Part::Done, 0, 10);
    assert_eq!(paths(&done), [("letter.txt", None)]);
    let skipped = backup.settled(Part::Skipped, 0, 10);
    assert_eq!(skipped.entries[0].rule.as_deref(), Some("node_modules/"));
    assert_eq!(skipped.entries[0].bytes, Some(5_000));
    let mut paths = paths(&skipped);
    paths.sort_unstable_by_key(|(path, _)| *path);
    let unchanged = Some(Reason::Unchanged);
    assert_eq!(
        paths,
        [
            ("code/main.rs", unchanged),
            ("code/node_modules", Some(Reason::Excluded)),
            ("nothing.txt", unchanged),
            ("photos/ONE.TMP", unchanged),
            ("photos/one.jpg", unchanged),
        ]
    );
    assert_eq!(backup.settled(Part::Skipped, 4, 10).entries.len(), 1);
    let failed = backup.settled(Part::Failed, 0, 10);
    assert_eq!((failed.total, failed.entries[0].path.as_str()), (1, "gone.txt"));
    assert!(failed.entries[0].message.is_some());
    assert_eq!(backup.settled(Part::Failed, 1, 10).entries.len(), 0);
}

#[test]
fn rules_come_too_late_once_reading_has_begun() {
    let vault = TestVault::create(1);
    let (mut host, mut backup) = planned(&vault, &project(), Rules::default());
    backup.proceed();
    let late = |backup: &mut Backup, _| {
        if backup.progress().stage == Stage::Reading {
            backup.choose(rules(&["*"], &[]));
        }
    };
    assert_eq!(host.run_with(&mut backup, late).ok().files, 7);
}

#[test]
fn what_an_interrupted_run_stored_is_told() {
    let vault = TestVault::create(1);
    let source: Things = (0..5).map(|n| (path(&format!("{n}")), file(noise(n, 9 << 20), 1))).collect();
    let (mut host, handle) = vault.open(1);
    host.set_source(&source);
    host.faults.stop_at = Some(45);
    let stopped = host.run(&mut Backup::new(&handle, options(1), [3; 32]));
    assert!(matches!(stopped, crate::host::End::Stopped));
    let stored = host.storage.names("pack/").len() as u64;
    assert!(stored > 0, "the run stopped before anything was stored");
    assert_eq!(host.storage.names("index/"), [""; 0]);
    let (mut host, handle) = TestVault { storage: host.storage, ..vault }.open(1);
    host.set_source(&source);
    let report = host.run(&mut Backup::new(&handle, options(1), [4; 32])).ok();
    assert_eq!(report.resumed_bytes, stored << 24);
    assert!(report.bytes_new < report.bytes_read);
}

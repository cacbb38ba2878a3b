//! What goes in comes out: names, times, empty things, big things, duplicates.

use strongroom_core::List;

use crate::{
    host::{Thing, Things, file, noise, path},
    vaults::TestVault,
};

/// A tree with everything that is awkward.
pub fn tree() -> Things {
    let mut things = Things::new();
    things.insert(path("docs"), Thing::Folder { mtime: Some(1_111) });
    things.insert(path("docs/letter.txt"), file("Dear all,\n".repeat(900), 2_222));
    things.insert(path("docs/copy of letter.txt"), file("Dear all,\n".repeat(900), 3_333));
    things.insert(path("docs/empty"), file("", 4_444));
    things.insert(path("docs/no time"), Thing::File { data: b"when?".to_vec(), mtime: None });
    things.insert(path("empty folder"), Thing::Folder { mtime: Some(5_555) });
    things.insert(path("empty folder too"), Thing::Folder { mtime: None });
    things.insert(path("names"), Thing::Folder { mtime: None });
    for name in ["caf\u{e9}", "cafe\u{301}", "🦀 crab", " lead and trail ", "-rf", "CON", &"long".repeat(50), "\u{202e}gnp.exe"] {
        things.insert(vec![b"names".to_vec(), name.as_bytes().to_vec()], file(name, -7));
    }
    things.insert(vec![b"names".to_vec(), vec![0xff, 0xfe, b'\\']], file("not UTF-8", 8));
    things.insert(path("big.bin"), file(noise(1, 19 << 20), 9));
    things.insert(path("same big.bin"), file(noise(1, 19 << 20), 9));
    things.insert(path("zeros"), file(vec![0; 10 << 20], 10));
    things
}

#[test]
fn a_tree_comes_back_as_it_was_with_names_and_times() {
    let mut vault = TestVault::create(1);
    let source = tree();
    let (report, _) = vault.back_up(&source, 2);
    assert_eq!(report.left, []);
    assert_eq!(report.files as usize, source.values().filter(|thing| matches!(thing, Thing::File { .. })).count());
    let (restored, host) = vault.restore(report.snapshot, &[""]);
    assert_eq!(restored.damaged, []);
    assert_eq!((restored.files, restored.bytes), (report.files, report.bytes));
    assert!(host.sink == source, "what came back is not what went in");
    // The big file and the zeros are there once: 19 MiB in padded packs, not 48.
    assert!(report.bytes_stored < 34 << 20, "{} bytes stored", report.bytes_stored);
}

#[test]
fn a_selection_brings_back_what_is_below_it_and_the_folders_above_it() {
    let mut vault = TestVault::create(1);
    let source = tree();
    let (report, _) = vault.back_up(&source, 2);
    let (restored, host) = vault.restore(report.snapshot, &["docs/letter.txt", "empty folder", "names/CON", "docs/nothing"]);
    let expected = ["docs", "docs/letter.txt", "empty folder", "names", "names/CON"];
    assert_eq!(host.sink.keys().cloned().collect::<Vec<_>>(), expected.map(path));
    assert_eq!(restored.damaged.iter().map(|left| left.path.as_str()).collect::<Vec<_>>(), ["docs/nothing"]);
}

#[test]
fn a_folder_is_listed_page_by_page_with_totals() {
    let mut vault = TestVault::create(1);
    let source = tree();
    let (report, _) = vault.back_up(&source, 2);
    let (mut host, handle) = vault.open(1);
    let all = host.run(&mut List::new(&handle, report.snapshot, path("names"), None, 100)).ok();
    assert_eq!((all.entries.len(), all.total, all.next), (9, 9, None));
    let mut names = vec![];
    let mut after = None;
    loop {
        let page = host.run(&mut List::new(&handle, report.snapshot, path("names"), after, 2)).ok();
        assert_eq!(page.total, 9);
        names.extend(page.entries);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(names, all.entries);
    let root = host.run(&mut List::new(&handle, report.snapshot, vec![], None, 100)).ok();
    let docs = root.entries.iter().find(|entry| entry.name == b"docs").expect("docs");
    assert_eq!((docs.folder, docs.files, docs.mtime), (true, 4, Some(1_111)));
    assert_eq!(
        host.run(&mut List::new(&handle, report.snapshot, path("docs/letter.txt"), None, 9)).code(),
        strongroom_core::Code::NoSuchPath
    );
}

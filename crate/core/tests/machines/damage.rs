//! A flipped byte in any object: it is named, nothing wrong comes back, and the rest does.

use strongroom_core::{BlobKind, List, Name};

use crate::{
    host::{Host, Thing, Things, file, noise, path},
    vaults::TestVault,
};

fn source() -> Things {
    let mut source: Things =
        (0..30).map(|n| (path(&format!("folder {}/file {n}", n % 5)), file(noise(n, 90_000 + n as usize), 1))).collect();
    source.extend((0..5).map(|n| (path(&format!("folder {n}")), Thing::Folder { mtime: Some(n) })));
    source.insert(path("big"), file(noise(1000, 3 << 20), 1));
    source
}

fn damaged_vault() -> (TestVault, Things, Name) {
    let mut vault = TestVault::create(1);
    let source = source();
    let (report, _) = vault.back_up(&source, 2);
    (vault, source, report.snapshot)
}

/// Whatever came back is right.
fn assert_no_lie(host: &Host, source: &Things) {
    for (path, thing) in &host.sink {
        assert_eq!(source.get(path), Some(thing), "{path:?} came back wrong");
    }
}

#[test]
fn a_flipped_byte_in_a_pack_is_named_and_every_file_that_does_not_need_it_comes_back() {
    let (vault, source, snapshot) = damaged_vault();
    for name in vault.storage.names("pack/") {
        let length = vault.storage.objects[&name].len();
        let before = vault.clone();
        for at in [0, 5, 50, 76, 70_000 % length, length / 3, length / 2, length - 20, length - 1] {
            let mut vault = vault.clone();
            vault.storage.objects.get_mut(&name).expect("the pack")[at] ^= 1;
            let report = vault.verify(true);
            assert!(report.damaged.iter().any(|left| left.path == name), "{name} at {at}: {:?}", report.damaged);
            let (restored, host) = vault.restore(snapshot, &[""]);
            assert_no_lie(&host, &source);
            let files = source.values().filter(|thing| matches!(thing, Thing::File { .. })).count() as u64;
            assert!(restored.files == files || restored.damaged_count > 0, "{name} at {at}");
            assert!(restored.damaged.iter().all(|left| left.message.contains(&name)), "{:?}", restored.damaged);
            // A folder that cannot be read hides what is in it; a damaged segment of data spoils the files in it, and no more.
            let hidden = before.kind_of_pack(&name) == BlobKind::Tree;
            assert!(hidden || restored.files + 4 >= files, "{name} at {at}: only {} files", restored.files);
        }
    }
}

#[test]
fn a_flipped_byte_in_a_history_node_is_named_and_the_other_snapshots_stay() {
    let (mut vault, source, snapshot) = damaged_vault();
    let (second, _) = vault.back_up(&source, 3);
    for at in [0, 60, 80, 2000, 4095] {
        let mut vault = vault.clone();
        let name = format!("snap/{}", second.snapshot);
        vault.storage.objects.get_mut(&name).expect("the node")[at] ^= 1;
        let (_, handle) = vault.open(1);
        assert_eq!(handle.snapshots().iter().map(|info| info.id).collect::<Vec<_>>(), [snapshot]);
        assert!(vault.verify(false).damaged.iter().any(|left| left.path == name));
        assert!(vault.restore(snapshot, &[""]).1.sink == source);
    }
}

#[test]
fn a_flipped_byte_in_an_index_is_named_and_everything_comes_back_all_the_same() {
    let (vault, source, snapshot) = damaged_vault();
    let name = vault.storage.names("index/").remove(0);
    for at in [0, 60, 80, 3000] {
        let mut vault = vault.clone();
        vault.storage.objects.get_mut(&name).expect("the index")[at] ^= 1;
        assert!(vault.verify(false).damaged.iter().any(|left| left.path == name));
        assert_eq!(vault.verify(true).damaged_count, 1, "no file is named: the packs are found by their own directories");
        let (restored, host) = vault.restore(snapshot, &[""]);
        assert_eq!(restored.damaged, []);
        assert!(host.sink == source);
        let (mut host, handle) = vault.open(1);
        assert_eq!(host.run(&mut List::new(&handle, snapshot, vec![], None, 10)).ok().entries.len(), 6);
        let (report, _) = vault.back_up(&source, 5);
        assert!(report.bytes_stored < 1 << 20, "{} bytes stored", report.bytes_stored);
        let (mut host, handle) = vault.open(1);
        host.storage.gets.clear();
        host.run(&mut List::new(&handle, snapshot, vec![], None, 10)).ok();
        let whole = host.storage.gets.iter().filter(|(name, range)| name.starts_with("pack/") && range.is_none()).count();
        assert_eq!(whole, 0, "a new index names the packs");
    }
}

#[test]
fn a_missing_pack_is_named_with_the_files_that_need_it_and_the_next_backup_mends_it() {
    let (mut vault, source, snapshot) = damaged_vault();
    let largest = vault.storage.names("pack/").into_iter().max_by_key(|name| vault.storage.objects[name].len()).expect("a pack");
    vault.storage.objects.remove(&largest);
    let report = vault.verify(false);
    assert!(report.damaged.iter().any(|left| left.path == largest));
    assert!(report.damaged.iter().any(|left| left.path == "big"));
    let (restored, host) = vault.restore(snapshot, &[""]);
    assert!(restored.damaged.iter().any(|left| left.path == "big" && left.message.contains(&largest)));
    assert_no_lie(&host, &source);
}

#[test]
fn a_truncated_or_swapped_object_is_as_bad_as_a_flipped_byte() {
    let (vault, source, snapshot) = damaged_vault();
    let packs = vault.storage.names("pack/");
    let mut cut = vault.clone();
    cut.storage.objects.get_mut(&packs[0]).expect("a pack").truncate(4096);
    let mut swapped = vault.clone();
    let (first, second) = (vault.storage.objects[&packs[0]].clone(), vault.storage.objects[&packs[1]].clone());
    swapped.storage.objects.insert(packs[0].clone(), second);
    swapped.storage.objects.insert(packs[1].clone(), first);
    for vault in [cut, swapped] {
        assert!(vault.verify(false).damaged_count > 0);
        let (restored, host) = vault.restore(snapshot, &[""]);
        assert!(restored.damaged_count > 0);
        assert_no_lie(&host, &source);
    }
}

#[test]
fn a_damaged_tree_is_an_error_of_that_folder_when_listed() {
    let (mut vault, _, snapshot) = damaged_vault();
    for name in vault.storage.names("pack/") {
        vault.storage.objects.get_mut(&name).expect("a pack").iter_mut().skip(76).for_each(|byte| *byte ^= 1);
    }
    let (mut host, handle) = vault.open(1);
    assert_eq!(host.run(&mut List::new(&handle, snapshot, vec![], None, 10)).code(), strongroom_core::Code::Damaged);
}

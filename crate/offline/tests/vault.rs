//! The golden vault (tests/vectors/vault), read by the offline reader from its directory.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use strongroom_core::{Ask, Code, Error, HostError, Listed, Name, ObjectPath, RestoreReport, VaultHandle};
use strongroom_offline::{Answer, Reader, Step};

const NOW: i64 = 1_763_800_000_000;

/// The folder, what is changed in it, and where restored bytes go.
struct World {
    reader: Reader,
    damaged: Option<PathBuf>,
    files: RefCell<BTreeMap<String, Vec<u8>>>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/vault")
}

fn manifest() -> Value {
    serde_json::from_slice(&fs::read(root().join("manifest.json")).expect("the vector is there")).expect("JSON")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("a text")
}

impl World {
    fn new() -> Self {
        let reader = Reader::new(text(&manifest(), "vault").parse().expect("an id"));
        Self { reader, damaged: None, files: RefCell::default() }
    }

    fn open(&mut self) -> VaultHandle {
        self.reader.unlock_phrase(text(&manifest(), "recovery_phrase")).expect("a phrase");
        self.opened().expect("it opens")
    }

    fn opened(&mut self) -> Result<VaultHandle, Error> {
        match self.run()? {
            Answer::Opened(handle) => Ok(handle),
            _ => panic!("another answer"),
        }
    }

    fn restore(&mut self, snapshot: Name, paths: &[&str]) -> RestoreReport {
        self.files.take();
        let paths = paths.iter().map(|path| path.split('/').filter(|name| !name.is_empty()).map(|name| name.as_bytes().to_vec()).collect());
        self.reader.restore(snapshot, paths.collect(), true, [7; 32]).expect("it is open");
        match self.run() {
            Ok(Answer::Restored(report)) => report,
            _ => panic!("another answer"),
        }
    }

    fn run(&mut self) -> Result<Answer, Error> {
        loop {
            match self.reader.poll(NOW) {
                Step::Ask(id, ask) => self.answer(id, ask),
                Step::Wait => panic!("it waits, and nothing is under way"),
                Step::Done(answer) => return Ok(answer),
                Step::Failed(error) => return Err(error),
            }
        }
    }

    fn answer(&mut self, id: u64, ask: Ask) {
        match ask {
            Ask::Get { object, range, .. } => match self.object(&object) {
                Some(bytes) => {
                    let bytes = range
                        .map_or(bytes.clone(), |(offset, length)| bytes.into_iter().skip(offset as usize).take(length as usize).collect());
                    self.reader.got(id, bytes, NOW);
                }
                None => self.reader.failed(id, HostError { code: Code::Missing, message: "It is not there.".into() }, NOW),
            },
            Ask::List { vault, kind } => {
                let folder = root().join(vault.to_string()).join(kind.folder());
                let found = fs::read_dir(folder).expect("a folder").map(|entry| {
                    let entry = entry.expect("an entry");
                    let name = entry.file_name().into_string().expect("plain names");
                    Listed { name, length: entry.metadata().expect("a file").len() }
                });
                self.reader.listed(id, found.collect(), NOW);
            }
            Ask::Write(part) => {
                let name = String::from_utf8_lossy(&part.path.join(&b'/')).into_owned();
                let mut files = self.files.borrow_mut();
                let file = files.entry(name).or_default();
                assert_eq!(file.len() as u64, part.offset, "parts come in order");
                part.pieces.iter().for_each(|piece| file.extend_from_slice(self.reader.bytes(piece.held, piece.start, piece.end)));
                assert!(!part.last || file.len() as u64 == part.size);
                drop(files);
                self.reader.done(id, NOW);
            }
            Ask::Discard { path, .. } => {
                self.files.borrow_mut().remove(&*String::from_utf8_lossy(&path.join(&b'/')));
                self.reader.done(id, NOW);
            }
            _ => self.reader.done(id, NOW),
        }
    }

    fn object(&self, object: &ObjectPath) -> Option<Vec<u8>> {
        let path = root().join(object.vault.to_string()).join(object.kind.folder()).join(&object.name);
        let mut bytes = fs::read(&path).ok()?;
        if self.damaged.as_ref() == Some(&path)
            && let Some(byte) = bytes.get_mut(1000)
        {
            *byte ^= 1;
        }
        Some(bytes)
    }
}

/// Every file of a snapshot, by the manifest: its size.
fn wanted(snapshot: &Value) -> BTreeMap<String, u64> {
    let entries = snapshot["entries"].as_array().expect("a list").iter();
    entries
        .filter(|entry| entry["kind"] != "folder" && entry["path"].is_string())
        .map(|entry| (text(entry, "path").to_owned(), entry["size"].as_u64().expect("a size")))
        .collect()
}

#[test]
fn the_golden_vault_is_restored_whole_with_the_recovery_phrase() {
    let mut world = World::new();
    let handle = world.open();
    let manifest = manifest();
    let snapshots = manifest["snapshots"].as_array().expect("a list");
    assert_eq!(handle.snapshots().len(), snapshots.len());
    for snapshot in snapshots {
        let report = world.restore(text(&snapshot["snapshot"], "id").parse().expect("a name"), &[""]);
        assert_eq!((report.files, report.damaged_count), (snapshot["snapshot"]["files"].as_u64().expect("a count"), 0));
        let files = world.files.borrow();
        for (path, size) in wanted(snapshot) {
            assert_eq!(files.get(&path).map(|file| file.len() as u64), Some(size), "{path}");
        }
    }
}

#[test]
fn the_passphrase_opens_its_slot_and_another_does_not() {
    let mut world = World::new();
    world.reader.unlock_passphrase("not the passphrase".into());
    assert_eq!(world.opened().map(|_| ()).expect_err("it is wrong").code, Code::WrongSecret);
    world.reader.unlock_passphrase(text(&manifest(), "passphrase").into());
    assert!(!world.opened().expect("it opens").snapshots().is_empty());
    assert!(world.reader.unlock_phrase("one two three").is_err());
}

#[test]
fn a_folder_is_listed_in_pages_and_one_file_of_it_comes_back_alone() {
    let mut world = World::new();
    let snapshot = world.open().snapshots().first().expect("a snapshot").id;
    let mut names = vec![];
    let mut after = None;
    loop {
        world.reader.list(snapshot, vec![], after, 1).expect("it is open");
        let Ok(Answer::Listed(page)) = world.run() else { panic!("another answer") };
        names.extend(page.entries);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert!(names.len() > 1 && names.is_sorted_by_key(|entry| entry.name.clone()));
    let file = names.iter().find(|entry| !entry.folder && entry.size > 0).expect("a file at the root");
    let name = String::from_utf8(file.name.clone()).expect("a plain name");
    let report = world.restore(snapshot, &[&name]);
    assert_eq!((report.files, report.bytes), (1, file.size));
    assert_eq!(world.files.borrow().keys().collect::<Vec<_>>(), [&name]);
}

#[test]
fn with_any_one_pack_damaged_the_rest_comes_back_and_nothing_wrong_does() {
    let mut whole = World::new();
    let snapshot = whole.open().snapshots().first().expect("a snapshot").id;
    whole.restore(snapshot, &[""]);
    let packs = fs::read_dir(root().join(text(&manifest(), "vault")).join("pack")).expect("a folder");
    let mut hurt = 0;
    for pack in packs {
        let mut world = World::new();
        world.damaged = Some(pack.expect("an entry").path());
        world.open();
        let report = world.restore(snapshot, &[""]);
        hurt += report.damaged_count;
        let (found, right) = (world.files.borrow(), whole.files.borrow());
        assert!(found.iter().all(|(path, bytes)| right.get(path) == Some(bytes)), "what is written is right");
        assert_eq!(found.len() as u64, report.files);
        assert!(found.len() == right.len() || report.damaged_count > 0, "what is missing is named");
    }
    assert!(hurt > 0, "some damage touches this snapshot");
}

#[test]
fn a_cancelled_restore_ignores_what_still_comes_and_the_next_one_is_whole() {
    let mut world = World::new();
    let snapshot = world.open().snapshots().first().expect("a snapshot").id;
    world.reader.restore(snapshot, vec![vec![]], true, [1; 32]).expect("it is open");
    let Step::Ask(id, _) = world.reader.poll(NOW) else { panic!("it asks for something") };
    assert!(world.reader.progress().is_some());
    world.reader.cancel();
    world.reader.got(id, vec![1, 2, 3], NOW);
    assert!(matches!(world.reader.poll(NOW), Step::Wait) && world.reader.progress().is_none());
    assert_eq!(world.restore(snapshot, &[""]).damaged_count, 0);
}

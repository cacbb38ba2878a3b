//! `strongroom ls`

use serde_json::{Value, json};
use strongroom_core::{Error, List, ListEntry};

use crate::{
    Ending,
    args::Ls,
    show::{name, name_json, names, size, time},
    vault::{World, open},
};

/// Entries asked for at a time.
const PAGE: usize = 1_000;

pub fn run(args: &Ls, json: bool) -> Result<Ending, Error> {
    let opened = open(&args.vault, &args.secret, World::Nothing)?;
    let snapshot = opened.snapshot(&args.snapshot)?;
    let path = args.path.as_deref().map(names).unwrap_or_default();
    let (mut after, mut entries) = (None, Vec::new());
    loop {
        let mut machine = List::new(&opened.vault, snapshot.id, path.clone(), after, PAGE);
        let listing = opened.host.run(&mut machine, |_| {})?;
        if json {
            entries.extend(listing.entries.iter().map(entry_json));
        } else {
            listing.entries.iter().for_each(|entry| print_entry(entry, args.long));
        }
        after = listing.next;
        if after.is_none() {
            break;
        }
    }
    if json {
        let path = name_json(&path.join(&b'/')).0;
        println!("{}", json!({ "snapshot": snapshot.id.to_string(), "path": path, "entries": entries }));
    }
    Ok(Ending::Whole)
}

fn entry_json(entry: &ListEntry) -> Value {
    let (name, bytes) = name_json(&entry.name);
    let mut value = json!({ "name": name, "folder": entry.folder, "size": entry.size, "files": entry.files, "mtime": entry.mtime });
    if !bytes.is_null() {
        value["nameBytes"] = bytes;
    }
    value
}

fn print_entry(entry: &ListEntry, long: bool) {
    let slash = if entry.folder { "/" } else { "" };
    let shown = name(&entry.name);
    if long {
        println!("{:>12}  {:19}  {shown}{slash}", size(entry.size), entry.mtime.map_or("-".into(), time));
    } else {
        println!("{shown}{slash}");
    }
}

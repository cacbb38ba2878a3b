//! Packs that no index names, left by a run that died: each is fetched, checked by name, and found by its own directory.

extern crate alloc;
use alloc::collections::VecDeque;

use super::{Backup, Purpose};
use crate::{
    ask::{Ask, HeldBuffer, Listed},
    error::{Code, Error, HostError},
    id::Name,
    index::IndexedPack,
    job::{Job, Outcome},
    seal::{Kind, check_length},
    vault::{host_error, object_name, unexpected},
};

/// Packs still to be looked into.
#[derive(Default)]
pub(super) struct Adopt {
    listed: bool,
    queue: VecDeque<(Name, u32)>,
    running: usize,
    turn: u32,
}

impl Adopt {
    pub fn is_done(&self) -> bool {
        self.listed && self.queue.is_empty() && self.running == 0
    }
}

impl Backup {
    pub(super) fn list_packs(&mut self) {
        self.desk.ask(Purpose::ListPacks, Ask::List { vault: self.handle.id(), kind: Kind::Pack });
    }

    pub(super) fn packs_listed(&mut self, objects: &[Listed]) {
        let vault = self.handle.vault();
        for object in objects {
            let Ok(name) = object.name.parse::<Name>() else { continue };
            if vault.table.number(&name).is_some() {
                continue;
            }
            match (u32::try_from(object.length), check_length(object.length)) {
                (Ok(length), Ok(())) => self.adopt.queue.push_back((name, length)),
                _ => ignored(&mut self.report, &name, Code::Damaged),
            }
        }
        self.adopt.queue.make_contiguous().sort_unstable();
        self.adopt.listed = true;
    }

    pub(super) fn fetch_unknown_packs(&mut self) {
        while self.adopt.running < 2 * self.lanes.count() {
            let Some((name, length)) = self.adopt.queue.pop_front() else { break };
            self.adopt.running += 1;
            let object = self.handle.object(Kind::Pack, &name);
            self.desk.ask(Purpose::FetchPack(name, length), Ask::Get { object, range: None, hold: true });
        }
    }

    pub(super) fn pack_fetched(&mut self, name: Name, length: u32, answer: Result<HeldBuffer, HostError>) -> Result<(), Error> {
        match answer {
            Ok(buffer) if buffer.length == length => {
                let lane = self.adopt.turn % self.options.lanes;
                self.adopt.turn += 1;
                let job = Job::Scan { pack: buffer.held, name: name.0, data: false };
                self.desk.ask(Purpose::ScanPack(name), Ask::Run { lane: Some(lane), job });
            }
            Ok(buffer) => {
                self.adopt.running -= 1;
                self.desk.free(buffer.held);
                ignored(&mut self.report, &name, Code::Damaged);
            }
            Err(error) if error.code == Code::Missing => self.adopt.running -= 1,
            Err(error) => return Err(host_error(error, &self.handle.object(Kind::Pack, &name))),
        }
        Ok(())
    }

    pub(super) fn pack_scanned(&mut self, name: Name, outcome: Outcome) -> Result<(), Error> {
        self.adopt.running -= 1;
        match outcome {
            Outcome::Scanned(Ok(scanned)) => {
                let pack = IndexedPack { name, length: scanned.length, header: scanned.header, blobs: scanned.blobs };
                self.confirmed(pack);
                Ok(())
            }
            Outcome::Scanned(Err(code)) => {
                ignored(&mut self.report, &name, code);
                Ok(())
            }
            _ => Err(unexpected()),
        }
    }
}

fn ignored(report: &mut crate::progress::LeftList, name: &Name, code: Code) {
    let object = object_name(Kind::Pack, name);
    let message = alloc::format!("The object {object} is in no index and cannot be read; nothing needs it. It was ignored.");
    report.add(object, code, message);
}

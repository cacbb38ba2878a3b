//! Reads tree blobs: fetches the extents of packs that hold them, decodes them here in the engine, and keeps some.

extern crate alloc;
use alloc::{collections::VecDeque, format, rc::Rc, vec, vec::Vec};

use super::{Form, Tree};
use crate::{
    ask::{Ask, Reply},
    codec::Decoder,
    error::{Code, Error, HostError},
    id::Id,
    ordered::Map,
    pack::BlobKind,
    seal::{EXTENT, Kind, Span, object_range_for},
    table::Location,
    vault::{Vault, VaultHandle, damaged, host_error, is_damage, nowhere, object_name, unexpected},
};

/// Opened extents kept for later, of 1 MiB each.
const KEPT: usize = 24;
/// Blobs looked for at one time.
const AT_ONCE: usize = 16;

/// Pack number, and which MiB of it.
pub(crate) type ExtentKey = (u32, u64);

/// The extents used last.
#[derive(Default)]
pub(crate) struct ExtentCache {
    kept: Map<ExtentKey, (u64, Rc<Span>)>,
    clock: u64,
}

impl ExtentCache {
    fn get(&mut self, key: ExtentKey) -> Option<Rc<Span>> {
        self.clock += 1;
        let (used, span) = self.kept.get_mut(&key)?;
        *used = self.clock;
        Some(Rc::clone(span))
    }

    fn put(&mut self, key: ExtentKey, span: Rc<Span>) {
        self.clock += 1;
        self.kept.insert(key, (self.clock, span));
        while self.kept.len() > KEPT {
            let oldest = self.kept.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| key);
            oldest.and_then(|key| self.kept.remove(&key));
        }
    }
}

/// Reads tree blobs for a machine, several at one time. `T` says what a blob is for.
pub(crate) struct TreeReader<T> {
    handle: VaultHandle,
    decoder: Decoder,
    queue: VecDeque<Want<T>>,
    active: Vec<Want<T>>,
    fetching: Vec<ExtentKey>,
    ready: VecDeque<(T, Result<Tree, Error>)>,
}

struct Want<T> {
    tag: T,
    id: Id,
    form: Form,
    /// Places not tried yet, the current one first.
    places: VecDeque<Location>,
    /// Extents of the current place, as they come.
    spans: Vec<(u64, Option<Rc<Span>>)>,
    failure: Option<Error>,
}

impl<T> TreeReader<T> {
    pub fn new(handle: &VaultHandle) -> Self {
        Self {
            handle: handle.clone(),
            decoder: Decoder::new(),
            queue: VecDeque::new(),
            active: Vec::new(),
            fetching: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// Asks for a blob.
    pub fn want(&mut self, tag: T, id: Id, form: Form) {
        let places = self.handle.vault().table.locations(&id, BlobKind::Tree).into();
        self.queue.push_back(Want { tag, id, form, places, spans: vec![], failure: None });
    }

    /// The next blob that was read, in the order in which they come.
    pub fn ready(&mut self) -> Option<(T, Result<Tree, Error>)> {
        self.advance();
        self.ready.pop_front()
    }

    /// The next extent to fetch.
    pub fn next_ask(&mut self) -> Option<(ExtentKey, Ask)> {
        self.advance();
        let key = self.active.iter().find_map(|want| {
            let pack = want.places.front()?.pack;
            let mut missing = want.spans.iter().filter(|(_, span)| span.is_none()).map(|(extent, _)| (pack, *extent));
            missing.find(|key| !self.fetching.contains(key))
        })?;
        let (name, length) = self.handle.vault().table.pack(key.0).map(|pack| (pack.name, u64::from(pack.length)))?;
        let offset = key.1 * EXTENT;
        let count = u32::try_from(length.min(offset + EXTENT).saturating_sub(offset)).unwrap_or_default();
        self.fetching.push(key);
        Some((key, Ask::Get { object: self.handle.object(Kind::Pack, &name), range: Some((offset, count)), hold: false }))
    }

    pub fn handle(&mut self, key: ExtentKey, reply: Reply) {
        self.fetching.retain(|fetching| *fetching != key);
        let span = match reply {
            Reply::Got(answer) => open_extent(&self.handle.vault(), key, answer),
            _ => Err(unexpected()),
        };
        if let Ok(span) = &span {
            self.handle.vault_mut().extents.put(key, Rc::clone(span));
        }
        let waiting = self.active.iter_mut().filter(|want| want.places.front().is_some_and(|place| place.pack == key.0));
        for want in waiting {
            let Some((_, slot)) = want.spans.iter_mut().find(|(extent, slot)| *extent == key.1 && slot.is_none()) else { continue };
            match &span {
                Ok(span) => *slot = Some(Rc::clone(span)),
                Err(error) => want.fail(error.clone(), &mut self.handle.vault_mut()),
            }
        }
    }

    fn advance(&mut self) {
        while self.active.len() < AT_ONCE {
            let Some(mut want) = self.queue.pop_front() else { break };
            want.start(&mut self.handle.vault_mut());
            self.active.push(want);
        }
        let mut at = 0;
        while let Some(want) = self.active.get_mut(at) {
            match want.decode(&mut self.handle.vault_mut(), &mut self.decoder) {
                None => at += 1,
                Some(result) => {
                    let want = self.active.remove(at);
                    self.ready.push_back((want.tag, result));
                }
            }
        }
    }
}

impl<T> Want<T> {
    /// Sets out for the current place.
    fn start(&mut self, vault: &mut Vault) {
        self.spans.clear();
        let Some(place) = self.places.front() else { return };
        let length = vault.table.pack(place.pack).map_or(0, |pack| u64::from(pack.length));
        let start = u64::from(place.offset);
        let range = object_range_for(start, start + u64::from(place.entry.stored), length);
        let extents = range.start / EXTENT..range.end.div_ceil(EXTENT);
        self.spans = extents.map(|extent| (extent, vault.extents.get((place.pack, extent)))).collect();
    }

    /// Gives up the current place, for the next one if only this one is concerned.
    fn fail(&mut self, error: Error, vault: &mut Vault) {
        if is_damage(error.code) {
            self.places.pop_front();
        } else {
            self.places.clear();
        }
        self.failure = Some(error);
        self.start(vault);
    }

    /// The blob, once its extents are here; an error, once no place is left.
    fn decode(&mut self, vault: &mut Vault, decoder: &mut Decoder) -> Option<Result<Tree, Error>> {
        loop {
            let Some(place) = self.places.front().copied() else {
                let error = self.failure.take().unwrap_or_else(nowhere);
                if is_damage(error.code) {
                    vault.bad.insert(self.id);
                }
                return Some(Err(error));
            };
            if self.spans.iter().any(|(_, span)| span.is_none()) {
                return None;
            }
            match self.blob(&place, vault, decoder) {
                Ok(tree) => return Some(Ok(tree)),
                Err(code) => {
                    let object = vault.table.pack(place.pack).map(|pack| object_name(Kind::Pack, &pack.name)).unwrap_or_default();
                    let error = match code {
                        Code::Unsupported => Error::of_object(code).at(crate::error::Place::Object(object)),
                        _ => damaged(&object),
                    };
                    self.fail(error, vault);
                }
            }
        }
    }

    fn blob(&self, place: &Location, vault: &Vault, decoder: &mut Decoder) -> Result<Tree, Code> {
        let (mut at, end) = (u64::from(place.offset), u64::from(place.offset) + u64::from(place.entry.stored));
        let mut stored = Vec::new();
        for span in self.spans.iter().filter_map(|(_, span)| span.as_ref()) {
            let stop = end.min(span.start + span.bytes.len() as u64);
            stored.extend_from_slice(span.get(at..stop)?);
            at = stop;
        }
        if at != end {
            return Err(Code::Damaged);
        }
        let mut plain = Vec::new();
        decoder.decode(place.entry.codec, &stored, place.entry.plain, &mut plain)?;
        if vault.ring.tree_id(&plain) != self.id {
            return Err(Code::Damaged);
        }
        Tree::decode(&plain, self.form)
    }
}

fn open_extent(vault: &Vault, key: ExtentKey, answer: Result<Vec<u8>, HostError>) -> Result<Rc<Span>, Error> {
    let pack = vault.table.pack(key.0).ok_or_else(unexpected)?;
    let name = object_name(Kind::Pack, &pack.name);
    let object = crate::ask::ObjectPath { vault: vault.ring.vault, kind: Kind::Pack, name: format!("{}", pack.name) };
    let bytes = answer.map_err(|error| host_error(error, &object))?;
    let length = u64::from(pack.length);
    let offset = key.1 * EXTENT;
    if bytes.len() as u64 != length.min(offset + EXTENT).saturating_sub(offset) {
        return Err(damaged(&name));
    }
    let seal = vault.ring.seal_of(Kind::Pack, &pack.header).map_err(|_| damaged(&name))?;
    let opener = seal.opener(&pack.header, length).map_err(|_| damaged(&name))?;
    opener.open_span(offset, bytes).map(Rc::new).map_err(|_| damaged(&name))
}

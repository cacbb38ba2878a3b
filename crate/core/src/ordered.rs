//! Maps and sets in the order of their keys. All are one `BTreeMap` of one type: each type of key and value that the standard
//! library's is given by itself costs the module that a browser downloads 7 kB, and each type that is sorted 4 kB: so they sort, too.

extern crate alloc;
use alloc::{
    collections::{BTreeMap, btree_map},
    vec::Vec,
};

use core::{cmp::Reverse, marker::PhantomData};

use crate::{
    ask::{AskId, FileId, Held},
    id::{Id, Name},
    seal::Kind,
    tree::Form,
};

/// Every key, written so that its bytes have its order, with zeros after it.
type Bytes = [u8; 40];

/// What can be a key: the bytes have the order of the keys.
pub(crate) trait Key: Copy {
    const LENGTH: usize;
    fn write(self, out: &mut [u8]);
    fn read(bytes: &[u8]) -> Self;
}

/// Where in `slots` the value of each key is.
#[derive(Clone, Debug, Default)]
struct Places {
    tree: BTreeMap<Bytes, u32>,
    free: Vec<u32>,
}

/// Values by their keys.
#[derive(Clone, Debug)]
pub(crate) struct Map<K, V> {
    places: Places,
    slots: Vec<Option<V>>,
    key: PhantomData<K>,
}

/// Keys.
#[derive(Clone, Debug)]
pub(crate) struct Set<K>(Map<K, ()>);

impl Places {
    fn find(&self, key: &Bytes) -> Option<usize> {
        self.tree.get(key).map(|place| *place as usize)
    }

    /// A key that is not here yet: its place, below `end` or just `end`.
    fn add(&mut self, key: Bytes, end: usize) -> usize {
        let place = self.free.pop().unwrap_or_else(|| u32::try_from(end).expect("fewer than 2^32 values fit in memory"));
        self.tree.insert(key, place);
        place as usize
    }

    fn remove(&mut self, key: &Bytes) -> Option<usize> {
        let place = self.tree.remove(key)?;
        self.free.push(place);
        Some(place as usize)
    }
}

impl<K: Key, V> Map<K, V> {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn len(&self) -> usize {
        self.places.tree.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.tree.is_empty()
    }

    pub fn contains_key(&self, key: &K) -> bool {
        self.places.find(&bytes(*key)).is_some()
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.slots.get(self.places.find(&bytes(*key))?)?.as_ref()
    }

    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.slots.get_mut(self.places.find(&bytes(*key))?)?.as_mut()
    }

    /// The value that was there before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.place(key).replace(value)
    }

    pub fn get_or_insert_with(&mut self, key: K, value: impl FnOnce() -> V) -> &mut V {
        self.place(key).get_or_insert_with(value)
    }

    pub fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.places.remove(&bytes(*key))?;
        self.slots.get_mut(place)?.take()
    }

    /// Keeps those of which `wanted` says so.
    pub fn retain(&mut self, wanted: impl Fn(&V) -> bool) {
        let others: Vec<K> = self.iter().filter(|(_, value)| !wanted(value)).map(|(key, _)| key).collect();
        others.iter().for_each(|key| drop(self.remove(key)));
    }

    pub fn pop_first(&mut self) -> Option<(K, V)> {
        let key = self.keys().next()?;
        Some((key, self.remove(&key)?))
    }

    pub fn keys(&self) -> impl DoubleEndedIterator<Item = K> {
        self.places.tree.keys().map(|key| K::read(key))
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter { keys: self.places.tree.iter(), slots: &self.slots, key: PhantomData }
    }

    /// The slot of a key, made if need be; its caller fills it.
    fn place(&mut self, key: K) -> &mut Option<V> {
        let key = bytes(key);
        let place = self.places.find(&key).unwrap_or_else(|| self.places.add(key, self.slots.len()));
        if place == self.slots.len() {
            self.slots.push(None);
        }
        self.slots.get_mut(place).expect("a place is below the end")
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self { places: Places::default(), slots: Vec::new(), key: PhantomData }
    }
}

/// Keys and values, by key.
pub(crate) struct Iter<'a, K, V> {
    keys: btree_map::Iter<'a, Bytes, u32>,
    slots: &'a [Option<V>],
    key: PhantomData<K>,
}

impl<'a, K: Key, V> Iterator for Iter<'a, K, V> {
    type Item = (K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, place) = self.keys.next()?;
        Some((K::read(key), self.slots.get(*place as usize)?.as_ref()?))
    }
}

impl<K: Key> Set<K> {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn contains(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }

    /// Whether it was not there before.
    pub fn insert(&mut self, key: K) -> bool {
        self.0.insert(key, ()).is_none()
    }

    /// Whether it was there.
    pub fn remove(&mut self, key: &K) -> bool {
        self.0.remove(key).is_some()
    }

    pub fn iter(&self) -> impl Iterator<Item = K> {
        self.0.keys()
    }
}

impl<K> Default for Set<K> {
    fn default() -> Self {
        Self(Map::default())
    }
}

impl<K: Key> FromIterator<K> for Set<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut set = Self::default();
        for key in keys {
            set.insert(key);
        }
        set
    }
}

fn bytes<K: Key>(key: K) -> Bytes {
    const { assert!(K::LENGTH <= size_of::<Bytes>()) };
    let mut bytes = [0; _];
    key.write(&mut bytes);
    bytes
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    *bytes.first_chunk().expect("every key has room for its parts")
}

fn put(out: &mut [u8], bytes: &[u8]) {
    out.get_mut(..bytes.len()).expect("every key has room for its parts").copy_from_slice(bytes);
}

impl Key for u32 {
    const LENGTH: usize = 4;

    fn write(self, out: &mut [u8]) {
        put(out, &self.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        Self::from_be_bytes(first(bytes))
    }
}

impl Key for u64 {
    const LENGTH: usize = 8;

    fn write(self, out: &mut [u8]) {
        put(out, &self.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        Self::from_be_bytes(first(bytes))
    }
}

impl Key for i64 {
    const LENGTH: usize = 8;

    fn write(self, out: &mut [u8]) {
        (self as u64 ^ 1 << 63).write(out);
    }

    fn read(bytes: &[u8]) -> Self {
        (u64::read(bytes) ^ 1 << 63) as i64
    }
}

impl<const N: usize> Key for [u8; N] {
    const LENGTH: usize = N;

    fn write(self, out: &mut [u8]) {
        put(out, &self);
    }

    fn read(bytes: &[u8]) -> Self {
        first(bytes)
    }
}

impl Key for Form {
    const LENGTH: usize = 1;

    fn write(self, out: &mut [u8]) {
        put(out, &[self as u8]);
    }

    fn read(bytes: &[u8]) -> Self {
        match first(bytes) {
            [1] => Self::Folder,
            [2] => Self::FolderIndex,
            [3] => Self::Content,
            _ => Self::ContentIndex,
        }
    }
}

impl Key for Kind {
    const LENGTH: usize = 1;

    fn write(self, out: &mut [u8]) {
        put(out, &[self as u8]);
    }

    fn read(bytes: &[u8]) -> Self {
        match first(bytes) {
            [1] => Self::Pack,
            [2] => Self::Index,
            [3] => Self::Snapshot,
            [4] => Self::Slot,
            _ => Self::Local,
        }
    }
}

macro_rules! newtype {
    ($($name:ident($inner:ty)),*) => {
        $(
            impl Key for $name {
                const LENGTH: usize = <$inner>::LENGTH;

                fn write(self, out: &mut [u8]) {
                    self.0.write(out);
                }

                fn read(bytes: &[u8]) -> Self {
                    Self(<$inner>::read(bytes))
                }
            }
        )*
    };
}

newtype!(Id([u8; 32]), Name([u8; 32]), AskId(u64), Held(u64), FileId(u32));

impl<K: Key> Key for Reverse<K> {
    const LENGTH: usize = K::LENGTH;

    fn write(self, out: &mut [u8]) {
        self.0.write(out);
        out.iter_mut().take(K::LENGTH).for_each(|byte| *byte = !*byte);
    }

    fn read(bytes: &[u8]) -> Self {
        let mut plain: Bytes = [0; _];
        plain.iter_mut().zip(bytes).for_each(|(plain, byte)| *plain = !*byte);
        Self(K::read(&plain))
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    const LENGTH: usize = A::LENGTH + B::LENGTH;

    fn write(self, out: &mut [u8]) {
        let (first, second) = out.split_at_mut(A::LENGTH);
        self.0.write(first);
        self.1.write(second);
    }

    fn read(bytes: &[u8]) -> Self {
        let (first, second) = bytes.split_at(A::LENGTH);
        (A::read(first), B::read(second))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_map_does_what_a_btree_map_does(steps in prop::collection::vec((0..4_u8, any::<(u8, u64)>()), 0..200)) {
            let (mut map, mut model) = (Map::new(), BTreeMap::new());
            for (step, (key, value)) in steps {
                let key = (u32::from(key) << 20, u64::from(key % 7));
                match step {
                    0 => prop_assert_eq!(map.remove(&key), model.remove(&key)),
                    1 => prop_assert_eq!(map.pop_first(), model.pop_first()),
                    2 => prop_assert_eq!(map.get_or_insert_with(key, || value), model.entry(key).or_insert(value)),
                    _ => prop_assert_eq!(map.insert(key, value), model.insert(key, value)),
                }
                prop_assert_eq!(map.len(), model.len());
                prop_assert_eq!((map.get(&key), map.contains_key(&key)), (model.get(&key), model.contains_key(&key)));
                prop_assert_eq!(map.get_mut(&key), model.get_mut(&key));
                prop_assert!(map.iter().eq(model.iter().map(|(key, value)| (*key, value))));
            }
            prop_assert!(map.slots.len() <= 200);
        }

        #[test]
        fn keys_keep_their_order_and_read_back(a: (i64, u32, [u8; 8]), b: (i64, u32, [u8; 8])) {
            let (a, b) = (((Reverse(a.0 % 3), a.0), (a.1, a.2)), ((Reverse(b.0 % 3), b.0), (b.1, b.2)));
            prop_assert_eq!(bytes(a).cmp(&bytes(b)), a.cmp(&b));
            prop_assert_eq!(<((Reverse<i64>, i64), (u32, [u8; 8]))>::read(&bytes(a)), a);
        }
    }

    #[test]
    fn every_form_and_every_kind_is_a_key() {
        for form in [Form::Folder, Form::FolderIndex, Form::Content, Form::ContentIndex] {
            assert_eq!(Form::read(&bytes(form)), form);
        }
        for kind in [Kind::Pack, Kind::Index, Kind::Snapshot, Kind::Slot, Kind::Local] {
            assert_eq!(Kind::read(&bytes(kind)), kind);
        }
    }
}

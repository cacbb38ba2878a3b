//! The jobs of copying: blobs out of packs, as they are stored, into new packs.

use alloc::{vec, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::Vault;
use crate::{
    error::{Code, Error},
    id::Name,
    job::{BlobPlace, Outcome, Produced},
    key::draw,
    ordered::Set,
    pack::{BlobKind, Packers, directory},
    seal::{Header, check_length},
};

extern crate alloc;

/// What a lane keeps from one pack to the next.
pub(super) struct Copy {
    rng: ChaCha20Rng,
    data: Packers,
    trees: Packers,
}

impl Copy {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        let mut rng = ChaCha20Rng::from_seed(seed);
        let [data, trees] = [draw(&mut rng), draw(&mut rng)].map(|seed| Packers::new(ChaCha20Rng::from_seed(seed)));
        Self { rng, data, trees }
    }

    /// Takes over the blobs of a pack that begin at these offsets, each checked; packs may become full.
    pub(super) fn take(&mut self, vault: &mut Vault, pack: Vec<u8>, name: [u8; 32], offsets: &[u32]) -> Result<Produced, Error> {
        self.try_take(vault, pack, name, offsets).map_err(Error::of_object)
    }

    fn try_take(&mut self, vault: &mut Vault, pack: Vec<u8>, name: [u8; 32], offsets: &[u32]) -> Result<Produced, Code> {
        check_length(pack.len() as u64)?;
        if Name::of(&pack) != Name(name) {
            return Err(Code::Damaged);
        }
        let length = u32::try_from(pack.len()).map_err(|_| Code::Damaged)?;
        let header = Header::of(&pack)?;
        let span = vault.reading.span(pack, 0, length, &header)?;
        let wanted: Set<u32> = offsets.iter().copied().collect();
        let seal = vault.reading.keys.sealer();
        let (mut packs, mut buffers, mut plain) = (vec![], vec![], Vec::new());
        let (mut offset, mut found) = (0_u32, 0);
        for entry in directory(&span.bytes)? {
            let place = BlobPlace { entry, offset };
            let start = u64::from(offset);
            offset = offset.saturating_add(entry.stored);
            if !wanted.contains(&place.offset) {
                continue;
            }
            found += 1;
            plain.clear();
            vault.reading.blob(&span, &place, &mut plain)?;
            let stored = span.get(start..u64::from(offset))?;
            let packers = if entry.kind == BlobKind::Data { &mut self.data } else { &mut self.trees };
            if let Some((pack, bytes)) = packers.push(entry, stored, &seal) {
                packs.push(pack);
                buffers.push(bytes);
            }
        }
        if found == wanted.len() { Ok(Produced { outcome: Outcome::Kept { packs }, buffers }) } else { Err(Code::Damaged) }
    }

    /// Closes what is open, joined, so that at most one pack is not full.
    pub(super) fn close(&mut self, vault: &Vault) -> Produced {
        let seal = vault.reading.keys.sealer();
        self.data.take_over(&mut self.trees);
        let (packs, buffers) = self.data.finish(&seal, &mut self.rng).into_iter().unzip();
        Produced { outcome: Outcome::Kept { packs }, buffers }
    }
}

//! Each stage of a backup by itself, on bytes in memory and on one thread, by the core's own code; and both ways through a whole lane.
//!
//! As wasm it exports four functions of numbers: `room`, `begin`, `prepare` and `run`.

#[cfg(target_family = "wasm")]
mod exports;

use std::hint::black_box;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use strongroom_core::{
    BlobKind, BlobPlace, Codec, Header, Held, Job, Kind, Lane, Outcome, PACK_LENGTH, Produced, Read, SealedPack, Secret,
    chunk::{Chunker, Stream},
    codec::{Decoder, Encoder},
    key::{Ring, derive_into},
    seal::payload_capacity,
};

/// log₂ of the average chunk, as vaults have it.
const CHUNK_LOG2: u8 = 18;
/// As much as a lane is handed of a large file at a time.
const SLICE: usize = 4 << 20;
/// Most plaintext of one `Open`.
const OPEN: u32 = 8 << 20;

/// What is measured, in this order; the last two are all of it through a lane.
pub const STAGES: [&str; 8] = ["chunk", "hash", "compress", "seal", "open", "decompress", "lane, back up", "lane, restore"];

/// Bytes, and what the stages make of them for each other.
pub struct Stages {
    ring: Ring,
    bytes: Vec<u8>,
    chunker: Chunker,
    encoder: Encoder,
    decoder: Decoder,
    /// As `chunk` cut them.
    chunks: Vec<Vec<u8>>,
    /// As `compress` stored them.
    stored: Vec<(Codec, Vec<u8>)>,
    /// As `seal` made them of what is stored.
    objects: Vec<Vec<u8>>,
    lane: Lane,
    /// As the lane made them.
    packs: Vec<(SealedPack, Vec<u8>)>,
    /// What the next run takes.
    input: Vec<Vec<u8>>,
}

impl Stages {
    /// For these bytes: each stage's input is what the one before made of them.
    pub fn new(bytes: Vec<u8>) -> Self {
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let ring = Ring::generate(CHUNK_LOG2, &mut rng);
        let mut gear = [0; 2048];
        derive_into("gear table of a benchmark", &[], &mut gear);
        let mut stages = Self {
            ring,
            bytes,
            chunker: Chunker::new(CHUNK_LOG2, &Secret::new(gear)),
            encoder: Encoder::new(),
            decoder: Decoder::new(),
            chunks: vec![],
            stored: vec![],
            objects: vec![],
            lane: Lane::new(),
            packs: vec![],
            input: vec![],
        };
        for stage in ["chunk", "compress", "seal", "lane, back up"] {
            stages.prepare(stage);
            stages.run(stage);
        }
        stages
    }

    /// Lays out what the next run takes, which is not to be measured.
    pub fn prepare(&mut self, stage: &str) {
        self.input = match stage {
            "chunk" | "lane, back up" => self.bytes.chunks(SLICE).map(<[u8]>::to_vec).collect(),
            "seal" => {
                // Room for the header, then a payload that fills a pack.
                let room = vec![0; strongroom_core::seal::HEADER];
                let payload: Vec<u8> = self.stored.iter().flat_map(|(_, bytes)| bytes).copied().collect();
                let capacity = payload_capacity(PACK_LENGTH.into()).expect("a pack carries a payload");
                payload.chunks(usize::try_from(capacity).expect("at most 16 MiB")).map(|part| [&room, part].concat()).collect()
            }
            "open" => self.objects.clone(),
            "lane, restore" => self.packs.iter().map(|(_, bytes)| bytes.clone()).collect(),
            _ => vec![],
        };
        if stage.starts_with("lane") {
            self.lane = Lane::new();
            self.job(Job::Setup { keys: self.ring.lane_keys() }, vec![]);
            self.job(Job::Begin { seed: [9; 32] }, vec![]);
        }
    }

    /// Does a stage once; gives back how many bytes went through it: plaintext, or what is stored for `seal` and `open`.
    ///
    /// # Panics
    /// There is no such stage, or it does not give what it should.
    pub fn run(&mut self, stage: &str) -> usize {
        match stage {
            "chunk" => self.chunk(),
            "hash" => self.hash(),
            "compress" => self.compress(),
            "seal" => self.seal(),
            "open" => self.open(),
            "decompress" => self.decompress(),
            "lane, back up" => self.back_up(),
            "lane, restore" => self.restore(),
            _ => panic!("there is no stage {stage}"),
        }
    }

    fn chunk(&mut self) -> usize {
        let (mut stream, slices) = (Stream::default(), std::mem::take(&mut self.input));
        let (last, mut bytes) = (slices.len() - 1, 0);
        let mut pieces = Vec::with_capacity(slices.len());
        for (index, slice) in slices.into_iter().enumerate() {
            bytes += slice.len();
            pieces.push(self.chunker.feed(&mut stream, slice, index == last));
        }
        if self.chunks.is_empty() {
            self.chunks = pieces.iter().flat_map(|pieces| pieces.iter().map(<[u8]>::to_vec)).collect();
        }
        bytes
    }

    fn hash(&self) -> usize {
        for chunk in &self.chunks {
            black_box(self.ring.chunk_id(chunk));
        }
        self.bytes.len()
    }

    fn compress(&mut self) -> usize {
        let is_first = self.stored.is_empty();
        for chunk in &self.chunks {
            let (codec, stored) = self.encoder.encode(chunk);
            if is_first {
                self.stored.push((codec, stored.to_vec()));
            }
        }
        self.bytes.len()
    }

    fn seal(&mut self) -> usize {
        let seal = self.ring.sealer(Kind::Pack);
        let inputs = std::mem::take(&mut self.input);
        let bytes = inputs.iter().map(Vec::len).sum();
        // The same salt for the same bytes again, and for measurements alone.
        let objects = (0..).zip(inputs).map(|(number, object)| seal.seal_in_place(object, [number; 32])).collect();
        if self.objects.is_empty() {
            self.objects = objects;
        }
        bytes
    }

    fn open(&mut self) -> usize {
        let mut bytes = 0;
        for object in std::mem::take(&mut self.input) {
            bytes += object.len();
            let header = Header::of(&object).expect("it was sealed");
            let seal = self.ring.seal_of(Kind::Pack, &header).expect("by this ring");
            let opener = seal.opener(&header, object.len() as u64).expect("whole");
            assert!(opener.open_span(0, object).expect("from its front").damaged.is_empty(), "what was sealed is not damaged");
        }
        bytes
    }

    fn decompress(&mut self) -> usize {
        let mut plain = Vec::new();
        for ((codec, stored), chunk) in self.stored.iter().zip(&self.chunks) {
            plain.clear();
            let length = u32::try_from(chunk.len()).expect("a chunk is at most 2 MiB");
            self.decoder.decode(*codec, stored, length, &mut plain).expect("it was compressed");
            assert_eq!(plain.len(), chunk.len(), "what was compressed comes back");
        }
        self.bytes.len()
    }

    /// Everything new, as one file.
    fn back_up(&mut self) -> usize {
        let slices = std::mem::take(&mut self.input);
        let (last, mut offset, mut packs) = (slices.len() - 1, 0, vec![]);
        for (batch, slice) in (0_u32..).zip(slices) {
            let length = u32::try_from(slice.len()).expect("a slice is small");
            let read = Read { file: strongroom_core::FileId(1), from: 0, offset, length, last: batch as usize == last };
            offset += u64::from(length);
            let Outcome::Chunked { files, .. } = self.job(Job::Chunk { batch, reads: vec![read] }, vec![slice]).outcome else {
                panic!("a slice is chunked")
            };
            let keep = files.iter().flat_map(|file| &file.chunks).map(|_| true).collect();
            let kept = self.job(Job::Keep { batch, keep }, vec![]);
            self.take(kept, &mut packs);
        }
        let Produced { outcome: Outcome::Tails { tails }, buffers } = self.job(Job::Flush, vec![]) else { panic!("tails come") };
        let count = tails.len();
        for (number, (blobs, bytes)) in (1..).zip(tails.into_iter().zip(buffers)) {
            let held = Held(number as u64);
            let kept = self.job(Job::Join { tail: strongroom_core::TailPiece { held, blobs }, last: number == count }, vec![bytes]);
            self.take(kept, &mut packs);
        }
        if self.packs.is_empty() {
            self.packs = packs;
        }
        usize::try_from(offset).expect("it was in memory")
    }

    fn take(&mut self, kept: Produced, packs: &mut Vec<(SealedPack, Vec<u8>)>) {
        let Outcome::Kept { packs: sealed } = kept.outcome else { panic!("packs come") };
        for (pack, bytes) in sealed.into_iter().zip(kept.buffers) {
            if self.packs.is_empty() {
                packs.push((pack, bytes));
            } else {
                self.lane.reuse(bytes);
            }
        }
    }

    fn restore(&mut self) -> usize {
        let mut restored = 0;
        for (index, object) in std::mem::take(&mut self.input).into_iter().enumerate() {
            let (pack, mut offset, mut blobs) = (&self.packs[index].0, 0, vec![]);
            let (header, length) = (pack.header, pack.length);
            for entry in pack.blobs.iter().filter(|entry| entry.kind == BlobKind::Data) {
                blobs.push(BlobPlace { entry: *entry, offset });
                offset += entry.stored;
            }
            // As many blobs at a time as one job may open; each takes the whole pack, as a host hands it over.
            let mut rest = blobs.as_slice();
            while !rest.is_empty() {
                let mut plain = 0;
                let count = rest
                    .iter()
                    .take_while(|place| {
                        plain += place.entry.plain;
                        plain <= OPEN
                    })
                    .count()
                    .max(1);
                let (some, after) = rest.split_at(count);
                let (from, to) = (u64::from(some[0].offset), u64::from(some[count - 1].offset + some[count - 1].entry.stored));
                let range = strongroom_core::seal::object_range_for(from, to, length.into());
                let part = object[range.start as usize..range.end as usize].to_vec();
                let job = Job::Open { range: Held(1), offset: range.start, pack_length: length, header, blobs: some.to_vec() };
                let opened = self.job(job, vec![part]);
                assert!(matches!(&opened.outcome, Outcome::Opened { blobs } if blobs.iter().all(Result::is_ok)), "it was sealed whole");
                restored += opened.buffers.iter().map(Vec::len).sum::<usize>();
                rest = after;
            }
        }
        restored
    }

    fn job(&mut self, job: Job, inputs: Vec<Vec<u8>>) -> Produced {
        let produced = self.lane.run(job, inputs.into_iter().map(Ok).collect());
        assert!(!matches!(produced.outcome, Outcome::Failed { .. }), "{:?}", produced.outcome);
        produced
    }
}

#[cfg(test)]
mod tests {
    use super::{STAGES, Stages};

    #[test]
    fn every_stage_takes_all_bytes_again_and_again() {
        let bytes: Vec<u8> = (0..6_000_000_u32).flat_map(|number| (number / 7).wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let mut stages = Stages::new(bytes.clone());
        for stage in STAGES.into_iter().chain(STAGES) {
            stages.prepare(stage);
            let passed = stages.run(stage);
            let stored: usize = stages.stored.iter().map(|(_, bytes)| bytes.len()).sum();
            let all = if ["seal", "open"].contains(&stage) { stored } else { bytes.len() };
            assert!((all..all + all / 100).contains(&passed), "{stage}: {passed} of {all}");
        }
    }
}

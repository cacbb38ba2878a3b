//! Bytes that nobody can trust, fed to whatever takes them. A [`Target`] panics where a promise is broken: what is read must be what is
//! written, two implementations must agree, and nothing may take more memory than it says.
//!
//! `cargo test` feeds each some thousand mutations of good inputs; `cargo xtask soak fuzz` has libFuzzer look for new ways through the code.

mod cipher;
#[path = "../../core/tests/counting/mod.rs"]
mod counting;
mod mutate;
mod readers;

pub use mutate::Mutations;

/// What takes bytes.
#[derive(Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    run: fn(&[u8]),
    /// Good inputs, to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Memory for each byte of input, and beside that, at most: bytes.
    memory: (usize, usize),
}

/// All of them.
pub const TARGETS: [Target; 10] = [
    Target { name: "cipher", run: cipher::same, seeds: cipher::seeds, memory: (1_024, 64 << 10) },
    Target { name: "directory", run: readers::directory, seeds: readers::directories, memory: (8, 4 << 10) },
    Target { name: "frame", run: readers::frame, seeds: readers::frames, memory: (64, 40 << 20) },
    Target { name: "index", run: readers::index, seeds: readers::indexes, memory: (16, 4 << 10) },
    Target { name: "node", run: readers::node, seeds: readers::nodes, memory: (16, 4 << 10) },
    Target { name: "object", run: readers::object, seeds: readers::objects, memory: (8, 4 << 10) },
    Target { name: "phrase", run: readers::phrase, seeds: readers::phrases, memory: (64, 16 << 10) },
    Target { name: "ring", run: readers::ring, seeds: readers::rings, memory: (8, 4 << 10) },
    Target { name: "slot", run: readers::slot, seeds: readers::slots, memory: (8, 4 << 10) },
    Target { name: "tree", run: readers::tree, seeds: readers::trees, memory: (16, 4 << 10) },
];

impl Target {
    /// # Panics
    /// A promise is broken.
    pub fn check(&self, bytes: &[u8]) {
        readers::prepare();
        let ((), counts) = counting::counted(|| (self.run)(bytes));
        let (each, beside) = self.memory;
        let most = (each * bytes.len() + beside) as i64;
        assert!(counts.peak <= most, "{}: {} bytes of memory for {} of input", self.name, counts.peak, bytes.len());
    }
}

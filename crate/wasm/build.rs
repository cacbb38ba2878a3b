//! Leaves parts of libzstd out of vault.wasm for which libzstd has no switch (src/level.rs).

/// What every call goes past, to `__wrap_…`; without a caller, the linker drops it.
const UNUSED: [&str; 9] = [
    "ZSTD_compressBlock_fast",
    "ZSTD_compressBlock_fast_dictMatchState",
    "ZSTD_compressBlock_fast_extDict",
    "ZSTD_compressBlock_doubleFast_dictMatchState",
    "ZSTD_compressBlock_doubleFast_extDict",
    "ZSTD_compressSuperBlock",
    "ZSTD_ldm_blockCompress",
    "ZSTD_ldm_fillHashTable",
    "ZSTD_ldm_generateSequences",
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        UNUSED.iter().for_each(|name| println!("cargo:rustc-link-arg-cdylib=--wrap={name}"));
    }
}

//! What level 3 of libzstd never calls, but the linker cannot know it: 75 kB of the module.
//!
//! Every blob is compressed at level 3 (FORMAT.md §7), in one piece, without a dictionary and without a target length. So libzstd
//! neither takes its match finder `fast` nor any that looks into a dictionary or an earlier piece, nor long-distance matching, nor
//! blocks of a given length. The linker leads those calls here (build.rs), and the functions themselves are dropped.

#![expect(unsafe_code, reason = "a name that C code calls cannot be given without the word")]

macro_rules! never_called {
    ($($name:ident($($parameter:ident),*) $(-> $result:ty)?;)*) => {
        $(
            #[unsafe(no_mangle)]
            extern "C" fn $name($($parameter: usize),*) $(-> $result)? {
                std::process::abort()
            }
        )*
    };
}

never_called! {
    __wrap_ZSTD_compressBlock_fast(_a, _b, _c, _d, _e) -> usize;
    __wrap_ZSTD_compressBlock_fast_dictMatchState(_a, _b, _c, _d, _e) -> usize;
    __wrap_ZSTD_compressBlock_fast_extDict(_a, _b, _c, _d, _e) -> usize;
    __wrap_ZSTD_compressBlock_doubleFast_dictMatchState(_a, _b, _c, _d, _e) -> usize;
    __wrap_ZSTD_compressBlock_doubleFast_extDict(_a, _b, _c, _d, _e) -> usize;
    __wrap_ZSTD_compressSuperBlock(_a, _b, _c, _d, _e, _f) -> usize;
    __wrap_ZSTD_ldm_blockCompress(_a, _b, _c, _d, _e, _f, _g) -> usize;
    __wrap_ZSTD_ldm_fillHashTable(_a, _b, _c, _d);
    __wrap_ZSTD_ldm_generateSequences(_a, _b, _c, _d, _e) -> usize;
}

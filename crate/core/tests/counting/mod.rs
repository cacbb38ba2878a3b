//! Counts what a program asks of its allocator: a figure that no machine changes.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// Counts for each thread, since each test has one of its own.
struct Counting;

thread_local! {
    static COUNTS: Cell<Counts> = const { Cell::new(Counts { times: 0, bytes: 0, live: 0, peak: 0 }) };
}

/// How often, and bytes; `live` and `peak` are beyond what was there before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub times: u64,
    pub bytes: u64,
    pub live: i64,
    pub peak: i64,
}

fn note(grown: i64) {
    let _ = COUNTS.try_with(|counts| {
        let mut now = counts.get();
        now.live += grown;
        now.peak = now.peak.max(now.live);
        if grown > 0 {
            (now.times, now.bytes) = (now.times + 1, now.bytes + grown as u64);
        }
        counts.set(now);
    });
}

// SAFETY: everything is left to the system's allocator; the counts are plain numbers of the thread's own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        note(-(layout.size() as i64));
        unsafe { System.dealloc(place, layout) }
    }

    /// As if it had been taken anew and copied: so it is in memory that is not paged.
    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size as i64);
        note(-(layout.size() as i64));
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a piece of work asked for.
pub fn counted<T>(work: impl FnOnce() -> T) -> (T, Counts) {
    let before = COUNTS.get();
    COUNTS.set(Counts::default());
    let result = work();
    let counts = COUNTS.replace(before);
    (result, counts)
}

//! A lane's files: handed over by the page, read slice by slice.

use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
    rc::Rc,
    slice,
};

use futures_channel::oneshot;
use futures_util::future::join_all;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use strongroom_core::{Code, HostError, Read};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DomException, MessageEvent};

use crate::{js, message::Told};

/// Small files that are read as one blob. A batch is several such, which are read at the same time, since each waits for the browser
/// again and again.
const TOGETHER: usize = 32;

/// The bytes of one slice, or why there are none.
pub type Slice = Result<Vec<u8>, HostError>;
/// A file as the page opened it, or why it could not.
type Opened = Result<Given, HostError>;

/// A file to be read.
#[derive(Clone)]
struct Given {
    blob: Blob,
    /// The browser may not say when it changes while it is read: the page is asked once more then, which finds out.
    silent: bool,
}

/// The files this lane was given and has not read to the end of its strand.
#[derive(Clone, Default)]
pub struct Files(Rc<RefCell<HashMap<Which, File>>>);

/// A file's number, and what it was opened for: another strand of a file may be on its way to this lane while an earlier one is confirmed.
type Which = (u32, For);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum For {
    Reading,
    Confirming,
}

/// One file. A run that lost a lane has it given again and reads it from its front.
#[derive(Default)]
struct File {
    given: VecDeque<Opened>,
    /// A read is here before the page has sent the file.
    awaited: Option<oneshot::Sender<Opened>>,
    /// Of a strand that has more slices to come.
    begun: Option<Opened>,
}

impl Files {
    /// Listens to the page, which sends `{ files: [[number, Blob or { code, message }, whether it is silent], …] }`, and `again` instead of
    /// `files` what it was asked for once more.
    pub fn listen() -> Self {
        let files = Self::default();
        let taking = files.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            for (list, what) in [("files", For::Reading), ("again", For::Confirming)] {
                let Ok(list) = js::get(&event.data(), list).dyn_into::<Array>() else { continue };
                for pair in list.iter().map(|pair| Array::from(&pair)) {
                    let Some(number) = pair.get(0).as_f64() else { continue };
                    taking.give((number as u32, what), opened(pair.get(1), pair.get(2).is_truthy()));
                }
            }
        });
        js::worker().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // Lives as long as the worker.
        on_message.forget();
        files
    }

    /// The bytes of these slices. To be called for one job after the other, since a file is begun with its first slice.
    ///
    /// Errors are `SourceChanged`, `SourceGone`, `SourceUnreadable`: by the browser's word, and by counting bytes, since some
    /// browsers silently give those of a file that was changed.
    pub async fn read(&self, reads: &[Read]) -> Vec<Slice> {
        join_all(reads.chunks(TOGETHER).map(|some| self.read_some(some))).await.concat()
    }

    async fn read_some(&self, reads: &[Read]) -> Vec<Slice> {
        if let [read] = reads {
            return vec![self.read_slice(read).await];
        }
        let mut files = Vec::with_capacity(reads.len());
        for read in reads {
            files.push(self.file((read.file.0, For::Reading)).await);
        }
        let silent: Vec<bool> = files.iter().map(|file| matches!(file, Ok(given) if given.silent)).collect();
        let mut slices: Vec<Slice> = match read_together(reads, &files).await {
            Some(slices) => slices.into_iter().map(Ok).collect(),
            None => {
                let mut slices = Vec::with_capacity(reads.len());
                for (read, file) in reads.iter().zip(&files) {
                    slices.push(read_part(read, file).await);
                }
                slices
            }
        };
        self.confirm(reads, &silent, &mut slices).await;
        slices
    }

    /// Has the page open once more what was read of files that may have changed without a word. Those that did become errors.
    async fn confirm(&self, reads: &[Read], silent: &[bool], slices: &mut [Slice]) {
        let doubtful = |at: usize, slices: &[Slice]| silent[at] && slices[at].is_ok();
        let again = Array::new();
        for (at, read) in reads.iter().enumerate() {
            if doubtful(at, slices) {
                again.push(&read.file.0.into());
            }
        }
        if again.length() == 0 {
            return;
        }
        js::ask_again(&again);
        for (at, read) in reads.iter().enumerate() {
            if doubtful(at, slices)
                && let Err(error) = self.file((read.file.0, For::Confirming)).await
            {
                slices[at] = Err(error);
            }
        }
    }

    /// The next slice of a strand.
    async fn read_slice(&self, read: &Read) -> Slice {
        let which = (read.file.0, For::Reading);
        let opened = match self.begun(which) {
            // What is left of an earlier time is not wanted any more.
            _ if read.begins() => self.file(which).await,
            Some(begun) => begun,
            None => Err(changed()),
        };
        let slice = read_part(read, &opened).await;
        if !read.last {
            self.0.borrow_mut().entry(which).or_default().begun = Some(opened);
            return slice;
        }
        let mut slices = [slice];
        self.confirm(slice::from_ref(read), &[matches!(opened, Ok(given) if given.silent)], &mut slices).await;
        let [slice] = slices;
        slice
    }

    fn give(&self, which: Which, opened: Opened) {
        let mut state = self.0.borrow_mut();
        let file = state.entry(which).or_default();
        match file.awaited.take() {
            // The reader waits as long as its worker lives.
            Some(waiting) => drop(waiting.send(opened)),
            None => file.given.push_back(opened),
        }
        self.tidy(which, &mut state);
    }

    /// A file that the page opens.
    async fn file(&self, which: Which) -> Opened {
        let receiver = {
            let mut state = self.0.borrow_mut();
            let file = state.entry(which).or_default();
            if let Some(opened) = file.given.pop_front() {
                self.tidy(which, &mut state);
                return opened;
            }
            let (sender, receiver) = oneshot::channel();
            file.awaited = Some(sender);
            receiver
        };
        receiver.await.unwrap_or_else(|_| Err(changed()))
    }

    fn begun(&self, which: Which) -> Option<Opened> {
        let mut state = self.0.borrow_mut();
        let begun = state.get_mut(&which)?.begun.take();
        self.tidy(which, &mut state);
        begun
    }

    /// Forgets a file of which nothing is here and nothing is awaited.
    fn tidy(&self, which: Which, state: &mut HashMap<Which, File>) {
        if state.get(&which).is_some_and(|file| file.given.is_empty() && file.awaited.is_none() && file.begun.is_none()) {
            state.remove(&which);
        }
    }
}

/// Whole files as one blob, which costs the browser less than to open each. None if anything is wrong with any of them: read one by
/// one, they show which.
async fn read_together(reads: &[Read], files: &[Opened]) -> Option<Vec<Vec<u8>>> {
    let blobs = Array::new();
    for (read, file) in reads.iter().zip(files) {
        let given = file.as_ref().ok().filter(|given| is_whole(read, &given.blob))?;
        blobs.push(&given.blob);
    }
    let bytes = bytes_of(&Blob::new_with_blob_sequence(&blobs).ok()?).await.ok()?;
    let view = Uint8Array::new(&bytes);
    let mut from = 0;
    let slices = reads.iter().map(|read| {
        let slice = view.subarray(from, from + read.length).to_vec();
        from += read.length;
        slice
    });
    let slices = slices.collect();
    // A file that grew, or has become shorter, would have moved all that come after it.
    let as_long = from == bytes.byte_length();
    js::free(&bytes);
    as_long.then_some(slices)
}

/// One slice, and of the last that the file ends with it.
async fn read_part(read: &Read, file: &Opened) -> Slice {
    let Given { blob, .. } = file.as_ref().map_err(Clone::clone)?;
    let (from, to) = (read.offset as f64, read.offset as f64 + f64::from(read.length));
    if read.last && blob.size() != to {
        return Err(changed());
    }
    let part = blob.slice_with_f64_and_f64(from, to).map_err(|thrown| unreadable(&thrown))?;
    let bytes = bytes_of(&part).await.map_err(|thrown| unreadable(&thrown))?;
    let slice = Uint8Array::new(&bytes).to_vec();
    js::free(&bytes);
    if slice.len() == read.length as usize { Ok(slice) } else { Err(changed()) }
}

/// At once, and not by a stream: Chromium's, where it fills buffers that it is given (BYOB), may stop for ever when several are read at a time.
/// The buffer is to be freed, or as many as a lane has read lie about.
async fn bytes_of(blob: &Blob) -> Result<ArrayBuffer, JsValue> {
    Ok(JsFuture::from(blob.array_buffer()).await?.unchecked_into())
}

fn is_whole(read: &Read, blob: &Blob) -> bool {
    read.is_whole() && blob.size() == f64::from(read.length)
}

fn opened(value: JsValue, silent: bool) -> Opened {
    match value.dyn_into::<Blob>() {
        Ok(blob) => Ok(Given { blob, silent }),
        Err(told) => Err(serde_wasm_bindgen::from_value::<Told>(told).map_or_else(|_| changed(), HostError::from)),
    }
}

fn changed() -> HostError {
    HostError { code: Code::SourceChanged, message: "The file changed while it was read. Try it again to get it as it is now.".into() }
}

/// Chromium says NotReadableError when a file changed, WebKit NotFoundError; both say NotFoundError when it is gone.
fn unreadable(thrown: &JsValue) -> HostError {
    match thrown.dyn_ref::<DomException>().map(DomException::name).as_deref() {
        Some("NotReadableError") => changed(),
        Some("NotFoundError") => HostError {
            code: Code::SourceGone,
            message: "The file is not there any more, or was changed. Try it again once it is back.".into(),
        },
        name => HostError {
            code: Code::SourceUnreadable,
            message: format!("The browser could not read the file ({}). Check that you may read it.", name.unwrap_or("unknown error")),
        },
    }
}

//! The lane's worker: takes jobs of the engine in order, reads their inputs ahead, runs them in the core, gives bytes back
//! by transfer.

use futures_channel::mpsc;
use futures_util::{StreamExt, future::join_all};
use js_sys::{ArrayBuffer, Uint8Array};
use serde::{Deserialize, Serialize};
use strongroom_core::{Job, Lane, Millis, Name, Outcome};
use wasm_bindgen::{JsCast, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MessageEvent, MessagePort};

use crate::{
    js::{self, Envelope},
    source::{Files, Slice},
    spent::Spent,
    turn::Turn,
};

/// From the engine; held inputs come along under `buffers`, in the order of the job's inputs.
#[derive(Serialize, Deserialize)]
pub struct LaneJob {
    pub id: u64,
    pub job: Job,
}

/// To the engine; produced bytes come along under `buffers`.
#[derive(Serialize, Deserialize)]
pub struct LaneDone {
    pub id: u64,
    pub outcome: Outcome,
    /// Of each buffer, where the outcome wants it.
    pub sha256: Vec<Name>,
    /// What the lane's module has taken of memory, which it can never give back: bytes.
    pub memory: u32,
    /// What its time went to since its last answer.
    pub spent: Spent,
}

/// An input of a job. Bytes that come from the engine stay outside this module's memory until their job runs.
enum Given {
    Read(Slice),
    Held(ArrayBuffer),
}

/// Serves the engine at the other end of `engine` until the worker ends.
#[wasm_bindgen]
pub fn run_lane(engine: MessagePort) {
    let files = Files::listen();
    let (queue, mut jobs) = mpsc::unbounded::<(LaneJob, Vec<ArrayBuffer>)>();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let data = event.data();
        let Some(job) = js::unpack::<LaneJob>(&data) else { return };
        drop(queue.unbounded_send((job, js::buffers(&data, "buffers"))));
    });
    engine.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // Lives as long as the worker.
    on_message.forget();
    let (ready, mut readies) = mpsc::unbounded();
    // Reads for the next job while an earlier one runs, as far ahead as the engine asks.
    spawn_local(async move {
        while let Some((job, held)) = jobs.next().await {
            let begun = js::now();
            let inputs = gather(&files, &job.job, held).await;
            drop(ready.unbounded_send((job, inputs, begun)));
        }
    });
    spawn_local(async move {
        let mut lane = Lane::new();
        let turn = Turn::new();
        let mut free = js::now();
        while let Some((job, inputs, begun)) = readies.next().await {
            let reading = js::now() - begun.max(free);
            // Between two jobs the browser may bring what was read, and the engine the next job.
            turn.next().await;
            run(&engine, &mut lane, job, inputs, reading);
            free = js::now();
        }
    });
}

async fn gather(files: &Files, job: &Job, held: Vec<ArrayBuffer>) -> Vec<Given> {
    match job {
        Job::Chunk { reads, .. } | Job::Compare { reads, .. } => files.read(reads).await.into_iter().map(Given::Read).collect(),
        _ => held.into_iter().map(Given::Held).collect(),
    }
}

/// Runs one job and answers; digests are taken off this thread, so the next job need not wait for the answer.
fn run(engine: &MessagePort, lane: &mut Lane, LaneJob { id, job }: LaneJob, inputs: Vec<Given>, reading: Millis) {
    let start = js::now();
    let inputs = inputs.into_iter().map(|input| match input {
        Given::Read(slice) => slice,
        Given::Held(bytes) => {
            let copied = Uint8Array::new(&bytes).to_vec();
            js::free(&bytes);
            Ok(copied)
        }
    });
    let inputs = inputs.collect();
    let produced = lane.run(job, inputs);
    let outcome = produced.outcome;
    // One copy out of this module's memory, so that the bytes can be given over.
    let copied = produced.buffers.into_iter().map(|bytes| {
        let copy = Uint8Array::from(&bytes[..]).buffer();
        lane.reuse(bytes);
        copy
    });
    let buffers: Vec<ArrayBuffer> = copied.collect();
    let spent = Spent::new(reading, js::now() - start);
    if !outcome.digests() {
        Envelope::packed(&LaneDone { id, outcome, sha256: Vec::new(), memory: js::module_memory(), spent })
            .with_all("buffers", &buffers)
            .post(engine);
        return;
    }
    let engine = engine.clone();
    spawn_local(async move {
        let sha256 = join_all(buffers.iter().map(digest)).await;
        Envelope::packed(&LaneDone { id, outcome, sha256, memory: js::module_memory(), spent }).with_all("buffers", &buffers).post(&engine);
    });
}

async fn digest(bytes: &ArrayBuffer) -> Name {
    let subtle = js::worker().crypto().expect("a worker has crypto").subtle();
    let digest = subtle.digest_with_str_and_buffer_source("SHA-256", bytes).expect("every browser has SHA-256");
    let digest = JsFuture::from(digest).await.expect("a digest of bytes in memory does not fail");
    Name(Uint8Array::new(&digest).to_vec().try_into().expect("SHA-256 has 32 bytes"))
}

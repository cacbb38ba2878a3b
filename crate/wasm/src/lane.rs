//! The lane's worker: takes jobs of the engine in order, reads their inputs ahead, runs them in the core, gives bytes back
//! by transfer.

use std::{cell::RefCell, rc::Rc};

use futures_channel::{mpsc, oneshot};
use futures_util::{StreamExt, future::join_all};
use js_sys::{ArrayBuffer, Uint8Array};
use serde::{Deserialize, Serialize};
use strongroom_core::{HostError, Input, Job, Lane, Name, Outcome};
use wasm_bindgen::{JsCast, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MessageEvent, MessagePort};

use crate::{
    js::{self, Envelope},
    source::Files,
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
}

type Inputs = Vec<Result<ArrayBuffer, HostError>>;

/// Serves the engine at the other end of `engine` until the worker ends.
#[wasm_bindgen]
pub fn run_lane(engine: MessagePort) {
    let files = Files::listen();
    let (queue, mut jobs) = mpsc::unbounded::<(LaneJob, oneshot::Receiver<Inputs>)>();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let data = event.data();
        let Some(job) = js::unpack::<LaneJob>(&data) else { return };
        // Reads begin now, while earlier jobs still run.
        let inputs = job.job.inputs();
        let held = js::buffers(&data, "buffers");
        let (ready, waiting) = oneshot::channel();
        let files = files.clone();
        spawn_local(async move { drop(ready.send(gather(&files, inputs, held).await)) });
        drop(queue.unbounded_send((job, waiting)));
    });
    engine.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // Lives as long as the worker.
    on_message.forget();
    spawn_local(async move {
        let lane = Rc::new(RefCell::new(Lane::new()));
        while let Some((job, inputs)) = jobs.next().await {
            let inputs = inputs.await.unwrap_or_default();
            run(&engine, &mut lane.borrow_mut(), job, inputs);
        }
    });
}

async fn gather(files: &Files, inputs: Vec<Input>, held: Vec<ArrayBuffer>) -> Inputs {
    let mut held = held.into_iter();
    let reads = inputs.into_iter().map(|input| {
        let given = if matches!(input, Input::Held(_)) { held.next() } else { None };
        async move {
            match (input, given) {
                (Input::Read(read), _) => files.read(read).await,
                (Input::Held(_), Some(bytes)) => Ok(bytes),
                (Input::Held(_), None) => Ok(ArrayBuffer::new(0)),
            }
        }
    });
    join_all(reads).await
}

/// Runs one job and answers; digests are taken off this thread, so the next job need not wait for the answer.
fn run(engine: &MessagePort, lane: &mut Lane, LaneJob { id, job }: LaneJob, inputs: Inputs) {
    let inputs = inputs.into_iter().map(|input| input.map(|bytes| Uint8Array::new(&bytes).to_vec())).collect();
    let produced = lane.run(job, inputs);
    let outcome = produced.outcome;
    // One copy out of this module's memory, so that the bytes can be given over.
    let buffers: Vec<ArrayBuffer> = produced.buffers.into_iter().map(|bytes| Uint8Array::from(&bytes[..]).buffer()).collect();
    if !outcome.digests() {
        Envelope::packed(&LaneDone { id, outcome, sha256: Vec::new() }).with_all("buffers", &buffers).post(engine);
        return;
    }
    let engine = engine.clone();
    spawn_local(async move {
        let sha256 = join_all(buffers.iter().map(digest)).await;
        Envelope::packed(&LaneDone { id, outcome, sha256 }).with_all("buffers", &buffers).post(&engine);
    });
}

async fn digest(bytes: &ArrayBuffer) -> Name {
    let subtle = js::worker().crypto().expect("a worker has crypto").subtle();
    let digest = subtle.digest_with_str_and_buffer_source("SHA-256", bytes).expect("every browser has SHA-256");
    let digest = JsFuture::from(digest).await.expect("a digest of bytes in memory does not fail");
    Name(Uint8Array::new(&digest).to_vec().try_into().expect("SHA-256 has 32 bytes"))
}

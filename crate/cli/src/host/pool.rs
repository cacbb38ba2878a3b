//! A few threads that take work from one queue.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::exit,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{Builder, JoinHandle},
};

type Work = Box<dyn FnOnce() + Send>;

/// Dropping it waits for the work that was given.
pub struct Pool {
    send: Option<Sender<Work>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    pub fn new(name: &str, threads: usize) -> Self {
        let (send, receive) = channel::<Work>();
        let receive = Arc::new(Mutex::new(receive));
        let spawn = |_| {
            let receive = Arc::clone(&receive);
            Builder::new().name(name.into()).spawn(move || work_on(&receive)).expect("the system can start a thread")
        };
        Self { threads: (0..threads).map(spawn).collect(), send: Some(send) }
    }

    pub fn run(&self, work: impl FnOnce() + Send + 'static) {
        let send = self.send.as_ref().expect("the sender is only taken on drop");
        send.send(Box::new(work)).expect("the threads wait for work until the sender is dropped");
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.send = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so on stderr.
            let _ = thread.join();
        }
    }
}

fn work_on(receive: &Mutex<Receiver<Work>>) {
    loop {
        let work = receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match work {
            Ok(work) => {
                if catch_unwind(AssertUnwindSafe(work)).is_err() {
                    // It was told on stderr; whoever waits for the answer would wait for ever.
                    exit(1);
                }
            }
            Err(_) => return,
        }
    }
}

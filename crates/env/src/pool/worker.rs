//! A thread that carries out requests, one after the other.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use super::queue::{Job, Queue};
use super::{Answer, Reply, Request, Shared, lock};
use crate::error::EnvError;

pub(super) fn start(shared: &Arc<Shared>, queue: fn(&Shared) -> &Queue) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        while let Some(job) = queue(&shared).pop() {
            work(&shared, job);
        }
    })
}

fn work(shared: &Shared, job: Job) {
    let Job { id, mut environment, request, cancel, sent } = job;
    let (begun, turn) = (Instant::now(), sent.elapsed());
    environment.exclude_from_budget(turn);
    let name = request.name().to_owned();
    let answer = if cancel.is_cancelled() {
        Err(EnvError::Cancelled)
    } else {
        // Providers and actions of users run in here: should one panic, its environment alone is concerned.
        let answered = std::panic::catch_unwind(AssertUnwindSafe(|| match request {
            Request::Reset(options) => {
                environment.reset(options).map(|observation| Answer::Begun(Box::new(observation)))
            }
            Request::Step(call) => environment.step(call).map(|result| Answer::Stepped(Box::new(result))),
        }));
        answered.unwrap_or(Err(EnvError::Panicked))
    };
    let child = match &answer {
        Ok(Answer::Stepped(result)) => result.info.run.as_ref().map(|run| run.wall_seconds),
        _ => None,
    };
    let waited = environment.take_waited();
    let queued = turn + waited;
    shared.recorder.record(&name, queued, begun.elapsed().saturating_sub(waited), child);
    // The environment goes home before its reply is seen, so that whoever receives it can send at once.
    lock(&shared.sessions[id]).environment = Some(environment);
    lock(&shared.replies).ready.push(Reply { id, answer, queued });
    shared.arrived.notify_all();
}

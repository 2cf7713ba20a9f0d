//! Many environments at once.

use std::time::{Duration, Instant};

use mledojo_env::{
    Action, Answer, Budget, Call, CustomAction, CustomContext, EnvConfig, EnvError, EnvPool, Environment, Feedback,
    PoolError, Reply, Request, ResetOptions,
};
use serde_json::{Map, Value};
use tempfile::TempDir;

use crate::world::{SAMPLE, engine, iris};

const LONG: Duration = Duration::from_secs(60);

struct Panics;

impl CustomAction for Panics {
    fn perform(&mut self, _: &Map<String, Value>, _: CustomContext<'_>) -> Result<Feedback, String> {
        panic!("as asked")
    }
}

/// A pool whose episodes have begun.
fn pool(environments: usize, slots: usize, config: &EnvConfig) -> (EnvPool, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let made = (0..environments).map(|_| {
        let mut environment = Environment::new(iris(), engine(), config.clone());
        environment.register_action("panic", Box::new(Panics)).unwrap();
        environment
    });
    let pool = EnvPool::new(made.collect(), slots);
    for id in 0..environments {
        pool.send(id, begin(&folder, &format!("{id}"))).unwrap();
    }
    assert_eq!(pool.recv(environments, LONG).len(), environments);
    (pool, folder)
}

fn begin(folder: &TempDir, name: &str) -> Request {
    Request::Reset(ResetOptions { directory: folder.path().join(name), seed: 0, agent: "pool".to_owned() })
}

fn status(reply: &Reply) -> &mledojo_env::StepResult {
    match &reply.answer {
        Ok(Answer::Stepped(result)) => result,
        other => panic!("{other:?}"),
    }
}

#[test]
fn lockstep_answers_in_order() {
    let (pool, _folder) = pool(5, 2, &EnvConfig::default());
    let replies = pool.step(vec![Call::execute_code(SAMPLE); 5]).unwrap();
    assert_eq!(replies.iter().map(|reply| reply.id).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    let first = status(&replies[0]).reward;
    assert!(replies.iter().all(|reply| status(reply).reward == first && first > 0.0));
    let stats = pool.stats();
    assert_eq!(stats.actions["execute_code"].count, 5);
    assert!(stats.occupancy > 0.0 && stats.occupancy <= 1.0, "{stats:?}");
    assert!(stats.mean_overhead_seconds > 0.0);
    assert_eq!(pool.into_environments().len(), 5);
}

#[test]
fn what_runs_no_code_never_waits_for_a_slot() {
    let (pool, _folder) = pool(3, 1, &EnvConfig::default());
    let started = Instant::now();
    for id in 0..2 {
        pool.send(id, Request::Step(Call::validate_code("import time; time.sleep(3)"))).unwrap();
    }
    pool.send(2, Request::Step(Call::request_info("name"))).unwrap();
    let first = pool.recv(1, LONG);
    assert_eq!(first.iter().map(|reply| reply.id).collect::<Vec<_>>(), [2]);
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!(pool.send(0, Request::Step(Call::request_info("name"))), Err(PoolError::Busy(0)));
    let rest = pool.recv(2, LONG);
    assert_eq!(rest.len(), 2);
}

#[test]
fn waiting_is_not_charged_to_the_budget() {
    let budget = Budget { steps: None, seconds: Some(10.0) };
    let (pool, _folder) = pool(3, 1, &EnvConfig { budget, ..EnvConfig::default() });
    let replies = pool.step(vec![Call::validate_code("import time; time.sleep(1)"); 3]).unwrap();
    let last = replies.iter().max_by_key(|reply| reply.queued).unwrap();
    assert!(last.queued > Duration::from_millis(1900), "{:?}", last.queued);
    let left = status(last).observation.seconds_left.unwrap();
    assert!(left > 10.0 - 2.0, "{left}");
}

#[test]
fn a_cancelled_request_is_no_step_and_the_environment_goes_on() {
    let (pool, _folder) = pool(2, 1, &EnvConfig::default());
    for id in 0..2 {
        pool.send(id, Request::Step(Call::validate_code("import time; time.sleep(60)"))).unwrap();
    }
    // One runs, the other waits for its slot.
    std::thread::sleep(Duration::from_millis(300));
    let started = Instant::now();
    for id in 0..2 {
        pool.cancel(id).unwrap();
    }
    let replies = pool.recv(2, LONG);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(replies.iter().all(|reply| matches!(reply.answer, Err(EnvError::Cancelled))));
    let after = pool.step(vec![Call::execute_code(SAMPLE); 2]).unwrap();
    assert!(after.iter().all(|reply| status(reply).observation.step == 1));
}

#[test]
fn a_panic_concerns_its_environment_alone() {
    let (pool, folder) = pool(2, 1, &EnvConfig::default());
    let panic = Call::from(Action::Custom { name: "panic".to_owned(), params: Map::new() });
    let replies = pool.step(vec![panic, Call::request_info("name")]).unwrap();
    assert!(matches!(replies[0].answer, Err(EnvError::Panicked)));
    assert_eq!(status(&replies[1]).observation.step, 1);
    pool.send(0, begin(&folder, "again")).unwrap();
    assert!(matches!(pool.recv(1, LONG)[0].answer, Ok(Answer::Begun(_))));
}

#[test]
fn misuse_is_told() {
    let (pool, _folder) = pool(1, 1, &EnvConfig::default());
    assert_eq!(pool.cancel(1), Err(PoolError::NoSuchEnvironment { id: 1, len: 1 }));
    assert_eq!(pool.step(Vec::new()).unwrap_err(), PoolError::WrongNumber { calls: 0, len: 1 });
    assert!(pool.recv(1, LONG).is_empty(), "nothing was sent, so there is nothing to wait for");
    let started = Instant::now();
    pool.send(0, Request::Step(Call::validate_code("import time; time.sleep(60)"))).unwrap();
    assert!(pool.recv(1, Duration::from_millis(100)).is_empty());
    drop(pool);
    assert!(started.elapsed() < Duration::from_secs(10));
}

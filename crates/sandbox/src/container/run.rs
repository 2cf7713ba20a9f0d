//! One container from its creation to its removal.

use std::io;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::engine::{Engine, State, Usage};
use super::frames::Frames;
use super::http::Raw;
use crate::ending::End;
use crate::error::SandboxError;
use crate::job::Limits;
use crate::report::Captured;
use crate::sandbox::Cancel;

/// The longest time between two looks at the clock and the caller's wish to cancel.
const TICK: Duration = Duration::from_millis(20);
/// Time between two questions whether a container whose output has ended has ended too, at first and at most.
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LAST_LOOK: Duration = Duration::from_millis(200);
/// Time from the start to the first look at what is used, and between two looks.
const FIRST_SAMPLE: Duration = Duration::from_millis(100);
const SAMPLES: Duration = Duration::from_secs(1);
/// How long an engine may take to pass on what an ended container wrote.
const LAST_OUTPUT: Duration = Duration::from_secs(60);
/// How long an engine may take to end a killed container.
const KILL_GRACE: Duration = Duration::from_secs(60);

/// Why the container was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Cancelled,
    Timeout,
    Output,
}

/// What became of a container.
pub(super) struct Ended {
    pub(super) stop: Option<Stop>,
    /// The engine would not start it, for this reason.
    pub(super) not_started: Option<String>,
    pub(super) out_of_memory: bool,
    /// How the code ended, unless it was killed from here.
    pub(super) end: Option<End>,
    pub(super) stdout: Captured,
    pub(super) stderr: Captured,
    pub(super) wall: Duration,
    pub(super) began: SystemTime,
    /// The most that was seen.
    pub(super) used: Usage,
}

/// A container that is removed when this is dropped.
struct Container<'a> {
    engine: &'a Engine,
    name: &'a str,
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        // What can't be removed now is a left-over, which the next sandbox removes.
        let _ = self.engine.remove(self.name);
    }
}

/// Creates the container, watches it to its end and removes it.
///
/// # Errors
/// What the engine refuses, but for the start; an engine that is gone; a cut connection.
pub(super) fn run(
    engine: &Engine,
    name: &str,
    container: &Value,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<Ended, SandboxError> {
    // Before the request: an answer that never comes may have left a container.
    let _removed = Container { engine, name };
    engine.create(name, container)?;
    // Before the start: nothing of the output is missed.
    let output = engine.attach(name)?;
    let (start, began) = (Instant::now(), SystemTime::now());
    let mut ended = Ended {
        stop: None,
        not_started: engine.start(name)?.err(),
        out_of_memory: false,
        end: None,
        stdout: Captured::default(),
        stderr: Captured::default(),
        wall: Duration::ZERO,
        began,
        used: Usage::default(),
    };
    if ended.not_started.is_none() {
        let mut watch = Watch {
            engine,
            name,
            limits,
            cancel,
            deadline: start.checked_add(limits.wall),
            output: Some(output),
            buffer: vec![0; 64 << 10],
            frames: Frames::new(limits.capture),
            used: Usage::default(),
        };
        let stop = watch.until_output_ends(start)?;
        let (stop, state) = watch.until_end(stop)?;
        watch.rest_of_output()?;
        ended.stop = if watch.frames.written() > limits.output { Some(Stop::Output) } else { stop };
        ended.end = ended.stop.is_none().then(|| end(state.exit_code));
        ended.out_of_memory = state.out_of_memory;
        ended.used = watch.used;
        ended.stdout = watch.frames.stdout.finish();
        ended.stderr = watch.frames.stderr.finish();
    }
    ended.wall = start.elapsed();
    Ok(ended)
}

/// A container that runs.
struct Watch<'a> {
    engine: &'a Engine,
    name: &'a str,
    limits: &'a Limits,
    cancel: &'a Cancel,
    deadline: Option<Instant>,
    /// `None`: it has ended.
    output: Option<Raw>,
    buffer: Vec<u8>,
    frames: Frames,
    used: Usage,
}

impl Watch<'_> {
    fn until_output_ends(&mut self, start: Instant) -> Result<Option<Stop>, SandboxError> {
        let mut next_sample = start + FIRST_SAMPLE;
        while self.output.is_some() {
            if Instant::now() >= next_sample {
                self.used = most(self.used, self.engine.usage(self.name));
                next_sample = Instant::now() + SAMPLES;
            }
            self.take(TICK.min(self.time_left()))?;
            let stop = self.must_stop();
            if stop.is_some() {
                return Ok(stop);
            }
        }
        Ok(None)
    }

    /// Waits until the container has ended, or ends it. Returns why it had to be killed.
    fn until_end(&mut self, mut stop: Option<Stop>) -> Result<(Option<Stop>, State), SandboxError> {
        let mut look = FIRST_LOOK;
        loop {
            let state = self.engine.state(self.name)?;
            if !state.running {
                // What ended by itself before it was killed has ended by itself.
                return Ok((None, state));
            }
            stop = stop.or_else(|| self.must_stop());
            if stop.is_some() {
                return Ok((stop, kill(self.engine, self.name)?));
            }
            std::thread::sleep(look.min(self.time_left()));
            look = (look * 2).min(LAST_LOOK);
        }
    }

    /// Takes what is left of an ended container's output: every writer is dead, so the stream ends by itself.
    fn rest_of_output(&mut self) -> Result<(), SandboxError> {
        let ended = Instant::now();
        while self.output.is_some() && self.frames.written() <= self.limits.output {
            if ended.elapsed() > LAST_OUTPUT {
                return Err(self.failed("it does not end, though the container has ended"));
            }
            self.take(TICK)?;
        }
        if self.output.is_none() && !self.frames.is_whole() {
            return Err(self.failed("the connection was cut"));
        }
        Ok(())
    }

    /// Takes what comes of the output within `patience`.
    fn take(&mut self, patience: Duration) -> Result<(), SandboxError> {
        let Some(output) = &mut self.output else { return Ok(()) };
        match output.read(&mut self.buffer, patience) {
            Ok(0) => self.output = None,
            Ok(count) => {
                let bytes = self.buffer.get(..count).unwrap_or_default();
                self.frames.push(bytes).map_err(|reason| self.failed(&reason))?;
            }
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted => {}
                _ => return Err(self.failed(&error.to_string())),
            },
        }
        Ok(())
    }

    fn must_stop(&self) -> Option<Stop> {
        if self.cancel.is_cancelled() {
            Some(Stop::Cancelled)
        } else if self.time_left().is_zero() {
            Some(Stop::Timeout)
        } else if self.frames.written() > self.limits.output {
            Some(Stop::Output)
        } else {
            None
        }
    }

    fn time_left(&self) -> Duration {
        self.deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()))
    }

    fn failed(&self, reason: &str) -> SandboxError {
        self.engine.failed("read a container's output", reason)
    }
}

/// Kills the container and waits until it has ended.
fn kill(engine: &Engine, name: &str) -> Result<State, SandboxError> {
    engine.kill(name)?;
    let killed = Instant::now();
    loop {
        let state = engine.state(name)?;
        if !state.running {
            return Ok(state);
        }
        if killed.elapsed() > KILL_GRACE {
            return Err(engine.failed("kill a container", "it is still running a minute after"));
        }
        std::thread::sleep(TICK);
    }
}

fn most(so_far: Usage, now: Option<Usage>) -> Usage {
    let now = now.unwrap_or_default();
    Usage {
        cpu: so_far.cpu.max(now.cpu),
        system_cpu: so_far.system_cpu.max(now.system_cpu),
        memory: so_far.memory.max(now.memory),
        tasks: so_far.tasks.max(now.tasks),
    }
}

/// The container's init ends with 128 and the number of the signal that ended the code.
fn end(code: i32) -> End {
    const SIGNALS: i32 = 31;
    if (129..=128 + SIGNALS).contains(&code) { End::Signal(code - 128) } else { End::Code(code) }
}

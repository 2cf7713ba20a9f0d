//! `process:COMMAND`: another program plays, by JSON lines.
//!
//! The program gets one line for each observation, `{"observation": …, "text": …, "seed": …}`, and answers with one line:
//! a call (`{"action": …, "params": …}`), or `null` if it has nothing more to do. A line that is no call is answered with
//! `{"error": …}`, and another is awaited. When an episode is resumed, the observations of before come again, with the call
//! that was made as `chosen`: the program brings its memory up to date and answers with any line.
//!
//! It runs with the rights of the user, outside the sandbox; its standard error goes to `agent-stderr.txt` in the agent's
//! folder, or nowhere.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::time::{Duration, Instant};

use mledojo_env::{Call, Observation};
use mledojo_sandbox::Cancel;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::error::AgentError;
use crate::options::AgentOptions;

/// The longest answer that is read.
const LINE_LIMIT: u64 = 64 << 20;

/// See the module's text.
pub(crate) struct Process {
    name: String,
    command: String,
    seed: u64,
    timeout: Duration,
    repairs: u32,
    running: Option<Running>,
    cancel: Cancel,
    stderr: Option<PathBuf>,
}

struct Running {
    child: Child,
    /// Lines for it. They are written by a thread: a program that doesn't read must not keep us from giving it up.
    told: Sender<String>,
    lines: Receiver<std::io::Result<String>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // The shell's children with it: the process group is its own.
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

impl Process {
    pub(crate) fn new(command: &str, options: &AgentOptions, seed: u64, name: String) -> Self {
        Self {
            name,
            command: command.to_owned(),
            seed,
            timeout: Duration::try_from_secs_f64(options.timeout_seconds).unwrap_or(Duration::MAX),
            repairs: options.repairs,
            running: None,
            cancel: Cancel::default(),
            stderr: None,
        }
    }

    fn failed(&self, problem: impl Into<String>) -> AgentError {
        AgentError::Process { command: self.command.clone(), problem: problem.into() }
    }

    fn start(&self) -> Result<Running, AgentError> {
        let stderr = match &self.stderr {
            None => Stdio::null(),
            Some(path) => {
                let file = File::options().create(true).append(true).open(path);
                file.map_err(|error| AgentError::io("open", path, error))?.into()
            }
        };
        let mut child = Command::new("sh")
            .args(["-c", &self.command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .process_group(0)
            .spawn()
            .map_err(|error| self.failed(format!("it can't be started: {error}")))?;
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(self.failed("it has no standard input or output"));
        };
        let (told, to_tell) = channel::<String>();
        std::thread::spawn(move || {
            // A program that has ended takes nothing; how it ended is told by its silence.
            to_tell.iter().try_for_each(|line| writeln!(stdin, "{line}").and_then(|()| stdin.flush()))
        });
        let (sender, lines) = sync_channel(1);
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            loop {
                let mut bytes = Vec::new();
                let read = (&mut reader).take(LINE_LIMIT).read_until(b'\n', &mut bytes);
                let line = match read {
                    Ok(0) => return,
                    Ok(count) if count as u64 == LINE_LIMIT => {
                        Err(std::io::Error::other(format!("its answer is longer than {LINE_LIMIT} bytes")))
                    }
                    Ok(_) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
                    Err(error) => Err(error),
                };
                let ends = line.is_err();
                if sender.send(line).is_err() || ends {
                    return;
                }
            }
        });
        Ok(Running { child, told, lines })
    }

    /// Sends a line and waits for the answer.
    fn exchange(&mut self, line: &Value) -> Result<String, AgentError> {
        if self.running.is_none() {
            self.running = Some(self.start()?);
        }
        let Some(running) = &mut self.running else { return Err(self.failed("it is not running")) };
        let _ = running.told.send(line.to_string());
        let deadline = Instant::now() + self.timeout.min(Duration::from_secs(1 << 30));
        loop {
            const TICK: Duration = Duration::from_millis(100);
            let left = deadline.saturating_duration_since(Instant::now());
            match running.lines.recv_timeout(left.min(TICK)) {
                Ok(Ok(line)) => return Ok(line),
                Ok(Err(error)) => return Err(self.failed(error.to_string())),
                Err(RecvTimeoutError::Disconnected) => {
                    let ending = self.ending();
                    return Err(self.failed(ending));
                }
                Err(RecvTimeoutError::Timeout) if self.cancel.is_cancelled() => return Err(AgentError::Cancelled),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                    self.running = None;
                    let seconds = self.timeout.as_secs_f64();
                    return Err(self.failed(format!("no answer within {seconds} s; `timeout_seconds` is the limit")));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// How it ended, with its last words.
    fn ending(&mut self) -> String {
        let Some(mut running) = self.running.take() else { return "it is not running".to_owned() };
        let status = (0..20).find_map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            running.child.try_wait().ok().flatten()
        });
        let how = match status {
            Some(status) => format!("it ended ({status}) before it answered"),
            None => "it closed its standard output before it answered".to_owned(),
        };
        match self.stderr.as_deref().and_then(last_words).filter(|words| !words.trim().is_empty()) {
            Some(words) => format!("{how}; its last words on standard error:\n{}", words.trim_end()),
            None => how,
        }
    }

    fn told(&self, observation: &Observation) -> Value {
        json!({ "observation": observation, "text": observation.text(), "seed": self.seed })
    }
}

/// The end of a file.
fn last_words(file: &Path) -> Option<String> {
    const MOST: u64 = 2_000;
    let mut file = File::open(file).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MOST))).ok()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

impl Agent for Process {
    fn name(&self) -> &str {
        &self.name
    }

    fn act(&mut self, observation: &Observation) -> Result<Option<Call>, AgentError> {
        let mut line = self.told(observation);
        let mut problem = String::new();
        for _ in 0..=self.repairs {
            let answer = self.exchange(&line)?;
            if answer.trim() == "null" {
                return Ok(None);
            }
            // Any name and any parameters: what the environment dislikes is the next observation.
            match serde_json::from_str::<Call>(&answer) {
                Ok(call) => return Ok(Some(call)),
                Err(error) => problem = error.to_string(),
            }
            line =
                json!({ "error": format!("not a call: {problem}; expected {{\"action\": …, \"params\": …}} or null") });
        }
        Err(AgentError::NoCall { attempts: self.repairs + 1, problem })
    }

    fn restore(&mut self, observation: &Observation, call: &Call) -> Result<(), AgentError> {
        let mut line = self.told(observation);
        line["chosen"] = json!(call);
        self.exchange(&line).map(drop)
    }

    fn keep_in(&mut self, folder: &Path) -> Result<(), AgentError> {
        self.stderr = Some(folder.join("agent-stderr.txt"));
        Ok(())
    }

    fn cancel_by(&mut self, cancel: Cancel) {
        self.cancel = cancel;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::testing::observation;

    fn process(command: &str, timeout_seconds: f64) -> Process {
        let options = AgentOptions { timeout_seconds, repairs: 1, ..AgentOptions::default() };
        Process::new(command, &options, 7, format!("process:{command}"))
    }

    #[test]
    fn observations_go_in_and_calls_come_out() {
        let command = r#"while read -r line; do case "$line" in *'"step":0'*) echo '{"action":"get_history"}';; *) echo null;; esac; done"#;
        let mut agent = process(command, 20.0);
        assert_eq!(agent.act(&observation(0)).unwrap().unwrap().action, "get_history");
        assert_eq!(agent.act(&observation(1)).unwrap(), None);
        agent.restore(&observation(0), &Call::request_info("x")).unwrap();
    }

    #[test]
    fn a_line_that_is_no_call_is_answered_with_an_error() {
        let mut agent =
            process(r#"read a; echo no; read b; case "$b" in *error*) echo '{"action":"reset"}';; esac"#, 20.0);
        assert_eq!(agent.act(&observation(0)).unwrap().unwrap().action, "reset");
        let error = process("cat", 20.0).act(&observation(0)).unwrap_err().to_string();
        assert!(error.contains("no usable action after 2 attempts: missing field `action`"), "{error}");
    }

    #[test]
    fn a_crash_a_hang_and_a_cancelled_wait_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let mut agent = process("echo 'no key' >&2; exit 3", 20.0);
        agent.keep_in(folder.path()).unwrap();
        let error = agent.act(&observation(0)).unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.contains("no key"), "{error}");
        let started = Instant::now();
        let error = process("sleep 600", 0.3).act(&observation(0)).unwrap_err().to_string();
        assert!(error.contains("no answer within 0.3 s"), "{error}");
        let mut flood = observation(0);
        flood.history = "x".repeat(1 << 20);
        let error = process("sleep 600", 0.3).act(&flood).unwrap_err().to_string();
        assert!(error.contains("no answer within 0.3 s"), "{error}");
        let mut agent = process("sleep 600", 600.0);
        let cancel = Cancel::default();
        cancel.cancel();
        agent.cancel_by(cancel);
        assert!(matches!(agent.act(&observation(0)), Err(AgentError::Cancelled)));
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}

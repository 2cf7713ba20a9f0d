//! Is a source Python? Asked before a sandbox is started for it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Runtime;
use super::syntax_helper::{Answer, Helper};
use crate::error::SandboxError;

/// What is known of a source's syntax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "syntax", rename_all = "snake_case")]
pub enum Syntax {
    /// The runtime's interpreter compiles it.
    Valid,
    /// It refuses to; running the source could only fail the same way.
    Invalid(SyntaxProblem),
    /// It can't tell: compiling takes too long, too much memory, or crashes it. Running the source will tell.
    Unchecked {
        /// Why.
        reason: String,
    },
}

/// Why a source is not Python. Displays as the interpreter itself would print it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyntaxProblem {
    /// The exception's class: `SyntaxError`, `IndentationError`, `TabError`.
    pub kind: String,
    /// Its message: `invalid syntax`.
    pub message: String,
    /// The file's name, as given to [`SyntaxChecker::check`].
    pub file: String,
    /// From 1; `None` where the interpreter names no line.
    pub line: Option<u32>,
    /// In characters, from 1.
    pub column: Option<u32>,
    /// The line's text, unless it is very long.
    pub text: Option<String>,
}

impl fmt::Display for SyntaxProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            writeln!(f, "  File \"{}\", line {line}", self.file)?;
            if let Some(text) = &self.text {
                let shown = text.trim_start();
                writeln!(f, "    {}", shown.trim_end())?;
                let indent = text.chars().count() - shown.chars().count();
                if let Some(caret) = self.column.and_then(|column| (column as usize).checked_sub(indent + 1)) {
                    writeln!(f, "    {:caret$}^", "")?;
                }
            }
        }
        write!(f, "{}: {}", self.kind, self.message)
    }
}

/// Checks sources with the interpreter that would run them, in one long-lived process that only compiles.
///
/// It can be shared between threads; checks are made one after the other, each in well under a millisecond for
/// ordinary sources. The process ends with the checker, or with the program, however that ends.
#[derive(Debug)]
pub struct SyntaxChecker {
    requests: Option<mpsc::Sender<Request>>,
    keeper: Option<thread::JoinHandle<()>>,
}

struct Request {
    source: Vec<u8>,
    reply: mpsc::SyncSender<io::Result<Verdict>>,
}

enum Verdict {
    Answer(Answer),
    Failure(String),
}

impl SyntaxChecker {
    /// Starts the checking process of this runtime's interpreter.
    ///
    /// # Errors
    /// If the interpreter doesn't start.
    pub fn start(runtime: &Runtime) -> Result<Self, SandboxError> {
        Self::with_patience(runtime, Duration::from_secs(10))
    }

    fn with_patience(runtime: &Runtime, patience: Duration) -> Result<Self, SandboxError> {
        let (requests, inbox) = mpsc::channel();
        let python = runtime.interpreter().executable.clone();
        // The process is bound to the thread that starts it, so one thread lives as long as the checker does.
        let keeper = thread::Builder::new()
            .name("syntax-checker".to_owned())
            .spawn(move || Keeper { python, patience, helper: None }.serve(&inbox))
            .map_err(|source| SandboxError::System { action: "start the syntax checker", source })?;
        let checker = Self { requests: Some(requests), keeper: Some(keeper) };
        match checker.check(b"", "")? {
            Syntax::Unchecked { reason } => Err(SandboxError::Runtime {
                reason: format!("the runtime's interpreter can't check syntax: {reason}"),
                hint: format!("does `{}` start?", runtime.interpreter().executable.display()),
            }),
            _ => Ok(checker),
        }
    }

    /// Checks one source; `file_name` is how messages call it. Bytes that aren't UTF-8 are read as the interpreter
    /// reads them, by a coding line (PEP 263) if there is one.
    ///
    /// # Errors
    /// If the interpreter doesn't start any more.
    pub fn check(&self, source: &[u8], file_name: &str) -> Result<Syntax, SandboxError> {
        let gone =
            || SandboxError::System { action: "check syntax", source: io::Error::from(io::ErrorKind::BrokenPipe) };
        let (reply, verdict) = mpsc::sync_channel(1);
        let request = Request { source: source.to_vec(), reply };
        self.requests.as_ref().ok_or_else(gone)?.send(request).map_err(|_| gone())?;
        match verdict.recv().map_err(|_| gone())? {
            Ok(Verdict::Answer(answer)) => Ok(syntax(answer, file_name)),
            Ok(Verdict::Failure(reason)) => Ok(Syntax::Unchecked { reason }),
            Err(source) => Err(SandboxError::System { action: "start the syntax checker", source }),
        }
    }
}

impl Drop for SyntaxChecker {
    fn drop(&mut self) {
        self.requests.take();
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}

fn syntax(answer: Answer, file_name: &str) -> Syntax {
    if let Some(reason) = answer.unchecked {
        return Syntax::Unchecked { reason };
    }
    let Some(kind) = answer.kind else { return Syntax::Valid };
    Syntax::Invalid(SyntaxProblem {
        kind,
        message: answer.message.unwrap_or_default(),
        file: file_name.to_owned(),
        line: answer.line,
        column: answer.column,
        text: answer.text,
    })
}

/// Owns the process, and starts a new one after a crash or a hang.
struct Keeper {
    python: PathBuf,
    patience: Duration,
    helper: Option<Helper>,
}

impl Keeper {
    fn serve(mut self, inbox: &mpsc::Receiver<Request>) {
        while let Ok(request) = inbox.recv() {
            // The asker may be gone; nobody else misses the answer.
            let _ = request.reply.send(self.answer(&request.source));
        }
    }

    fn answer(&mut self, source: &[u8]) -> io::Result<Verdict> {
        // One that ended between two checks says nothing about this source.
        let idle = self.helper.take().and_then(|mut helper| helper.is_alive().then_some(helper));
        let mut helper = match idle {
            Some(helper) => helper,
            None => start(&self.python)?,
        };
        match helper.ask(source, Instant::now() + self.patience) {
            Ok(answer) => {
                self.helper = Some(helper);
                Ok(Verdict::Answer(answer))
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                Ok(Verdict::Failure(format!("compiling it takes more than {} s", self.patience.as_secs_f32())))
            }
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Ok(Verdict::Failure("it is larger than 4 GiB".to_owned()))
            }
            Err(_) => Ok(Verdict::Failure(format!("compiling it ended the interpreter ({})", helper.end()))),
        }
    }
}

fn start(python: &Path) -> io::Result<Helper> {
    Helper::start(python)
        .map_err(|error| io::Error::new(error.kind(), format!("`{}` doesn't start: {error}", python.display())))
}

#[cfg(test)]
mod tests {
    use rustix::process::{Pid, Signal, kill_process, test_kill_process};

    use super::*;

    fn keeper(patience: Duration) -> Keeper {
        let python = std::env::var_os("MLEDOJO_TEST_PYTHON").expect("set MLEDOJO_TEST_PYTHON to a Python ≥ 3.11");
        Keeper { python: python.into(), patience, helper: None }
    }

    fn process(keeper: &Keeper) -> Pid {
        Pid::from_raw(keeper.helper.as_ref().unwrap().id().cast_signed()).unwrap()
    }

    #[test]
    fn a_helper_that_was_killed_between_checks_is_replaced() {
        let mut keeper = keeper(Duration::from_secs(10));
        assert!(matches!(keeper.answer(b"x = 1"), Ok(Verdict::Answer(Answer { kind: None, .. }))));
        let first = process(&keeper);
        kill_process(first, Signal::KILL).unwrap();
        // Its end may be seen before the check or during it; the check after that has a new one either way.
        let _ = keeper.answer(b"x = 1").unwrap();
        assert!(matches!(keeper.answer(b"x = ="), Ok(Verdict::Answer(Answer { kind: Some(_), .. }))));
        assert_ne!(process(&keeper), first);
        assert!(test_kill_process(first).is_err(), "the first helper is left as a zombie");
    }

    #[test]
    fn a_compilation_without_end_is_given_up() {
        let mut keeper = keeper(Duration::from_millis(300));
        assert!(matches!(keeper.answer(b""), Ok(Verdict::Answer(_))));
        let first = process(&keeper);
        let slow = b"def function(argument): return argument\n".repeat(100_000);
        let Ok(Verdict::Failure(reason)) = keeper.answer(&slow) else { panic!("it was quicker than 0.3 s") };
        assert!(reason.contains("more than 0.3 s"), "{reason}");
        assert!(keeper.helper.is_none() && test_kill_process(first).is_err());
        assert!(matches!(keeper.answer(b""), Ok(Verdict::Answer(_))));
    }

    #[test]
    fn a_missing_interpreter_is_an_error_that_names_it() {
        let mut keeper = Keeper { python: "/nonexistent/python".into(), ..keeper(Duration::from_secs(1)) };
        let Err(error) = keeper.answer(b"") else { panic!("it started") };
        assert!(error.to_string().contains("`/nonexistent/python` doesn't start"), "{error}");
    }

    #[test]
    fn a_problem_displays_as_python_prints_it() {
        let mut problem = SyntaxProblem {
            kind: "SyntaxError".into(),
            message: "invalid syntax".into(),
            file: "a.py".into(),
            line: Some(7),
            column: Some(7),
            text: Some("    x = = 1 ".into()),
        };
        assert_eq!(problem.to_string(), "  File \"a.py\", line 7\n    x = = 1\n      ^\nSyntaxError: invalid syntax");
        problem.column = Some(1);
        problem.text = Some("    y".into());
        assert_eq!(problem.to_string(), "  File \"a.py\", line 7\n    y\nSyntaxError: invalid syntax");
        problem.line = None;
        assert_eq!(problem.to_string(), "SyntaxError: invalid syntax");
    }
}

//! What runs are compared with: Python without a jail.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use mledojo_sandbox::Preload;

use super::measure::timed;
use super::{Bench, BenchError};

/// For each line on stdin: forks, waits for the fork, which ends at once, and prints the seconds.
const FORKS: &str = "
import gc, os, sys, time
for module in sys.argv[1:]:
    try: __import__(module)
    except ImportError: pass
gc.collect(); gc.freeze()
print('ready', flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    os.waitpid(os.fork() or os._exit(0), 0)
    print(time.perf_counter() - start, flush=True)
";

impl Bench {
    /// Seconds of `python SCRIPT`, from outside.
    pub(super) fn plain_run(&self, script: &Path) -> Result<f64, BenchError> {
        let mut command = Command::new(&self.runtime.interpreter().executable);
        command.arg(script).stdin(Stdio::null()).stdout(Stdio::null());
        let (seconds, status) = timed(|| command.status().map_err(failed))?;
        if !status.success() {
            return Err(BenchError::Failed { what: "python without a jail", reason: status.to_string() });
        }
        Ok(seconds)
    }
}

/// A Python that has imported what a warm interpreter has, and forks when asked to, without a jail or anything else.
pub(super) struct Forker {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Forker {
    pub(super) fn start(bench: &Bench) -> Result<Self, BenchError> {
        let mut command = Command::new(&bench.runtime.interpreter().executable);
        command.args(["-c", FORKS]).args(Preload::default().modules).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(failed)?;
        let gone = || failed(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
        let input = process.stdin.take().ok_or_else(gone)?;
        let output = BufReader::new(process.stdout.take().ok_or_else(gone)?);
        let mut forker = Self { process, input, output };
        forker.line()?;
        Ok(forker)
    }

    /// Seconds of one fork that ends at once, as the one that forks sees it.
    pub(super) fn fork(&mut self) -> Result<f64, BenchError> {
        writeln!(self.input, "fork").map_err(failed)?;
        let line = self.line()?;
        line.trim().parse().map_err(|_| BenchError::Failed { what: "a bare fork", reason: line })
    }

    fn line(&mut self) -> Result<String, BenchError> {
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(failed)?;
        Ok(line)
    }
}

impl Drop for Forker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn failed(source: std::io::Error) -> BenchError {
    BenchError::Io { action: "run Python without a jail", source }
}

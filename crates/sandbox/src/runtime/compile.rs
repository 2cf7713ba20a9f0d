//! Compiling the installed packages to bytecode, once, on all cores: agent code sees them read-only, and would
//! otherwise compile them anew in each run.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use super::command::{die_with_parent, inherit, isolate_environment, readable_by_all};
use super::io_error;
use crate::error::SandboxError;

/// Compiles every module below `site_packages`, save packages' own tests; `on_progress` is told how many of how many are done.
///
/// Files that are no valid Python of this version (templates, tests of other versions) are left uncompiled.
pub(super) fn compile(
    python: &Path,
    site_packages: &Path,
    lock: &File,
    on_progress: &mut dyn FnMut(usize, usize),
) -> Result<(), SandboxError> {
    let mut sources = Vec::new();
    collect_sources(site_packages, &mut sources)?;
    let workers = thread::available_parallelism().map_or(1, usize::from).min(16);
    let failed = |source| SandboxError::System { action: "compile the installed packages", source };

    let (sender, receiver) = mpsc::channel();
    let mut children = Vec::new();
    for worker in 0..workers {
        // Dealt out like cards: neighbours are of one package and alike in size.
        let share: Vec<&PathBuf> = sources.iter().skip(worker).step_by(workers).collect();
        let mut child = start(python, &share, lock).map_err(failed)?;
        let output = child.stdout.take();
        let sender = sender.clone();
        children.push(child);
        thread::spawn(move || {
            let Some(output) = output else { return };
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                if line.starts_with(b"Compiling ") && sender.send(()).is_err() {
                    return;
                }
            }
        });
    }
    drop(sender);
    for (done, ()) in receiver.into_iter().enumerate() {
        on_progress((done + 1).min(sources.len()), sources.len());
    }
    for mut child in children {
        let status = child.wait().map_err(failed)?;
        // 1: some file was no valid Python.
        if !matches!(status.code(), Some(0 | 1)) {
            return Err(failed(io::Error::other(format!("the compiler ended with {status}"))));
        }
    }
    Ok(())
}

fn collect_sources(folder: &Path, sources: &mut Vec<PathBuf>) -> Result<(), SandboxError> {
    for entry in fs::read_dir(folder).map_err(io_error("read", folder))? {
        let entry = entry.map_err(io_error("read", folder))?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(io_error("read", folder))?);
        if kind.is_dir() {
            // A third of the modules, and nobody imports them.
            if entry.file_name() == "tests" {
                continue;
            }
            collect_sources(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "py") {
            sources.push(path);
        }
    }
    Ok(())
}

/// Direct children, not the compiler's own pool, whose workers outlive it if it's killed.
fn start(python: &Path, sources: &[&PathBuf], lock: &File) -> io::Result<Child> {
    let mut list = tempfile::tempfile()?;
    for source in sources {
        list.write_all(source.as_os_str().as_encoded_bytes())?;
        list.write_all(b"\n")?;
    }
    list.rewind()?;
    let mut command = Command::new(python);
    command.args(["-I", "-W", "ignore", "-m", "compileall", "--invalidation-mode", "timestamp", "-i", "-"]);
    isolate_environment(&mut command);
    die_with_parent(&mut command);
    readable_by_all(&mut command);
    inherit(&mut command, lock);
    command.stdin(list).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
}

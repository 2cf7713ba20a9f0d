//! What an installation tells of its progress, read from what pip and uv print.

use std::collections::BTreeSet;

use super::lock::normalise;

/// A sign of progress: the step at hand, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallEvent {
    /// What is being done.
    pub step: InstallStep,
    /// On what: a package, an interpreter.
    pub detail: Option<String>,
    /// How many of `total` are done.
    pub done: usize,
    /// How many there are; 0 where it isn't known.
    pub total: usize,
}

impl InstallEvent {
    pub(super) fn of(step: InstallStep) -> Self {
        Self { step, detail: None, done: 0, total: 0 }
    }

    pub(super) fn on(step: InstallStep, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::of(step) }
    }
}

/// The steps of an installation, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum InstallStep {
    /// Another process is installing the same runtime.
    Waiting,
    /// Looking for the Python to build on; the detail is the one found.
    FindingPython,
    /// Making the empty environment; the detail is the tool.
    CreatingEnvironment,
    /// Fetching packages; the detail is a package. Counts packages.
    Fetching,
    /// Unpacking the fetched packages into the environment.
    Unpacking,
    /// Compiling modules to bytecode. Counts modules.
    Compiling,
    /// Importing each package. Counts packages.
    Checking,
}

impl InstallStep {
    /// The step in words: `fetching packages`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Waiting => "waiting for another installation",
            Self::FindingPython => "looking for Python",
            Self::CreatingEnvironment => "creating the environment",
            Self::Fetching => "fetching packages",
            Self::Unpacking => "unpacking packages",
            Self::Compiling => "compiling packages",
            Self::Checking => "checking packages",
        }
    }
}

/// Reads an installer's output line by line.
#[derive(Debug)]
pub(super) struct OutputReader {
    total: usize,
    fetched: BTreeSet<String>,
}

impl OutputReader {
    pub(super) fn new(total: usize) -> Self {
        Self { total, fetched: BTreeSet::new() }
    }

    /// The event that a line of the output stands for, if any.
    pub(super) fn read(&mut self, line: &str) -> Option<InstallEvent> {
        let line = line.trim();
        // pip names each package as it turns to it, whether it's then downloaded or cached; uv names only the large
        // ones, when their download starts and, as ` Downloaded`, when it is over.
        if let Some(name) = line.strip_prefix("Collecting ").or_else(|| line.strip_prefix("Downloaded ")) {
            let name = package(name);
            self.fetched.insert(name.clone());
            return Some(self.fetching(name));
        }
        if let Some(name) = line.strip_prefix("Downloading ").filter(|rest| !rest.contains("://")) {
            // pip prints a file's name here, right after `Collecting`.
            let is_file =
                name.split_whitespace().next().is_some_and(|word| word.contains(".whl") || word.contains(".tar"));
            return (!is_file).then(|| self.fetching(package(name)));
        }
        if line.starts_with("Installing collected packages") || line.starts_with("Prepared ") {
            return Some(InstallEvent {
                done: self.total,
                total: self.total,
                ..InstallEvent::of(InstallStep::Unpacking)
            });
        }
        None
    }

    fn fetching(&self, name: String) -> InstallEvent {
        let done = self.fetched.len().min(self.total);
        InstallEvent { done, total: self.total, ..InstallEvent::on(InstallStep::Fetching, name) }
    }
}

/// The package's name at the start of `numpy==2.4.6 (from …)` or `numpy (15.9MiB)`.
fn package(text: &str) -> String {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(text.len());
    normalise(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(output: &str) -> Vec<(InstallStep, Option<String>, usize)> {
        let mut reader = OutputReader::new(3);
        output.lines().filter_map(|line| reader.read(line)).map(|e| (e.step, e.detail, e.done)).collect()
    }

    #[test]
    fn pip_output() {
        let output = "Looking in links: /wheels\nCollecting numpy==2.4.6 (from -r requirements.lock (line 9))\n  Downloading numpy-2.4.6-cp311.whl (16.6 MB)\nCollecting Scikit_learn==1.9.1\n  Using cached scikit_learn-1.9.1.whl (9 MB)\nInstalling collected packages: numpy, scikit-learn\nSuccessfully installed numpy-2.4.6";
        assert_eq!(
            events(output),
            [
                (InstallStep::Fetching, Some("numpy".into()), 1),
                (InstallStep::Fetching, Some("scikit-learn".into()), 2),
                (InstallStep::Unpacking, None, 3),
            ]
        );
    }

    #[test]
    fn uv_output() {
        let output = "Using Python 3.13.1 environment at: venv\nResolved 19 packages in 3ms\nDownloading numpy (15.9MiB)\nDownloading scipy (33.4MiB)\n Downloaded scipy\nPrepared 19 packages in 3.24s\nInstalled 19 packages in 120ms\n + numpy==2.4.6";
        assert_eq!(
            events(output),
            [
                (InstallStep::Fetching, Some("numpy".into()), 0),
                (InstallStep::Fetching, Some("scipy".into()), 0),
                (InstallStep::Fetching, Some("scipy".into()), 1),
                (InstallStep::Unpacking, None, 3),
            ]
        );
    }
}

//! Recipes that are a script of a user's own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::PrepareError;
use crate::workspace::Workspace;

/// A script that makes `public/` and `private/`, or parts of them.
#[derive(Debug, Clone, Copy)]
pub struct RecipeScript<'a> {
    /// The script: a Python file, or one for `sh` if its name ends in `.sh`.
    pub file: &'a Path,
    /// What it reads: the download, and what steps before it unpacked.
    pub inputs: [(&'a str, &'a Path); 2],
    /// The folder that it works in, where it makes `public/` and `private/`.
    pub work_dir: &'a Path,
    /// The protocol's name, for scripts that tell them apart.
    pub protocol: &'a str,
}

/// Runs scripts of recipes. This crate knows nothing of sandboxes, so whoever prepares brings one.
pub trait ScriptRunner: Sync {
    /// Runs a script to its end.
    ///
    /// # Errors
    /// Why it failed, with what it printed.
    fn run(&self, script: &RecipeScript<'_>) -> Result<(), String>;
}

impl Workspace<'_> {
    /// Runs a script of the competition's folder, and takes over the files that it made.
    ///
    /// # Errors
    /// No folder, no runner, a script that fails, or one that makes what is no plain file.
    pub(crate) fn run_script(&mut self, name: &str) -> Result<(), PrepareError> {
        let folder = self.competition.folder.as_ref();
        let folder = folder.ok_or_else(|| {
            self.error("a script can only be part of a competition in a folder of your own".to_owned())
        })?;
        let runner = self
            .scripts
            .ok_or_else(|| self.error("its recipe has a script, and nothing was given to run scripts in".to_owned()))?;
        let file = folder.join(name);
        let work_dir = self.staging.join("script");
        let create = |error| PrepareError::io("create", &work_dir, error);
        if work_dir.exists() {
            fs::remove_dir_all(&work_dir).map_err(create)?;
        }
        fs::create_dir_all(&work_dir).map_err(create)?;
        let protocol = self.protocol().to_string();
        let (raw, unpacked) = (self.raw().to_owned(), self.unpacked().to_owned());
        let script = RecipeScript {
            file: &file,
            inputs: [("raw", raw.as_path()), ("unpacked", unpacked.as_path())],
            work_dir: &work_dir,
            protocol: &protocol,
        };
        runner.run(&script).map_err(|reason| PrepareError::Script { file, reason })?;
        for part in ["public", "private"] {
            self.take_over(&work_dir.join(part), part)?;
        }
        Ok(())
    }

    /// Moves what a script made into the competition's folder.
    fn take_over(&self, from: &Path, to: &str) -> Result<(), PrepareError> {
        if !from.exists() {
            return Ok(());
        }
        let unreadable = |error| PrepareError::io("read", from, error);
        for entry in fs::read_dir(from).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            let path: PathBuf = entry.path();
            let target = format!("{to}/{}", entry.file_name().to_string_lossy());
            if kind.is_dir() {
                self.take_over(&path, &target)?;
            } else if kind.is_file() {
                let target = self.new_file(&target)?;
                fs::rename(&path, &target).map_err(|error| PrepareError::io("create", &target, error))?;
            } else {
                return Err(self.error(format!("its script made `{target}`, which is neither a file nor a folder")));
            }
        }
        Ok(())
    }
}

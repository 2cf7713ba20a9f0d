//! Which folders of the host an interpreter needs to see, and which it may not ask for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::probe::Facts;
use crate::error::SandboxError;
use crate::interpreter::Interpreter;

/// Folders that hold more than a Python installation. `/usr` is not among them: it's the system's software.
const TOO_BROAD: [&str; 18] = [
    "/",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lost+found",
    "/media",
    "/mnt",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/srv",
    "/sys",
    "/tmp",
    "/var",
    "/var/lib",
    "/var/tmp",
];
/// Folders in which every sandbox looks for the system's shared libraries, under a usual or a merged `/usr`.
const SYSTEM_LIBRARIES: [&str; 3] = ["/lib", "/lib64", "/usr"];
/// Links followed before a path counts as a loop, as in the kernel.
const MAX_LINKS: usize = 40;

/// The interpreter that `facts` describe, with the folders it needs.
///
/// # Errors
/// If one of them is too broad to be shown to agent code.
pub(super) fn interpreter(facts: &Facts) -> Result<Interpreter, SandboxError> {
    // Outside a virtual environment nothing depends on the name by which Python is started, so links don't matter.
    let executable = if facts.is_venv { facts.executable.clone() } else { resolve(&facts.executable)? };
    let mut folders = Folders::default();
    for prefix in &facts.prefixes {
        folders.add(prefix)?;
    }
    for folder in &facts.standard_library {
        folders.add(folder)?;
    }
    for location in link_chain(&executable)? {
        folders.add_location(&location)?;
    }
    for home in facts.prefixes.iter().filter_map(|prefix| home_of_environment(prefix)) {
        folders.add_location(&home.join("python"))?;
    }
    for library in &facts.libraries {
        if !SYSTEM_LIBRARIES.iter().any(|system| library.starts_with(system)) {
            folders.add_location(library)?;
        }
    }
    if let Some(site_packages) = facts.site_packages.as_ref().filter(|path| path.is_dir()) {
        folders.add(site_packages)?;
    }
    let site_packages = facts.site_packages.clone().filter(|path| path.is_dir());
    Ok(Interpreter { executable, read_only: folders.outermost(), site_packages })
}

/// Folders gathered so far, each under the name by which it was asked for and under its resolved name.
#[derive(Default)]
struct Folders(BTreeSet<PathBuf>);

impl Folders {
    fn add(&mut self, folder: &Path) -> Result<(), SandboxError> {
        if !folder.is_dir() || self.covers(folder) {
            return Ok(());
        }
        let resolved = resolve(folder)?;
        for name in [folder, &resolved] {
            refuse_broad(name)?;
            self.0.insert(name.to_path_buf());
        }
        Ok(())
    }

    /// Adds what a file needs: the installation whose `bin` or `lib` it is in, if that is already known under another
    /// name, else its own folder.
    fn add_location(&mut self, file: &Path) -> Result<(), SandboxError> {
        let Some(folder) = file.parent() else { return Ok(()) };
        if let Some(installation) = folder.parent()
            && fs::canonicalize(installation).is_ok_and(|resolved| self.0.contains(&resolved))
        {
            return self.add(installation);
        }
        self.add(folder)
    }

    fn covers(&self, folder: &Path) -> bool {
        // A name that leads through a link must appear by itself, so only plain names below a known one are covered.
        folder.ancestors().any(|ancestor| self.0.contains(ancestor)) && resolve(folder).is_ok_and(|r| r == folder)
    }

    fn outermost(self) -> Vec<PathBuf> {
        let resolved: Vec<PathBuf> =
            self.0.iter().filter(|path| resolve(path).is_ok_and(|r| r == **path)).cloned().collect();
        let inside_another =
            |path: &PathBuf| resolved.contains(path) && path.ancestors().skip(1).any(|a| self.0.contains(a));
        self.0.iter().filter(|path| !inside_another(path)).cloned().collect()
    }
}

/// Every name by which `path` is reached: itself, then where each link leads, as the links spell it.
fn link_chain(path: &Path) -> Result<Vec<PathBuf>, SandboxError> {
    let mut chain = vec![path.to_path_buf()];
    let mut current = path.to_path_buf();
    while let Ok(target) = fs::read_link(&current) {
        if chain.len() > MAX_LINKS {
            return Err(SandboxError::Runtime {
                reason: format!("`{}` leads through more than {MAX_LINKS} links", path.display()),
                hint: "give the path of the interpreter itself".to_owned(),
            });
        }
        let folder = current.parent().unwrap_or(Path::new("/"));
        current = if target.components().any(|part| part == Component::ParentDir) {
            // `..` after a linked folder means that folder's true parent.
            let folder = folder.join(target.parent().unwrap_or(Path::new("")));
            resolve(&folder)?.join(target.file_name().unwrap_or_default())
        } else {
            folder.join(target)
        };
        chain.push(current.clone());
    }
    chain.push(resolve(path)?);
    chain.dedup();
    Ok(chain)
}

/// The `home` of a `pyvenv.cfg`: the folder of the interpreter that made the environment.
fn home_of_environment(prefix: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(prefix.join("pyvenv.cfg")).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "home").then(|| PathBuf::from(value.trim()))
    })
}

fn resolve(path: &Path) -> Result<PathBuf, SandboxError> {
    fs::canonicalize(path).map_err(super::io_error("resolve", path))
}

fn refuse_broad(folder: &Path) -> Result<(), SandboxError> {
    let home = std::env::home_dir().filter(|home| home.is_absolute());
    let holds_home = |home: PathBuf| {
        home.starts_with(folder) || fs::canonicalize(home).is_ok_and(|resolved| resolved.starts_with(folder))
    };
    let broad = TOO_BROAD.iter().any(|broad| folder == Path::new(broad))
        || folder.parent() == Some(Path::new("/home"))
        || home.is_some_and(holds_home);
    if !broad {
        return Ok(());
    }
    Err(SandboxError::Runtime {
        reason: format!(
            "this Python needs the folder `{}`, which holds more than a Python installation; agent code could read all of it",
            folder.display()
        ),
        hint: "use a Python in a folder of its own: a virtual environment made by `python3 -m venv`, or the system's"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A tree as uv keeps it: an environment whose link leads through a linked folder to the installation.
    fn uv_like(root: &Path) -> Facts {
        let install = root.join("python/cpython-3.13.1");
        let venv = root.join("venv");
        for folder in [install.join("bin"), install.join("lib/python3.13"), venv.join("bin"), venv.join("lib")] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(install.join("bin/python3.13"), "").unwrap();
        symlink("cpython-3.13.1", root.join("python/cpython-3.13")).unwrap();
        symlink(root.join("python/cpython-3.13/bin/python3.13"), venv.join("bin/python")).unwrap();
        fs::write(venv.join("pyvenv.cfg"), format!("home = {}\n", root.join("python/cpython-3.13/bin").display()))
            .unwrap();
        Facts {
            executable: venv.join("bin/python"),
            prefixes: vec![venv.clone(), venv.clone(), install.clone(), install.clone()],
            is_venv: true,
            standard_library: vec![install.join("lib/python3.13")],
            site_packages: Some(venv.join("lib")),
            ..Facts::default()
        }
    }

    #[test]
    fn linked_folders_appear_under_both_names() {
        let scratch = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(scratch.path()).unwrap();
        let found = interpreter(&uv_like(&root)).unwrap();
        assert_eq!(found.executable, root.join("venv/bin/python"));
        let expected: Vec<_> =
            ["python/cpython-3.13", "python/cpython-3.13.1", "venv"].iter().map(|name| root.join(name)).collect();
        assert_eq!(found.read_only, expected);
    }

    #[test]
    fn links_outside_of_any_installation_add_their_own_folder() {
        let scratch = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(scratch.path()).unwrap();
        let facts = uv_like(&root);
        fs::create_dir(root.join("alternatives")).unwrap();
        symlink(root.join("python/cpython-3.13/bin/python3.13"), root.join("alternatives/python")).unwrap();
        fs::remove_file(root.join("venv/bin/python")).unwrap();
        symlink("../../alternatives/python", root.join("venv/bin/python")).unwrap();
        let found = interpreter(&facts).unwrap();
        assert!(found.read_only.contains(&root.join("alternatives")), "{:?}", found.read_only);
        assert!(found.read_only.contains(&root.join("python/cpython-3.13")), "{:?}", found.read_only);
    }

    #[test]
    fn an_interpreter_outside_of_environments_is_started_by_its_own_name() {
        let scratch = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(scratch.path()).unwrap();
        let mut facts = uv_like(&root);
        facts.is_venv = false;
        facts.prefixes.drain(..2);
        let found = interpreter(&facts).unwrap();
        assert_eq!(found.executable, root.join("python/cpython-3.13.1/bin/python3.13"));
    }

    #[test]
    fn broad_folders_are_refused_by_name() {
        let home = std::env::home_dir().unwrap();
        for folder in ["/", "/home", "/home/someone", "/etc", "/tmp", home.to_str().unwrap()] {
            let error = refuse_broad(Path::new(folder)).unwrap_err().to_string();
            assert!(error.contains(&format!("`{folder}`")), "{error}");
        }
        for folder in ["/usr", "/usr/local", "/opt/conda", "/nix/store/x-python"] {
            refuse_broad(Path::new(folder)).unwrap();
        }
        refuse_broad(&home.join(".pyenv/versions/3.11.7")).unwrap();
    }

    #[test]
    fn a_loop_of_links_is_an_error() {
        let scratch = tempfile::tempdir().unwrap();
        symlink("b", scratch.path().join("a")).unwrap();
        symlink("a", scratch.path().join("b")).unwrap();
        assert!(link_chain(&scratch.path().join("a")).unwrap_err().to_string().contains("links"));
    }
}

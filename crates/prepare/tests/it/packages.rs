//! The packages that the sources lie in, and small things that all tests need.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use mledojo_catalog::{Catalog, Competition};
use mledojo_prepare::{PrepareError, PrepareRequest, Prepared, prepare};

/// The bundled competitions.
pub(crate) const SLUGS: [&str; 6] = ["breast-cancer", "co2", "diabetes", "digits", "iris", "wine"];

/// The interpreter in `MLEDOJO_TEST_PYTHON`.
pub(crate) fn python() -> PathBuf {
    let python = std::env::var_os("MLEDOJO_TEST_PYTHON");
    python.expect("set MLEDOJO_TEST_PYTHON to a Python of the pinned runtime: its packages hold the data").into()
}

/// `site-packages` of the interpreter in `MLEDOJO_TEST_PYTHON`.
pub(crate) static SITE_PACKAGES: LazyLock<PathBuf> = LazyLock::new(|| {
    let python = python();
    let output = Command::new(&python)
        .args(["-I", "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"])
        .output()
        .unwrap_or_else(|error| panic!("MLEDOJO_TEST_PYTHON={}: {error}", python.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
});

pub(crate) fn competition(slug: &str) -> Competition {
    Catalog::bundled().get(slug).unwrap()
}

pub(crate) fn prepare_into(competition: &Competition, out: &Path) -> Result<Prepared, PrepareError> {
    prepare(&PrepareRequest { competition, site_packages: &SITE_PACKAGES, out })
}

/// A CSV file as rows of cells, the header first.
pub(crate) fn table(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

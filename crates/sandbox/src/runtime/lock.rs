//! The lock: which packages a managed runtime holds, each with the hashes of its files.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::error::SandboxError;

/// The lock of the packages that agent code may rely on.
const EMBEDDED: &str = include_str!("requirements.lock");

/// A parsed requirements file, as `pip install --require-hashes` takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lock {
    /// The file's text, handed to the installer as it is.
    pub(super) text: String,
    /// SHA-256 of `text`, in hex.
    pub(super) hash: String,
    /// In the file's order.
    pub(super) packages: Vec<LockedPackage>,
}

/// One `name==version` of a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LockedPackage {
    /// Normalised.
    pub(super) name: String,
    pub(super) version: String,
}

impl Lock {
    #[expect(clippy::expect_used, reason = "the embedded text is parsed by a test")]
    pub(super) fn embedded() -> Self {
        Self::parse(EMBEDDED).expect("the embedded lock is valid")
    }

    /// Takes `name==version` entries, each with at least one `--hash=sha256:…`. Options, URLs and environment markers
    /// are refused: what is installed must not depend on anything but the lock.
    pub(super) fn parse(text: &str) -> Result<Self, SandboxError> {
        let mut packages: Vec<LockedPackage> = Vec::new();
        let mut seen = BTreeSet::new();
        for (line, entry) in logical_lines(text) {
            let package = parse_entry(&entry).map_err(|reason| invalid(line, &reason))?;
            if !seen.insert(package.name.clone()) {
                return Err(invalid(line, &format!("`{}` is listed twice", package.name)));
            }
            packages.push(package);
        }
        if packages.is_empty() {
            return Err(invalid(1, "no package is listed"));
        }
        Ok(Self { hash: hex(&Sha256::digest(text.as_bytes())), text: text.to_owned(), packages })
    }
}

fn invalid(line: usize, reason: &str) -> SandboxError {
    SandboxError::Runtime {
        reason: format!("package lock, line {line}: {reason}"),
        hint: "expected entries `name==version --hash=sha256:…`, as `uv pip compile --generate-hashes` writes them"
            .to_owned(),
    }
}

/// Lines joined at their trailing `\`, without comments and empty ones, each with the number of its first line.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, raw) in text.lines().enumerate() {
        let line = raw.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (part, continued) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
        let (number, mut joined) = open.take().unwrap_or((index + 1, String::new()));
        joined.push_str(part);
        joined.push(' ');
        if continued {
            open = Some((number, joined));
        } else {
            lines.push((number, joined));
        }
    }
    lines.extend(open);
    lines
}

fn parse_entry(entry: &str) -> Result<LockedPackage, String> {
    let (requirement, hashes) = entry
        .split_once(" --hash=")
        .ok_or_else(|| format!("`{}` has no `--hash=sha256:…`", entry.split_whitespace().next().unwrap_or_default()))?;
    let requirement = requirement.trim();
    if requirement.contains(';') {
        return Err(format!("`{requirement}` has an environment marker; one version must serve every Python"));
    }
    let (name, version) =
        requirement.split_once("==").ok_or_else(|| format!("`{requirement}` is not pinned with `==`"))?;
    let (name, version) = (name.trim(), version.trim());
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(format!("`{name}` is no package name"));
    }
    if version.is_empty() || !version.chars().all(|c| is_name(c) || "+!".contains(c)) {
        return Err(format!("`{version}` is no exact version of `{name}`"));
    }
    for hash in hashes.split(" --hash=") {
        let digest = hash.trim().strip_prefix("sha256:").unwrap_or_default();
        if digest.len() != 64 || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(format!("`{}` is no SHA-256 hash of `{name}`", hash.trim()));
        }
    }
    Ok(LockedPackage { name: normalise(name), version: version.to_owned() })
}

/// A package name in the form that compares equal (PEP 503): lower case, runs of `-`, `_`, `.` as one `-`.
pub(super) fn normalise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if "-_.".contains(c) {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.push(c.to_ascii_lowercase());
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn the_embedded_lock_pins_every_requirement() {
        let lock = Lock::embedded();
        for line in include_str!("requirements.in").lines().filter(|l| !l.starts_with('#')) {
            let (name, version) = line.split_once("==").unwrap();
            let wanted = LockedPackage { name: name.into(), version: version.into() };
            assert!(lock.packages.contains(&wanted), "{line} is not in requirements.lock: remake it");
        }
        assert!(!EMBEDDED.contains("://"), "the lock must not name a registry");
    }

    #[test]
    fn entries_span_lines_and_carry_comments() {
        let text = format!(
            "# header\nScikit_Learn==1.9.1 \\\n    --hash=sha256:{HASH} \\\n    --hash=sha256:{HASH}\n    # via x\n\nsix==1 --hash=sha256:{HASH}\n"
        );
        let lock = Lock::parse(&text).unwrap();
        let names: Vec<_> = lock.packages.iter().map(|p| (p.name.as_str(), p.version.as_str())).collect();
        assert_eq!(names, [("scikit-learn", "1.9.1"), ("six", "1")]);
        assert_ne!(lock.hash, Lock::parse(&text.replace("# header", "# other")).unwrap().hash);
    }

    #[test]
    fn what_is_not_an_exact_pin_is_refused_with_its_line() {
        let cases = [
            (String::new(), "line 1: no package"),
            ("\n# c\nnumpy==1\n".into(), "line 3: `numpy==1` has no `--hash"),
            (format!("numpy>=1 --hash=sha256:{HASH}"), "not pinned"),
            (format!("numpy==1.* --hash=sha256:{HASH}"), "no exact version"),
            (format!("numpy==1 ; python_version < '3.12' --hash=sha256:{HASH}"), "environment marker"),
            (format!("--find-links=x==1 --hash=sha256:{HASH}"), "no package name"),
            (format!("numpy==1 --hash=md5:{HASH}"), "no SHA-256 hash"),
            (format!("a.b==1 --hash=sha256:{HASH}\na-b==2 --hash=sha256:{HASH}"), "line 2: `a-b` is listed twice"),
        ];
        for (text, expected) in cases {
            let error = Lock::parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}

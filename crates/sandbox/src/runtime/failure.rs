//! Why an installation failed, in words that say what to do.

use std::path::Path;

use super::command::Finished;
use crate::error::SandboxError;

/// Signs in an installer's output, and what they call for. The first that is found counts: causes before symptoms.
const CAUSES: [(&[&str], &str); 7] = [
    (
        &["ensurepip is not available", "No module named venv", "No module named ensurepip"],
        "this Python can't make environments. Debian, Ubuntu: `apt install python3-venv`",
    ),
    (
        &["No space left on device", "Disk quota exceeded", "os error 28"],
        "the disk is full; the runtime needs about 1 GB",
    ),
    (
        &["libgomp.so"],
        "lightgbm needs the system's OpenMP library. Debian, Ubuntu: `apt install libgomp1`; Fedora: `dnf install libgomp`",
    ),
    (
        &["DO NOT MATCH THE HASHES", "Hash mismatch", "hash mismatch"],
        "the package index serves other files than the pinned ones; check which index is set (PIP_INDEX_URL, UV_DEFAULT_INDEX)",
    ),
    (
        &["CERTIFICATE_VERIFY_FAILED", "invalid peer certificate", "UnknownIssuer"],
        "the connection's certificate is not trusted; behind a company proxy, name its certificate in PIP_CERT and SSL_CERT_FILE",
    ),
    (
        &[
            "NewConnectionError",
            "NameResolutionError",
            "ConnectTimeout",
            "ReadTimeout",
            "ProxyError",
            "Connection refused",
            "Network is unreachable",
            "name resolution",
            "dns error",
            "error sending request",
            "Failed to fetch",
            "timed out",
        ],
        "the package index can't be reached; check the network, HTTPS_PROXY and PIP_INDEX_URL, or install from a folder of wheels",
    ),
    (
        &["No matching distribution", "no wheels", "has no usable wheels", "no matching"],
        "no wheel fits this Python and system (the pinned ones are for CPython 3.11 to 3.14 on Linux with glibc ≥ 2.28, x86_64 or aarch64)",
    ),
];

/// The error for a command that failed while doing `what`.
pub(super) fn explain(what: &str, finished: &Finished, log: &Path) -> SandboxError {
    let output = &finished.tail;
    let cause = CAUSES.iter().find(|(signs, _)| signs.iter().any(|sign| output.contains(sign)));
    let whole = format!("the whole output is in `{}`", log.display());
    SandboxError::Runtime {
        reason: format!("{what} failed ({}):\n{}", finished.status, indent(output)),
        hint: cause.map_or_else(|| whole.clone(), |(_, advice)| format!("{advice}; {whole}")),
    }
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn hint(output: &str) -> String {
        let finished = Finished { status: ExitStatus::from_raw(256), tail: output.to_owned() };
        explain("installing the packages", &finished, Path::new("/r/install.log")).to_string()
    }

    #[test]
    fn causes_win_over_symptoms_and_the_output_is_quoted() {
        let offline = hint(
            "WARNING: Retrying after connection broken by 'NewConnectionError(...)'\nERROR: No matching distribution found for numpy==2.4.6",
        );
        assert!(offline.contains("can't be reached") && offline.contains("  ERROR: No matching"), "{offline}");
        assert!(hint("OSError: libgomp.so.1: cannot open shared object file").contains("apt install libgomp1"));
        assert!(hint("ERROR: No matching distribution found for numpy").contains("glibc"));
        assert!(hint("something else").contains("hint: the whole output is in `/r/install.log`"));
    }
}

//! The clean environment that code gets, whatever runs it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use crate::error::SandboxError;
use crate::job::Job;

/// Variables that tell numeric libraries how many threads, and joblib how many processes, to start.
const THREAD_COUNTS: [&str; 7] = [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
];
/// Hints about the host's processor, which a library cannot find out by itself in every virtual machine.
const HARDWARE_HINTS: [&str; 2] = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"];

/// The code's variables; `tmp` is the folder for what needn't stay, as the code sees it.
pub(crate) fn variables(executable: &Path, job: &Job, tmp: &Path) -> Result<BTreeMap<String, String>, SandboxError> {
    let bin = executable.parent().unwrap_or(Path::new("/usr/bin")).to_string_lossy();
    let tmp = tmp.to_string_lossy();
    let threads = job.limits.cpus.map_or_else(host_cpus, |cpus| cpus.max(1)).to_string();
    let mut variables: BTreeMap<String, String> = [
        ("PATH", format!("{bin}:/usr/local/bin:/usr/bin:/bin").as_str()),
        ("HOME", &tmp),
        ("TMPDIR", &tmp),
        ("LANG", "C.UTF-8"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("XDG_CACHE_HOME", &format!("{tmp}/.cache")),
        ("MPLCONFIGDIR", &format!("{tmp}/.matplotlib")),
    ]
    .into_iter()
    .chain(THREAD_COUNTS.map(|name| (name, threads.as_str())))
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for name in HARDWARE_HINTS {
        if let Ok(value) = std::env::var(name) {
            variables.insert(name.to_owned(), value);
        }
    }
    for (name, value) in &job.env {
        if name.is_empty() || name.contains('=') {
            return Err(SandboxError::InvalidJob(format!(
                "variable name `{}`: expected a name without `=`",
                name.escape_debug()
            )));
        }
        variables.insert(name.clone(), value.clone());
    }
    Ok(variables)
}

fn host_cpus() -> u32 {
    // To find it out takes a look at a dozen files.
    static COUNT: OnceLock<u32> = OnceLock::new();
    *COUNT.get_or_init(|| {
        std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(u32::MAX))
    })
}

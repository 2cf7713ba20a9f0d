//! Running code in the sandbox, without an environment.

use std::path::PathBuf;

use mledojo_sandbox::{Cancel, Input, Job, Limits, Network};
use pyo3::prelude::*;
use pyo3::types::PyAny;
use serde_json::json;

use crate::running::interruptible;
use crate::workbench::Workbench;
use crate::{errors, values};

#[pymethods]
impl Workbench {
    /// Runs Python source in the sandbox, in a folder that it sees as `/kaggle/working`. `inputs` are pairs of a host folder
    /// and the name it has below `/kaggle/input`; with `host_paths` all show at their paths of the host too. `limits` has the
    /// shape of an episode header's `config.limits`.
    #[pyo3(signature = (code, work_dir, *, args=Vec::new(), inputs=Vec::new(), limits=None, env=Vec::new(), host_paths=false, script_name="main.py".to_owned()))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn run_script<'py>(
        &self,
        py: Python<'py>,
        code: String,
        work_dir: PathBuf,
        args: Vec<String>,
        inputs: Vec<(PathBuf, String)>,
        limits: Option<&Bound<'_, PyAny>>,
        env: Vec<(String, String)>,
        host_paths: bool,
        script_name: String,
    ) -> PyResult<Bound<'py, PyAny>> {
        let limits: Limits =
            limits.map(|limits| values::from_python(limits, "limits")).transpose()?.unwrap_or_default();
        let engine = self.engine(py)?;
        let job = Job {
            script: code.into_bytes(),
            script_name,
            args,
            work_dir,
            inputs: inputs.into_iter().map(|(host, name)| Input { host, name }).collect(),
            host_paths,
            masked: Vec::new(),
            hidden: Vec::new(),
            env,
            network: Network::None,
            limits,
        };
        let cancel = Cancel::default();
        let report = interruptible(py, &cancel, || engine.sandbox().run(&job, &cancel))?;
        let report = report.map_err(|error| errors::env(py, &error.into()))?;
        values::to_python(
            py,
            &json!({
                "outcome": report.outcome,
                "stdout": report.stdout.text(),
                "stderr": report.stderr.text(),
                "wall_seconds": report.wall.as_secs_f64(),
                "cpu_seconds": report.cpu.as_secs_f64(),
                "peak_memory": report.peak_memory,
                "warm": report.warm,
            }),
        )
    }
}

//! Running somebody else's Python code: isolation, limits, capture, and the runtime it runs in.
//!
//! Start with [`Sandbox`], the contract; [`Job`] is what goes in and [`Report`] what comes out.

mod access;
mod capture;
mod check;
mod choice;
mod container;
mod ending;
mod error;
mod full_file;
mod gpu;
pub mod host;
mod host_paths;
mod interpreter;
mod job;
#[cfg(target_os = "linux")]
mod namespace;
mod network;
#[cfg(target_os = "linux")]
mod packet;
mod preload;
mod process;
mod report;
mod runtime;
mod sandbox;
mod variables;
#[cfg(target_os = "linux")]
mod warm;

pub use choice::{CHOICES, SandboxChoice};
pub use container::ContainerSandbox;
pub use error::SandboxError;
#[cfg(target_os = "linux")]
pub use gpu::{Gpu, GpuDriver};
pub use gpu::{GpuId, GpuIdError, GpuUse};
pub use interpreter::Interpreter;
pub use job::{Capture, INPUT_DIR, Input, Job, Limits, SOURCE_DIR, WORK_DIR};
#[cfg(target_os = "linux")]
pub use namespace::NamespaceSandbox;
pub use network::{Access, AllowList, HostRule, HostRuleError, Network, NetworkCaps, NetworkLog, NetworkUse};
pub use preload::Preload;
pub use process::ProcessSandbox;
pub use report::{Captured, DiskUse, Outcome, Report};
pub use runtime::{
    InstallEvent, InstallOptions, InstallStep, InstallTool, ManagedRuntime, Runtime, RuntimeState, RuntimeStatus,
    Syntax, SyntaxChecker, SyntaxProblem,
};
pub use sandbox::{Cancel, CodePaths, OwnPython, Sandbox, SandboxRecord};
#[cfg(target_os = "linux")]
pub use warm::{WarmMeasure, WarmSandbox};

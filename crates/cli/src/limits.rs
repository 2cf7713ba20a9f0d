//! The limits on a run of code, as flags and as the table `[limits]` of the settings file.

use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use mledojo_eval::CodeLimits;
use mledojo_sandbox::Limits;
use serde::{Deserialize, Deserializer, de};

/// What is set; the rest is as the file has it, or else the default. Sizes are in MiB.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitArgs {
    /// Longest time of one run of code [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = positive_time, help_heading = HEADING)]
    #[serde(deserialize_with = "time")]
    run_time: Option<Duration>,
    /// Most CPU time of one process [default: no limit but that on time]
    #[arg(long, value_name = "TIME", value_parser = positive_time, help_heading = HEADING)]
    #[serde(deserialize_with = "time")]
    cpu_time: Option<Duration>,
    /// Most memory of all processes of a run, in MiB [default: 8192]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(LEAST_MEMORY..), help_heading = HEADING)]
    memory: Option<u64>,
    /// Most processors that a run may use [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = HEADING)]
    cpus: Option<u32>,
    /// Most processes and threads of a run [default: 512]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = HEADING)]
    processes: Option<u32>,
    /// Most room that the working folder may take, in MiB [default: 16384]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..), help_heading = HEADING)]
    disk: Option<u64>,
    /// Most files and folders in the working folder [default: 200000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = HEADING)]
    files: Option<u64>,
    /// Largest size of one file, in MiB [default: 4096]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..), help_heading = HEADING)]
    file_size: Option<u64>,
    /// Size of the private /tmp, and of /dev/shm, in MiB [default: 1024]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..), help_heading = HEADING)]
    tmp: Option<u64>,
    /// Most output of a run, in MiB [default: 64]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..), help_heading = HEADING)]
    output_size: Option<u64>,
}

const HEADING: &str = "Limits on a run of code";
/// Python alone takes some of it.
const LEAST_MEMORY: u64 = 64;

impl LimitArgs {
    /// The limits in force: those set here, else those of `file`, else the defaults.
    pub(crate) fn over(&self, file: &Self) -> Limits {
        let default = Limits::default();
        let bytes =
            |flag: Option<u64>, file: Option<u64>| flag.or(file).map(|mebibytes| mebibytes.saturating_mul(1 << 20));
        Limits {
            wall: self.run_time.or(file.run_time).unwrap_or(default.wall),
            cpu: self.cpu_time.or(file.cpu_time).or(default.cpu),
            memory: bytes(self.memory, file.memory).or(default.memory),
            processes: self.processes.or(file.processes).unwrap_or(default.processes),
            output: bytes(self.output_size, file.output_size).unwrap_or(default.output),
            file_size: bytes(self.file_size, file.file_size).unwrap_or(default.file_size),
            work_size: bytes(self.disk, file.disk).or(default.work_size),
            work_files: self.files.or(file.files).or(default.work_files),
            tmp_size: bytes(self.tmp, file.tmp).unwrap_or(default.tmp_size),
            cpus: self.cpus.or(file.cpus).or(default.cpus),
            ..default
        }
    }

    /// The same limits as an experiment has them.
    pub(crate) fn code_limits(&self) -> CodeLimits {
        let Self { run_time, cpu_time, memory, cpus, processes, disk, files, file_size, tmp, output_size } = *self;
        let none = CodeLimits::default();
        CodeLimits { run_time, cpu_time, memory, cpus, processes, disk, files, file_size, tmp, output_size, ..none }
    }

    /// Checks what a file says, as clap checks flags.
    pub(crate) fn check(&self) -> Result<()> {
        let least = [
            ("memory", self.memory, LEAST_MEMORY),
            ("cpus", self.cpus.map(u64::from), 1),
            ("processes", self.processes.map(u64::from), 1),
            ("disk", self.disk, 1),
            ("files", self.files, 1),
            ("file_size", self.file_size, 1),
            ("tmp", self.tmp, 1),
            ("output_size", self.output_size, 1),
        ];
        for (name, value, least) in least {
            if let Some(value) = value.filter(|value| *value < least) {
                bail!("limits.{name} is {value}: expected at least {least}");
            }
        }
        Ok(())
    }
}

/// A time above zero, such as `30m`.
pub(crate) fn positive_time(text: &str) -> Result<Duration, String> {
    let time =
        humantime::parse_duration(text).map_err(|error| format!("{error}; expected a time such as 30m or 2h"))?;
    if time.is_zero() { Err("expected a time above zero".to_owned()) } else { Ok(time) }
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    positive_time(&String::deserialize(deserializer)?).map(Some).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_the_file_over_the_defaults() {
        let file: LimitArgs = toml::from_str("run_time = \"90s\"\nmemory = 100\ndisk = 7\ncpus = 3\n").unwrap();
        file.check().unwrap();
        let flags = LimitArgs { memory: Some(200), files: Some(9), ..LimitArgs::default() };
        let limits = flags.over(&file);
        assert_eq!(limits.wall, Duration::from_secs(90));
        assert_eq!((limits.memory, limits.work_size), (Some(200 << 20), Some(7 << 20)));
        assert_eq!((limits.work_files, limits.cpus, limits.processes), (Some(9), Some(3), 512));
        assert_eq!(LimitArgs::default().over(&LimitArgs::default()), Limits::default());
    }

    #[test]
    fn what_the_file_may_not_say_is_named() {
        let error = toml::from_str::<LimitArgs>("run_time = \"0s\"").unwrap_err().to_string();
        assert!(error.contains("run_time") && error.contains("above zero"), "{error}");
        let error = toml::from_str::<LimitArgs>("discs = 3").unwrap_err().to_string();
        assert!(error.contains("discs") && error.contains("disk"), "{error}");
        let few: LimitArgs = toml::from_str("memory = 3").unwrap();
        assert_eq!(few.check().unwrap_err().to_string(), "limits.memory is 3: expected at least 64");
    }
}

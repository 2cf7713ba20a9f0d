//! Settings, resolved in one place: flag, then environment variable, then `mledojo.toml`, then default.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use mledojo_agents::llm::LlmSettings;
use mledojo_catalog::Spec;
use mledojo_env::Workbench;
use mledojo_metrics::Protocol;
use mledojo_prepare::dsbench::ARCHIVE;
use mledojo_prepare::kaggle::KAGGLE;
use mledojo_sandbox::{AllowList, HostRule, Network, Preload, SandboxChoice};
use serde::Deserialize;

use crate::judging::JudgingArgs;
use crate::limits::LimitArgs;
use crate::workbench::workbench;

/// Flags that every command takes. Each has an environment variable, and all but `--config` a key in the file.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SettingsArgs {
    /// Folder for the runtime, the prepared competitions and the runs
    #[arg(long, global = true, env = "MLEDOJO_HOME", value_name = "DIR", help_heading = "Settings")]
    home: Option<PathBuf>,
    /// Your own Python interpreter for agents' code, instead of the managed runtime
    #[arg(long, global = true, env = "MLEDOJO_PYTHON", value_name = "FILE", help_heading = "Settings")]
    python: Option<PathBuf>,
    /// A folder of your own competitions, beside the bundled ones
    #[arg(long, global = true, env = "MLEDOJO_CATALOG", value_name = "DIR", help_heading = "Settings")]
    catalog: Option<PathBuf>,
    /// What runs agents' code: `warm` (default), `namespace`, `container`, or `process`, which isolates nothing
    #[arg(long, global = true, env = "MLEDOJO_SANDBOX", value_name = "NAME", help_heading = "Settings")]
    sandbox: Option<String>,
    /// The container image with Python and its packages, for `--sandbox container`
    #[arg(long, global = true, env = "MLEDOJO_IMAGE", value_name = "IMAGE", help_heading = "Settings")]
    image: Option<String>,
    /// Another server that speaks Kaggle's API
    #[arg(long, global = true, env = "MLEDOJO_KAGGLE_URL", value_name = "URL", hide = true)]
    kaggle_url: Option<String>,
    /// Another place of DSBench's archive
    #[arg(long, global = true, env = "MLEDOJO_DSBENCH_URL", value_name = "URL", hide = true)]
    dsbench_url: Option<String>,
    /// File with the keys of language models' providers, one `provider = "key"` a line [default: keys.toml in the home folder]
    #[arg(long, global = true, env = "MLEDOJO_KEYS", value_name = "FILE", help_heading = "Settings")]
    keys: Option<PathBuf>,
    /// Settings file [default: ./mledojo.toml, if it exists]
    #[arg(long, global = true, env = "MLEDOJO_CONFIG", value_name = "FILE", help_heading = "Settings")]
    config: Option<PathBuf>,
}

/// `mledojo.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    home: Option<PathBuf>,
    python: Option<PathBuf>,
    catalog: Option<PathBuf>,
    sandbox: Option<String>,
    image: Option<String>,
    kaggle_url: Option<String>,
    dsbench_url: Option<String>,
    keys: Option<PathBuf>,
    /// What warm interpreters have imported.
    preload: Option<Vec<String>>,
    protocol: Option<Protocol>,
    public_fraction: Option<f64>,
    #[serde(default)]
    limits: LimitArgs,
    #[serde(default)]
    network: NetworkTable,
    #[serde(default)]
    llm: LlmSettings,
}

/// `[network]` of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkTable {
    #[serde(default)]
    allow: Vec<HostRule>,
}

/// The settings in force.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    home: PathBuf,
    /// The user's own interpreter.
    pub(crate) python: Option<PathBuf>,
    /// A folder of the user's own competitions.
    pub(crate) catalog: Option<PathBuf>,
    /// What runs agents' code in new episodes.
    pub(crate) sandbox: SandboxChoice,
    /// The image of containers, whether or not they are chosen.
    pub(crate) image: Option<String>,
    /// Where Kaggle is.
    pub(crate) kaggle_url: String,
    /// Where DSBench's archive is.
    pub(crate) dsbench_url: String,
    /// Where keys of language models' providers may be.
    pub(crate) keys: PathBuf,
    /// How language models are asked.
    pub(crate) llm: LlmSettings,
    /// What warm interpreters have imported, if the file says so.
    pub(crate) preload: Option<Preload>,
    /// How submissions are judged, from the file alone: flags win over it.
    pub(crate) judging: JudgingArgs,
    /// Limits on runs of code, from the file alone: flags win over them.
    pub(crate) limits: LimitArgs,
    /// The hosts that the code of new episodes may reach, where no flag names others.
    allowed_hosts: Vec<HostRule>,
}

const DEFAULT_FILE: &str = "mledojo.toml";

impl Settings {
    pub(crate) fn resolve(args: SettingsArgs) -> Result<Self> {
        let (file, folder) = match &args.config {
            Some(path) => (read(path)?, path.parent().map(Path::to_owned).unwrap_or_default()),
            None if Path::new(DEFAULT_FILE).exists() => (read(Path::new(DEFAULT_FILE))?, PathBuf::new()),
            None => (SettingsFile::default(), PathBuf::new()),
        };
        // A path in the file is meant from where the file lies.
        let from_file = |path: Option<PathBuf>| path.map(|path| folder.join(path));
        let home = match args.home.or(from_file(file.home)) {
            Some(home) => home,
            None => default_home()?,
        };
        let absolute = |path: PathBuf| {
            std::path::absolute(&path).with_context(|| format!("cannot make `{}` absolute", path.display()))
        };
        let image = args.image.or(file.image);
        let sandbox = match args.sandbox.or(file.sandbox) {
            Some(name) => SandboxChoice::named(&name, image.as_deref()).map_err(anyhow::Error::msg)?,
            None => SandboxChoice::default(),
        };
        let judging = JudgingArgs { protocol: file.protocol, public_fraction: file.public_fraction };
        let preload = file.preload.map(|modules| Preload { modules });
        let home = absolute(home)?;
        let keys = args.keys.or(from_file(file.keys)).unwrap_or_else(|| home.join("keys.toml"));
        Ok(Self {
            home,
            python: args.python.or(from_file(file.python)).map(absolute).transpose()?,
            catalog: args.catalog.or(from_file(file.catalog)).map(absolute).transpose()?,
            sandbox,
            image,
            kaggle_url: args.kaggle_url.or(file.kaggle_url).unwrap_or_else(|| KAGGLE.to_owned()),
            dsbench_url: args.dsbench_url.or(file.dsbench_url).unwrap_or_else(|| ARCHIVE.to_owned()),
            keys: absolute(keys)?,
            llm: file.llm.relative_to(&folder),
            preload,
            judging,
            limits: file.limits,
            allowed_hosts: file.network.allow,
        })
    }

    /// What the code of a new episode can reach, with the hosts that its flags name.
    pub(crate) fn network(&self, flags: &[HostRule]) -> Network {
        let hosts = if flags.is_empty() { &self.allowed_hosts } else { flags };
        if hosts.is_empty() {
            return Network::None;
        }
        Network::Allow(AllowList { hosts: hosts.to_vec(), ..AllowList::default() })
    }

    /// Where all of mledojo's data lives.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// Where the managed runtime lives.
    pub(crate) fn runtime_dir(&self) -> PathBuf {
        workbench(self).runtime_dir()
    }

    /// Where a prepared competition lives.
    pub(crate) fn competition_dir(&self, slug: &str) -> PathBuf {
        workbench(self).competition_dir(slug)
    }

    /// Where downloads live, each in a folder of its name.
    pub(crate) fn raw_root(&self) -> PathBuf {
        workbench(self).raw_root()
    }

    /// Where the download of a competition lives: for one of DSBench, in its archive, unless there is one of its own.
    pub(crate) fn raw_dir(&self, spec: &Spec) -> PathBuf {
        workbench(self).raw_dir(spec)
    }

    /// The folder of a run of this name.
    pub(crate) fn named_run_dir(&self, name: &std::ffi::OsStr) -> PathBuf {
        self.home.join("runs").join(name)
    }

    /// A new folder for a run, named by the time and what is played.
    pub(crate) fn new_run_dir(&self, name: &str) -> PathBuf {
        workbench(self).new_run_dir(name)
    }
}

/// The XDG data folder.
fn default_home() -> Result<PathBuf> {
    Workbench::default_home()
        .context("cannot find your home folder\nhint: set `MLEDOJO_HOME` to a folder for mledojo's data")
}

fn read(path: &Path) -> Result<SettingsFile> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => bail!("cannot read the settings file `{}`: {error}", path.display()),
    };
    let file: SettingsFile = toml::from_str(&text).map_err(|error| anyhow::anyhow!("`{}`: {error}", path.display()))?;
    file.limits.check().with_context(|| format!("`{}`", path.display()))?;
    let judging = JudgingArgs { protocol: file.protocol, public_fraction: file.public_fraction };
    judging.check().map_err(|error| anyhow::anyhow!("`{}`: {error}", path.display()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("my.toml");
        std::fs::write(&config, "home = \"data\"\npython = \"/usr/bin/python3\"\n").unwrap();
        let args = SettingsArgs { config: Some(config.clone()), ..SettingsArgs::default() };
        let settings = Settings::resolve(args.clone()).unwrap();
        assert_eq!(settings.home, folder.path().join("data"));
        assert_eq!(settings.python.as_deref(), Some(Path::new("/usr/bin/python3")));

        let settings = Settings::resolve(SettingsArgs { home: Some("/elsewhere".into()), ..args }).unwrap();
        assert_eq!(settings.home, Path::new("/elsewhere"));
        let args = SettingsArgs { config: Some(config.clone()), ..SettingsArgs::default() };

        assert_eq!(settings.sandbox, SandboxChoice::default());
        std::fs::write(&config, "preload = [\"numpy\"]\n").unwrap();
        let settings = Settings::resolve(SettingsArgs { home: Some("/x".into()), ..args.clone() }).unwrap();
        let numpy = Preload { modules: vec!["numpy".to_owned()] };
        assert_eq!(workbench(&settings).sandbox_choice(), SandboxChoice::Warm { preload: numpy });
        std::fs::write(&config, "sandbox = \"process\"\nimage = \"science:1\"\n").unwrap();
        let settings = Settings::resolve(SettingsArgs { home: Some("/x".into()), ..args.clone() }).unwrap();
        assert_eq!((&settings.sandbox, settings.image.as_deref()), (&SandboxChoice::Process, Some("science:1")));
        let named = SettingsArgs { sandbox: Some("container".into()), ..args.clone() };
        let container = Settings::resolve(named).unwrap().sandbox;
        assert_eq!(container, SandboxChoice::Container { image: "science:1".into() });
        let unknown = SettingsArgs { sandbox: Some("jail".into()), ..args.clone() };
        assert!(Settings::resolve(unknown).unwrap_err().to_string().contains("warm, namespace, container, process"));

        assert_eq!(settings.network(&[]), Network::None);
        std::fs::write(&config, "[network]\nallow = [\"pypi.org\"]\n").unwrap();
        let args = SettingsArgs { config: Some(config.clone()), ..SettingsArgs::default() };
        let settings = Settings::resolve(args).unwrap();
        let hosts = |network: Network| network.allow_list().map(|list| list.hosts.clone()).unwrap_or_default();
        let rule = |text: &str| text.parse::<HostRule>().unwrap();
        assert_eq!(hosts(settings.network(&[])), [rule("pypi.org")]);
        assert_eq!(hosts(settings.network(&[rule("a.org")])), [rule("a.org")]);

        std::fs::write(&config, "hom = \"data\"\n").unwrap();
        let args = SettingsArgs { config: Some(config.clone()), ..SettingsArgs::default() };
        let error = Settings::resolve(args).unwrap_err().to_string();
        assert!(error.contains("my.toml") && error.contains("hom"), "{error}");
    }
}

//! Choosing a sandbox by its name.

use crate::container::ContainerSandbox;
use crate::error::SandboxError;
use crate::interpreter::Interpreter;
#[cfg(target_os = "linux")]
use crate::namespace::NamespaceSandbox;
use crate::preload::Preload;
use crate::process::ProcessSandbox;
use crate::sandbox::{Sandbox, SandboxRecord};
#[cfg(target_os = "linux")]
use crate::warm::WarmSandbox;

/// The names of all sandboxes, strongest isolation first.
pub const CHOICES: [&str; 4] = ["warm", "namespace", "container", "process"];

/// One of the sandboxes, not yet made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxChoice {
    /// A new interpreter in namespaces of its own for each run: [`NamespaceSandbox`].
    Namespace,
    /// The same jail around a fork of an interpreter that has its packages imported: [`WarmSandbox`], whose interpreter
    /// starts in the background.
    Warm {
        /// What is imported.
        preload: Preload,
    },
    /// A container of a Docker or Podman engine: [`ContainerSandbox`], by `DOCKER_HOST` or the usual sockets.
    Container {
        /// The image that code runs in.
        image: String,
    },
    /// No isolation: [`ProcessSandbox`].
    Process,
}

impl Default for SandboxChoice {
    /// Warm interpreters with what nearly every script imports.
    fn default() -> Self {
        Self::Warm { preload: Preload::default() }
    }
}

impl SandboxChoice {
    /// The choice of this name; `image` is for containers alone.
    ///
    /// # Errors
    /// A text that names the names there are, or says that containers need an image.
    pub fn named(name: &str, image: Option<&str>) -> Result<Self, String> {
        match name {
            "namespace" => Ok(Self::Namespace),
            "warm" => Ok(Self::default()),
            "container" => match image {
                Some(image) => Ok(Self::Container { image: image.to_owned() }),
                None => Err("the `container` sandbox needs an image with Python and its packages, by `--image`, \
                     `MLEDOJO_IMAGE` or `image = \"…\"` in `mledojo.toml`; `docker/Dockerfile` makes one"
                    .to_owned()),
            },
            "process" => Ok(Self::Process),
            _ => Err(format!("there is no sandbox `{name}`; expected one of {}", CHOICES.join(", "))),
        }
    }

    /// Its name, one of [`CHOICES`].
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Warm { .. } => "warm",
            Self::Container { .. } => "container",
            Self::Process => "process",
        }
    }

    /// The choice that a record tells of, to go on as something began.
    ///
    /// # Errors
    /// A record of a sandbox that is none of these.
    pub fn recorded(record: &SandboxRecord) -> Result<Self, String> {
        Self::named(&record.name, record.image.as_deref())
    }

    /// Makes the sandbox. `interpreter` is the host's Python.
    ///
    /// # Errors
    /// What keeps this sandbox from working here; another one is never taken in its place.
    pub fn open(&self, interpreter: &Interpreter) -> Result<Box<dyn Sandbox>, SandboxError> {
        let interpreter = interpreter.clone();
        Ok(match self {
            #[cfg(target_os = "linux")]
            Self::Namespace => Box::new(NamespaceSandbox::new(interpreter)?),
            #[cfg(target_os = "linux")]
            Self::Warm { preload } => Box::new(WarmSandbox::new(interpreter, preload.clone())?.in_background()),
            #[cfg(not(target_os = "linux"))]
            Self::Namespace | Self::Warm { .. } => {
                return Err(SandboxError::Unsupported {
                    reason: format!("{} has no namespaces; only Linux does", std::env::consts::OS),
                    hint: "choose the `container` sandbox, or `process` for code that you trust".into(),
                });
            }
            Self::Container { image } => Box::new(ContainerSandbox::connect(image, None)?),
            Self::Process => Box::new(ProcessSandbox::new(interpreter)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_choices_and_back() {
        for name in CHOICES {
            assert_eq!(SandboxChoice::named(name, Some("science:1")).unwrap().name(), name);
        }
        assert!(SandboxChoice::named("container", None).unwrap_err().contains("MLEDOJO_IMAGE"));
    }

    #[test]
    fn a_recorded_container_is_the_image_of_that_digest() {
        let image = Some("sha256:4bcff639".to_owned());
        let record = SandboxRecord { name: "container".into(), isolated: true, image };
        let choice = SandboxChoice::Container { image: "sha256:4bcff639".into() };
        assert_eq!(SandboxChoice::recorded(&record), Ok(choice));
        assert_eq!(SandboxChoice::recorded(&SandboxRecord::default()), Ok(SandboxChoice::Namespace));
    }
}

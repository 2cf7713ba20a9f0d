//! Prompts: template files of ours, each of which a user's file can stand in for.

use std::collections::BTreeMap;
use std::path::Path;

use minijinja::{Environment, UndefinedBehavior, Value};

use crate::error::AgentError;

/// The prompts of all agents, as templates in [minijinja](https://docs.rs/minijinja)'s language.
///
/// ```
/// let prompts = mledojo_agents::Prompts::embedded()?;
/// assert!(prompts.names().any(|name| name == "mle/instructions"));
/// assert!(prompts.source("aide/draft").unwrap().contains("{{ task }}"));
/// # Ok::<(), mledojo_agents::AgentError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Prompts {
    environment: Environment<'static>,
    sources: BTreeMap<String, String>,
    overridden: Vec<String>,
}

const EMBEDDED: [(&str, &str); 13] = [
    ("aide/crossover", include_str!("../../prompts/aide/crossover.md")),
    ("aide/debug", include_str!("../../prompts/aide/debug.md")),
    ("aide/draft", include_str!("../../prompts/aide/draft.md")),
    ("aide/guidelines", include_str!("../../prompts/aide/guidelines.md")),
    ("aide/improve", include_str!("../../prompts/aide/improve.md")),
    ("aide/repair", include_str!("../../prompts/aide/repair.md")),
    ("mle/instructions", include_str!("../../prompts/mle/instructions.md")),
    ("mle/repair", include_str!("../../prompts/mle/repair.md")),
    ("mle/result", include_str!("../../prompts/mle/result.md")),
    ("tools/instructions", include_str!("../../prompts/tools/instructions.md")),
    ("tools/nudge", include_str!("../../prompts/tools/nudge.md")),
    ("tools/result", include_str!("../../prompts/tools/result.md")),
    ("tools/start", include_str!("../../prompts/tools/start.md")),
];

impl Prompts {
    /// Ours.
    ///
    /// # Errors
    /// None, as long as our templates are well-formed.
    pub fn embedded() -> Result<Self, AgentError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut prompts = Self { environment, sources: BTreeMap::new(), overridden: Vec::new() };
        for (name, source) in EMBEDDED {
            prompts.set(name, source, name)?;
        }
        Ok(prompts)
    }

    /// Ours, and in place of some of them the files of a folder: `mle/instructions.md` for `mle/instructions`.
    ///
    /// # Errors
    /// A folder that cannot be read, a file that stands in for nothing, or a malformed template.
    pub fn open(folder: Option<&Path>) -> Result<Self, AgentError> {
        let mut prompts = Self::embedded()?;
        let Some(folder) = folder else { return Ok(prompts) };
        let entries = |folder: &Path| -> Result<Vec<std::path::PathBuf>, AgentError> {
            let failed = |error| AgentError::io("read", folder, error);
            let mut paths = std::fs::read_dir(folder)
                .map_err(failed)?
                .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
                .collect::<Result<Vec<_>, _>>()?;
            paths.sort();
            Ok(paths)
        };
        for agent in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
            for file in entries(&agent)? {
                if file.extension().is_none_or(|extension| extension != "md") {
                    continue;
                }
                let part = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let name = format!("{}/{}", part(&agent), part(&file));
                let shown = file.display().to_string();
                let Some((name, _)) = EMBEDDED.iter().find(|(ours, _)| *ours == name) else {
                    let ours: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
                    let problem = format!("it stands in for no prompt of ours; those are {}", ours.join(", "));
                    return Err(AgentError::Prompt { name: shown, problem });
                };
                let text = std::fs::read_to_string(&file).map_err(|error| AgentError::io("read", &file, error))?;
                prompts.set(name, &text, &shown)?;
                prompts.overridden.push((*name).to_owned());
            }
        }
        Ok(prompts)
    }

    fn set(&mut self, name: &str, source: &str, shown: &str) -> Result<(), AgentError> {
        self.environment
            .add_template_owned(name.to_owned(), source.trim_end().to_owned())
            .map_err(|error| AgentError::Prompt { name: shown.to_owned(), problem: described(&error) })?;
        self.sources.insert(name.to_owned(), source.to_owned());
        Ok(())
    }

    /// All names, sorted: the agent's, and the prompt's.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        EMBEDDED.iter().map(|(name, _)| *name)
    }

    /// Whether a user's file stands in for it.
    #[must_use]
    pub fn is_overridden(&self, name: &str) -> bool {
        self.overridden.iter().any(|other| other == name)
    }

    /// The template of a prompt, as it is written.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&str> {
        self.sources.get(name).map(String::as_str)
    }

    /// Renders a prompt.
    pub(crate) fn render(&self, name: &str, values: Value) -> Result<String, AgentError> {
        let failed = |error: minijinja::Error| AgentError::Prompt { name: name.to_owned(), problem: described(&error) };
        self.environment.get_template(name).and_then(|template| template.render(values)).map_err(failed)
    }
}

fn described(error: &minijinja::Error) -> String {
    match error.line() {
        Some(line) => format!("line {line}: {}", error.detail().map_or(error.to_string(), str::to_owned)),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_file_stands_in_for_ours() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("mle")).unwrap();
        std::fs::write(folder.path().join("mle/result.md"), "Now: {{ observation }}\n").unwrap();
        let prompts = Prompts::open(Some(folder.path())).unwrap();
        assert_eq!(prompts.render("mle/result", minijinja::context!(observation => "x")).unwrap(), "Now: x");
        assert!(prompts.is_overridden("mle/result") && !prompts.is_overridden("mle/repair"));
        let error = prompts.render("mle/result", minijinja::context!()).unwrap_err().to_string();
        assert!(error.contains("prompt `mle/result`: ") && error.contains("undefined"), "{error}");
    }

    #[test]
    fn a_file_that_stands_in_for_nothing_and_a_malformed_one_are_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("mle")).unwrap();
        std::fs::write(folder.path().join("mle/instruction.md"), "x").unwrap();
        let error = Prompts::open(Some(folder.path())).unwrap_err().to_string();
        assert!(
            error.contains("instruction.md`: it stands in for no prompt of ours; those are aide/crossover"),
            "{error}"
        );
        std::fs::remove_file(folder.path().join("mle/instruction.md")).unwrap();
        std::fs::write(folder.path().join("mle/result.md"), "a\n{% if %}").unwrap();
        let error = Prompts::open(Some(folder.path())).unwrap_err().to_string();
        assert!(error.contains("result.md`: line 2: "), "{error}");
    }
}

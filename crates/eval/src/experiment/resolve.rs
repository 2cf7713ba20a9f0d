//! What is asked for now, over what the run folder has or else what is usual.

use std::path::Path;

use toml::{Table, Value};

use super::Experiment;
use crate::error::RunError;

/// Lists that only grow.
const GROWING: [&str; 4] = ["agents", "models", "competitions", "seeds"];
/// Settings that decide over results.
const DECIDING: [&str; 8] = ["reward", "sandbox", "image", "limits", "agent", "judging", "code", "network"];

impl Experiment {
    /// The experiment that is asked for, by the keys of its file; of several tables the later ones win. Where they are
    /// silent, what `earlier` had holds, or else what is `usual`. Agents, models, competitions and seeds come to those that
    /// are there already.
    ///
    /// # Errors
    /// A key or value that no experiment has; a [check](Self::check) that fails.
    pub fn resolve(
        asked: impl IntoIterator<Item = Table>,
        earlier: Option<&Self>,
        usual: Table,
    ) -> Result<Self, RunError> {
        let mut table = earlier.map_or(usual, table_of);
        asked.into_iter().for_each(|asked| lay_over(&mut table, normal(asked)));
        let experiment: Self = Value::Table(table).try_into().map_err(|error| invalid(&error))?;
        experiment.check()?;
        Ok(experiment)
    }

    /// The keys of an experiment's file, checked. Paths in it are meant from where the file lies.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn read_table(text: &str, file: &Path) -> Result<Table, RunError> {
        Self::parse(text, file)?;
        let mut table: Table = toml::from_str(text).map_err(|error| RunError::file(file, error))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        if let Some(prompts) = table.get_mut("agent").and_then(|agent| agent.get_mut("prompts")) {
            *prompts = Value::from(absolute(folder, prompts.as_str().unwrap_or_default())?);
        }
        if let Some(Value::Array(agents)) = table.get_mut("agents") {
            for agent in agents {
                *agent = Value::from(Self::agent_in_folder(agent.as_str().unwrap_or_default(), folder)?);
            }
        }
        Ok(table)
    }

    /// An agent whose file, meant from `folder`, is named by its absolute path, so that its episodes go on from anywhere.
    ///
    /// # Errors
    /// No current folder.
    pub fn agent_in_folder(agent: &str, folder: &Path) -> Result<String, RunError> {
        match agent.split_once(':') {
            Some((kind @ ("script" | "replay"), path)) if path != "-" => {
                Ok(format!("{kind}:{}", absolute(folder, path)?))
            }
            _ => Ok(agent.to_owned()),
        }
    }

    /// Refuses an experiment by other settings than those that `finished` episodes were played by.
    ///
    /// # Errors
    /// The first setting that differs.
    pub fn check_unchanged(&self, earlier: &Self, finished: usize) -> Result<(), RunError> {
        if finished == 0 {
            return Ok(());
        }
        let (was, now) = (conditions(earlier), conditions(self));
        match difference("", &Value::Table(was), &Value::Table(now)) {
            None => Ok(()),
            Some((setting, was, now)) => Err(RunError::Changed { setting, was, now, finished }),
        }
    }
}

fn absolute(folder: &Path, path: &str) -> Result<String, RunError> {
    let path = folder.join(path);
    let path = std::path::absolute(&path).map_err(|error| RunError::io("find", &path, error))?;
    Ok(path.display().to_string())
}

/// The settings that decide over results, by their keys.
pub(super) fn conditions(experiment: &Experiment) -> Table {
    let mut table = table_of(experiment);
    table.retain(|key, _| DECIDING.contains(&key));
    table
}

fn table_of(experiment: &Experiment) -> Table {
    // A table of plain values can always be made.
    Table::try_from(experiment).unwrap_or_default()
}

fn invalid(error: &toml::de::Error) -> RunError {
    RunError::Invalid(error.to_string().trim_end().to_owned())
}

/// The number of seeds, as the seeds.
fn normal(mut table: Table) -> Table {
    if let Some(Value::Integer(number)) = table.get("seeds") {
        let seeds = (0..*number).map(Value::Integer).collect();
        table.insert("seeds".to_owned(), Value::Array(seeds));
    }
    table
}

fn lay_over(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            (Some(Value::Array(below)), Value::Array(above)) if GROWING.contains(&key.as_str()) => {
                let new: Vec<Value> = above.into_iter().filter(|value| !below.contains(value)).collect();
                below.extend(new);
            }
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// The first setting that differs, with both values in words.
fn difference(name: &str, was: &Value, now: &Value) -> Option<(String, String, String)> {
    let (Value::Table(was), Value::Table(now)) = (was, now) else {
        return (was != now).then(|| (name.to_owned(), was.to_string(), now.to_string()));
    };
    let keys: std::collections::BTreeSet<&String> = was.keys().chain(now.keys()).collect();
    keys.into_iter().find_map(|key| {
        let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
        match (was.get(key), now.get(key)) {
            (Some(was), Some(now)) => difference(&name, was, now),
            (was, now) => {
                let words = |value: Option<&Value>| value.map_or_else(|| "not set".to_owned(), ToString::to_string);
                Some((name, words(was), words(now)))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn lists_grow_and_settings_are_kept() {
        let usual = || table("[code]\nmemory = 4096\n");
        let asked = "agents = [\"baseline\"]\ncompetitions = [\"iris\"]\nseeds = 2\n[limits]\nsteps = 4\n";
        let first = Experiment::resolve([table(asked)], None, usual()).unwrap();
        assert_eq!((first.code.memory, first.limits.steps), (Some(4096), 4));

        let again = Experiment::resolve([], Some(&first), table("[code]\nmemory = 1\n")).unwrap();
        assert_eq!(again, first);
        let more = table("seeds = 3\ncompetitions = [\"wine\", \"iris\"]\nparallel = 7\n");
        let more = Experiment::resolve([more], Some(&first), usual()).unwrap();
        assert_eq!(more.seeds, [0, 1, 2]);
        assert_eq!(more.competitions, ["iris", "wine"]);
        more.check_unchanged(&first, 9).unwrap();
        assert_eq!(more.config_digest(), first.config_digest());
    }

    #[test]
    fn a_changed_setting_is_named() {
        let usual = "agents = [\"baseline\"]\ncompetitions = [\"iris\"]\nseeds = 1\n";
        let first = Experiment::resolve([table(usual)], None, Table::new()).unwrap();
        for (change, expected) in [
            ("[limits]\nsteps = 9", "`limits.steps` was 15 and is now 9"),
            ("[judging]\npublic_fraction = 0.5", "`judging.public_fraction` was not set and is now 0.5"),
            ("reward = \"medal\"", "`reward` was \"human_rank\" and is now \"medal\""),
        ] {
            let changed = Experiment::resolve([table(change)], Some(&first), Table::new()).unwrap();
            let error = changed.check_unchanged(&first, 2).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            changed.check_unchanged(&first, 0).unwrap();
            assert_ne!(changed.config_digest(), first.config_digest());
        }
    }

    #[test]
    fn scripts_are_meant_from_where_the_file_lies() {
        let text = "agents = [\"script:moves.jsonl\", \"baseline\", \"script:/abs.jsonl\"]";
        let table = Experiment::read_table(text, Path::new("/here/my.toml")).unwrap();
        let agents: Vec<&str> = table["agents"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(agents, ["script:/here/moves.jsonl", "baseline", "script:/abs.jsonl"]);
    }
}

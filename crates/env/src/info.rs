//! What an agent can ask about its competition.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::OnceLock;

use mledojo_metrics::{Column, ReadLimits, Table};
use mledojo_sandbox::{CodePaths, WORK_DIR};
use serde_json::{Map, Value, json};

use crate::competition::PreparedCompetition;
use crate::submission::SUBMISSION_FILE;

/// Answers one type of question.
///
/// The error is a reason in words, for the agent. Any `Fn(&PreparedCompetition) -> Result<Value, String>` is one.
pub trait InfoProvider: Send + Sync {
    /// The answer: a text, or data.
    ///
    /// # Errors
    /// Why there is none now.
    fn info(&self, competition: &PreparedCompetition) -> Result<Value, String>;
}

impl<F: Fn(&PreparedCompetition) -> Result<Value, String> + Send + Sync> InfoProvider for F {
    fn info(&self, competition: &PreparedCompetition) -> Result<Value, String> {
        self(competition)
    }
}

/// A provider that is asked once: prepared data doesn't change, and reading it may take long.
struct Once<F> {
    provider: F,
    answer: OnceLock<Result<Value, String>>,
}

impl<F> Once<F> {
    fn new(provider: F) -> Self {
        Self { provider, answer: OnceLock::new() }
    }
}

impl<F: InfoProvider> InfoProvider for Once<F> {
    fn info(&self, competition: &PreparedCompetition) -> Result<Value, String> {
        self.answer.get_or_init(|| self.provider.info(competition)).clone()
    }
}

/// The types of information of an environment, by name.
///
/// | type | value |
/// | --- | --- |
/// | `overview` | the description, a text |
/// | `sample_submission` | `{"columns": […], "rows": [[…], …]}`: the header and the first three rows, as texts |
/// | `data_structure` | the tree of the data folder, a text |
/// | `data_path` | the data folder, as the agent's code sees it |
/// | `output_path` | the file to write, as the agent's code sees it |
/// | `name` | the competition's slug |
/// | `metadata` | slug, title, modality, task, metric, columns, paths |
/// | `all` | an object of all of them |
pub struct InfoProviders(BTreeMap<String, Box<dyn InfoProvider>>);

impl InfoProviders {
    /// The built-in types; `paths` says where code finds its folders.
    pub(crate) fn new(paths: CodePaths) -> Self {
        let mut providers = Self(BTreeMap::new());
        providers.register("overview", Box::new(Once::new(overview)));
        providers.register("sample_submission", Box::new(Once::new(sample_submission)));
        providers
            .register("data_structure", Box::new(Once::new(move |c: &PreparedCompetition| data_structure(c, paths))));
        providers.register("data_path", Box::new(move |c: &PreparedCompetition| Ok(c.data_path(paths).into())));
        providers.register("output_path", Box::new(move |_: &PreparedCompetition| Ok(output_path(paths).into())));
        providers.register("name", Box::new(|c: &PreparedCompetition| Ok(c.spec().slug.clone().into())));
        providers.register("metadata", Box::new(move |c: &PreparedCompetition| metadata(c, paths)));
        providers
    }

    /// Registers a type; one of the same name is replaced.
    pub fn register(&mut self, info_type: impl Into<String>, provider: Box<dyn InfoProvider>) {
        self.0.insert(info_type.into(), provider);
    }

    /// The names that can be asked for.
    pub(crate) fn types(&self) -> Vec<String> {
        self.0.keys().cloned().chain(["all".to_owned()]).collect()
    }

    /// The answer to one type; `None` when there is no such type.
    pub(crate) fn get(&self, info_type: &str, competition: &PreparedCompetition) -> Option<Result<Value, String>> {
        if info_type == "all" {
            let all = self.0.iter().map(|(name, provider)| {
                let value =
                    provider.info(competition).unwrap_or_else(|reason| format!("not available: {reason}").into());
                (name.clone(), value)
            });
            return Some(Ok(Value::Object(all.collect())));
        }
        self.0.get(info_type).map(|provider| provider.info(competition))
    }
}

/// The file that a submission must be written to, as the agent's code names it.
fn output_path(paths: CodePaths) -> String {
    match paths {
        CodePaths::Kaggle => format!("{WORK_DIR}/{SUBMISSION_FILE}"),
        // The working folder is the current one; some code asks for the name of the file's folder.
        CodePaths::Host => format!("./{SUBMISSION_FILE}"),
    }
}

fn overview(competition: &PreparedCompetition) -> Result<Value, String> {
    let file = competition.data().description_file();
    std::fs::read_to_string(file).map(Value::from).map_err(|error| format!("the description cannot be read: {error}"))
}

fn sample_submission(competition: &PreparedCompetition) -> Result<Value, String> {
    const ROWS: usize = 3;
    let table = Table::read(&competition.data().sample_submission(), &ReadLimits::default())
        .map_err(|error| error.to_string())?;
    let columns: Vec<Column<'_>> = table.header().iter().filter_map(|name| table.column(name)).collect();
    let rows: Vec<Vec<&str>> =
        (0..table.rows().min(ROWS)).map(|row| columns.iter().map(|c| c.get(row)).collect()).collect();
    Ok(json!({ "columns": table.header(), "rows": rows }))
}

fn metadata(competition: &PreparedCompetition, paths: CodePaths) -> Result<Value, String> {
    let spec = competition.spec();
    let mut metric = json!(spec.metric);
    if let Some(metric) = metric.as_object_mut() {
        metric.retain(|_, value| !value.is_null());
    }
    let facts = [
        ("slug", json!(spec.slug)),
        ("title", json!(spec.title)),
        ("modality", json!(spec.modality)),
        ("task", json!(spec.task)),
        ("metric", metric),
        (
            "submission",
            json!({
                "id_columns": spec.submission.id_columns,
                "target_columns": spec.submission.target_columns,
            }),
        ),
        ("data_path", json!(competition.data_path(paths))),
        ("output_path", json!(output_path(paths))),
        ("tags", json!(spec.tags)),
    ];
    Ok(Value::Object(Map::from_iter(facts.map(|(key, value)| (key.to_owned(), value)))))
}

fn data_structure(competition: &PreparedCompetition, paths: CodePaths) -> Result<Value, String> {
    let mut tree = format!("{}/\n", competition.data_path(paths));
    draw(&competition.data().public(), 1, &mut tree).map_err(|error| format!("the data cannot be listed: {error}"))?;
    Ok(tree.into())
}

/// Draws a folder: at most ten folders and ten files, the sizes of files, and how many more there are.
fn draw(folder: &Path, depth: usize, tree: &mut String) -> std::io::Result<()> {
    const SHOWN: usize = 10;
    const DEPTH: usize = 6;
    let mut folders = Vec::new();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            folders.push((name, entry.path()));
        } else {
            files.push((name, entry.metadata()?.len()));
        }
    }
    folders.sort();
    files.sort();
    let indent = "  ".repeat(depth);
    let more = |count: usize, what: &str, tree: &mut String| {
        if count > SHOWN {
            let _ = writeln!(tree, "{indent}[and {} more {what}]", count - SHOWN);
        }
    };
    for (name, path) in folders.iter().take(SHOWN) {
        let _ = writeln!(tree, "{indent}{name}/");
        if depth < DEPTH {
            draw(path, depth + 1, tree)?;
        }
    }
    more(folders.len(), "folders", tree);
    for (name, bytes) in files.iter().take(SHOWN) {
        let _ = writeln!(tree, "{indent}{name} ({bytes} bytes)");
    }
    more(files.len(), "files", tree);
    Ok(())
}

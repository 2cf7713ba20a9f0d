//! Named sets of competitions: the splits that benchmarks publish.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::CatalogError;

/// The file with the sets, beside the competitions' folders.
pub(crate) const SETS_FILE: &str = "sets.toml";

static BUNDLED: &str = include_str!("../../../catalog/sets.toml");

/// A named set of competitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompetitionSet {
    /// What it is, in a sentence.
    pub about: String,
    /// Its competitions' slugs.
    #[serde(default)]
    pub competitions: Vec<String>,
    /// Sets that it is made of, beside its own competitions; they have no parts themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// The suite that it is, instead of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
}

/// The bundled sets, then those of the folders; a later one hides an earlier one of its name.
pub(crate) fn read<'a>(
    folders: impl Iterator<Item = &'a Path>,
) -> Result<BTreeMap<String, CompetitionSet>, CatalogError> {
    let mut sets = parse(BUNDLED, "catalog/sets.toml")?;
    for folder in folders {
        let file = folder.join(SETS_FILE);
        let name = file.display().to_string();
        match std::fs::read_to_string(&file) {
            Ok(text) => sets.extend(parse(&text, &name)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(CatalogError::Read { file: name, source }),
        }
    }
    for (name, set) in &sets {
        let wrong = |part: &&String| sets.get(*part).is_none_or(|set| !set.parts.is_empty());
        if let Some(part) = set.parts.iter().find(wrong) {
            let message = format!("key `{name}.parts`: `{part}` is no set, or has parts itself");
            return Err(CatalogError::invalid(SETS_FILE, message));
        }
    }
    Ok(sets)
}

fn parse(text: &str, file: &str) -> Result<BTreeMap<String, CompetitionSet>, CatalogError> {
    toml::from_str(text).map_err(|error| CatalogError::invalid(file, error.to_string()))
}

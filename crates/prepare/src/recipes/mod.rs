//! Recipes that are written in Rust, for what steps cannot say.

mod iwildcam;
mod whale_categorization;

use crate::error::PrepareError;
use crate::workspace::Workspace;

/// A recipe, or the part of one that steps cannot say.
pub(crate) type Recipe = fn(&mut Workspace<'_>) -> Result<(), PrepareError>;

/// The recipe of a name, as `{ do = "run", recipe = "…" }` names it.
pub(crate) fn find(name: &str) -> Option<Recipe> {
    RECIPES.iter().find(|(known, _)| *known == name).map(|(_, recipe)| *recipe)
}

const RECIPES: &[(&str, Recipe)] =
    &[("iwildcam-2020-fgvc7", iwildcam::run), ("whale-categorization-playground", whale_categorization::run)];

//! The scripts that the agent runs: constants, then the pieces of Python that a recipe needs.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::facts::Facts;
use super::plan::{Kind, Model, Recipe};

/// A piece of Python under `python/`.
macro_rules! piece {
    ($name:literal) => {
        include_str!(concat!("python/", $name, ".py"))
    };
}

/// Where scripts look when nobody told them.
const OUTPUT: &str = "/kaggle/working/submission.csv";
const DATA: &str = "/kaggle/input";

/// The script of a recipe.
pub(super) fn program(facts: &Facts, recipe: &Recipe) -> String {
    match recipe {
        Recipe::Sample => script(facts, "the sample submission", &[], &[piece!("sample")]),
        Recipe::Model(model) => {
            let title = match model.kind {
                Kind::Simple => "a simple model",
                Kind::Boosting => "gradient boosting",
                Kind::Tuned => "a tuned model",
            };
            let title =
                if model.name == model.kind.name() { title.to_owned() } else { format!("{title}, {}", model.name) };
            let constants = [("ROW_LIMIT", json!(model.row_limit)), ("MODELS", models([model]))];
            let mut pieces = pieces([model]);
            pieces.push(piece!("run_member"));
            script(facts, &title, &constants, &pieces)
        }
        Recipe::Blend(members) => {
            let all = || members.iter().map(|(model, _)| model);
            let names: Vec<&str> = all().map(|model| model.name.as_str()).collect();
            let shares = members.iter().map(|(model, share)| (model.name.clone(), json!(share)));
            let constants = [
                ("ROW_LIMIT", json!(all().map(|model| model.row_limit).min())),
                ("MODELS", models(all())),
                ("SHARES", Value::Object(Map::from_iter(shares))),
            ];
            let mut pieces = pieces(all());
            pieces.push(piece!("blend"));
            script(facts, &format!("a blend of {}", names.join(", ")), &constants, &pieces)
        }
    }
}

/// A script that looks at the files and submits nothing.
pub(super) fn profile(facts: &Facts) -> String {
    script(facts, "a look at the files", &[], &[piece!("setup"), piece!("profile")])
}

fn script(facts: &Facts, title: &str, constants: &[(&str, Value)], pieces: &[&str]) -> String {
    let known = [
        ("DATA", json!(facts.data_path.as_deref().unwrap_or(DATA))),
        ("OUTPUT", json!(facts.output_path.as_deref().unwrap_or(OUTPUT))),
        ("ID", json!(facts.id)),
        ("TARGETS", json!(facts.targets)),
        ("METRIC", json!(facts.metric)),
        ("AVERAGE", json!(facts.average.as_deref().unwrap_or("macro"))),
    ];
    let mut text = format!("# Baseline: {title}\n");
    for (name, value) in known.iter().chain(constants) {
        let _ = writeln!(text, "{name} = {}", literal(value));
    }
    for piece in pieces {
        text.push('\n');
        text.push_str(piece.trim());
        text.push('\n');
    }
    text
}

/// The settings of models, by name, as their Python reads them.
fn models<'a>(models: impl IntoIterator<Item = &'a Model>) -> Value {
    let settings = models.into_iter().map(|model| {
        let settings = match model.kind {
            Kind::Tuned => json!({
                "kind": model.kind.name(), "seed": model.seed, "families": model.families, "wide": model.wide,
            }),
            Kind::Simple | Kind::Boosting => json!({ "kind": model.kind.name(), "seed": model.seed }),
        };
        (model.name.clone(), settings)
    });
    Value::Object(Map::from_iter(settings))
}

/// The pieces that make these models, each once, after those that they build on.
fn pieces<'a>(models: impl IntoIterator<Item = &'a Model>) -> Vec<&'static str> {
    let mut series = false;
    let mut kinds: Vec<Kind> = Vec::new();
    for model in models {
        series = model.series;
        kinds.push(model.kind);
        if model.kind == Kind::Tuned && !model.series {
            kinds.extend([Kind::Simple, Kind::Boosting]); // It searches around theirs.
        }
    }
    let mut pieces = vec![piece!("setup"), piece!("metric")];
    if series {
        pieces.extend([piece!("series"), piece!("members")]);
    } else {
        pieces.extend([piece!("table"), piece!("fitting"), piece!("members")]);
    }
    for (kind, table, of_series) in [
        (Kind::Simple, piece!("table_simple"), piece!("series_simple")),
        (Kind::Boosting, piece!("table_boosting"), piece!("series_boosting")),
        (Kind::Tuned, piece!("table_tuned"), piece!("series_tuned")),
    ] {
        if kinds.contains(&kind) {
            pieces.push(if series { of_series } else { table });
        }
    }
    pieces
}

/// A Python literal. JSON's strings and numbers are Python's too; its three words are not.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(values) => format!("[{}]", values.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", json!(key), literal(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_python() {
        let value = json!({"a \"b\"\n": [null, true, false, 1, 0.5, "ü\u{2028}\\"]});
        assert_eq!(literal(&value), "{\"a \\\"b\\\"\\n\": [None, True, False, 1, 0.5, \"ü\u{2028}\\\\\"]}");
    }

    #[test]
    fn a_script_holds_what_its_models_need_and_no_more() {
        let model = |kind, series| Model {
            name: "m".to_owned(),
            kind,
            seed: 1,
            families: vec!["linear"],
            wide: false,
            series,
            row_limit: 10,
        };
        let code = |kind, series| program(&Facts::default(), &Recipe::Model(model(kind, series)));
        for (kind, series, has, lacks) in [
            (Kind::Simple, false, "LogisticRegression", "lightgbm"),
            (Kind::Boosting, false, "lightgbm", "LogisticRegression"),
            (Kind::Tuned, false, "def linear_models", "statsmodels"),
            (Kind::Tuned, true, "statsmodels", "import clone"),
            (Kind::Simple, true, "def seasonal_naive", "statsmodels"),
        ] {
            let code = code(kind, series);
            assert!(code.contains(has) && !code.contains(lacks), "{kind:?} {series}");
        }
    }
}

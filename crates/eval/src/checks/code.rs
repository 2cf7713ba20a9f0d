//! What a program does, from its tokens alone: whether it models anything, what values it holds, whose it is.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::checks::python::{Token, tokens};

/// What is kept of an agent's program.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    /// Whether something in it fits a model, predicts with one, or solves for parameters.
    pub(crate) models: bool,
    /// The most values that stand in a row: in lists, dictionaries, and lines of long texts.
    pub(crate) literals: usize,
    /// Hashes of all pieces of [`PIECE`] tokens.
    pieces: HashSet<u64>,
}

/// Tokens of a piece, by which programs are compared.
const PIECE: usize = 8;
/// Programs with fewer pieces are alike by chance.
const LEAST_PIECES: usize = 40;

/// Methods that fit or predict, and functions that solve for parameters.
const CALLS: [&str; 24] = [
    "fit",
    "fit_predict",
    "fit_resample",
    "partial_fit",
    "predict",
    "predict_proba",
    "decision_function",
    "forecast",
    "train",
    "train_step",
    "backward",
    "cross_val_predict",
    "cross_val_score",
    "kneighbors",
    "lstsq",
    "polyfit",
    "curve_fit",
    "least_squares",
    "minimize",
    "linprog",
    "generate",
    "encode",
    "from_pretrained",
    "transcribe",
];

/// Packages that are there for models.
const PACKAGES: [&str; 18] = [
    "lightgbm",
    "xgboost",
    "catboost",
    "torch",
    "tensorflow",
    "keras",
    "jax",
    "flax",
    "transformers",
    "timm",
    "fastai",
    "prophet",
    "pmdarima",
    "implicit",
    "surprise",
    "gensim",
    "spacy",
    "autogluon",
];

impl Code {
    pub(crate) fn of(source: &str) -> Self {
        let tokens = tokens(source);
        let pieces = tokens.windows(PIECE).map(|piece| {
            let mut hasher = DefaultHasher::new();
            piece.hash(&mut hasher);
            hasher.finish()
        });
        Self { models: models(&tokens), literals: literals(&tokens), pieces: pieces.collect() }
    }

    /// The share of this program that the other one has, too, pieces that anybody writes left out; `None` where too few
    /// are left to say.
    pub(crate) fn share_in(&self, other: &Self, usual: &Usual) -> Option<f64> {
        let own = || self.pieces.iter().filter(|piece| !usual.0.contains(piece));
        let count = own().count();
        if count < LEAST_PIECES {
            return None;
        }
        let common = own().filter(|piece| other.pieces.contains(piece)).count();
        Some(common as f64 / count as f64)
    }
}

/// Pieces that anybody writes, such as reading the data.
#[derive(Debug, Default)]
pub(crate) struct Usual(HashSet<u64>);

/// Agents whose programs have a piece, from which on it is a usual one.
const USUAL: usize = 3;

impl Usual {
    /// The pieces that programs of three agents or more have; each program with its agent.
    pub(crate) fn of<'a>(programs: impl Iterator<Item = (&'a str, &'a Code)>) -> Self {
        let mut agents: HashMap<u64, HashSet<&str>> = HashMap::new();
        for (agent, code) in programs {
            for &piece in &code.pieces {
                agents.entry(piece).or_default().insert(agent);
            }
        }
        let usual = agents.into_iter().filter(|(_, agents)| agents.len() >= USUAL);
        Self(usual.map(|(piece, _)| piece).collect())
    }
}

fn models(tokens: &[Token<'_>]) -> bool {
    tokens.windows(2).any(|pair| match pair {
        [Token::Name(name), Token::Mark('(')] => CALLS.contains(name),
        [Token::Name("import" | "from"), Token::Name(name)] => PACKAGES.contains(name),
        _ => false,
    })
}

/// The most values in a stretch of nothing but values and what separates them.
fn literals(tokens: &[Token<'_>]) -> usize {
    let (mut most, mut run) = (0, 0);
    for token in tokens {
        match token {
            Token::Number(_) => run += 1,
            Token::Text(text) => run += values_in(text),
            Token::Mark(',' | ':' | '-' | '+' | '[' | ']' | '(' | ')' | '{' | '}') => {}
            Token::Name("True" | "False" | "None") => run += 1,
            _ => run = 0,
        }
        most = most.max(run);
    }
    most
}

/// Values in a text: one, or one a line of a table, or what a packed block without blanks could hold.
fn values_in(text: &str) -> usize {
    /// Texts of fewer bytes are names and messages.
    const PACKED: usize = 400;
    let lines = text.lines().filter(|line| line.chars().any(|c| c.is_ascii_digit() || c == ',')).count();
    if text.len() >= PACKED && !text.contains(char::is_whitespace) {
        return text.len() / 8;
    }
    lines.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_seen_however_they_are_called() {
        for source in [
            "m = LogisticRegression().fit(x, y)",
            "import lightgbm as lgb",
            "w, *_ = np.linalg.lstsq(a, b)",
            "p = model.predict_proba(t)[:, 1]",
        ] {
            assert!(Code::of(source).models, "{source}");
        }
        for source in ["sub['y'] = 0.5", "print('fit(')", "# model.fit(x)\nfit = 3"] {
            assert!(!Code::of(source).models, "{source}");
        }
    }

    #[test]
    fn values_in_a_row_are_counted() {
        assert_eq!(Code::of("a = [1, -2.5, 'x', None]; b = 1").literals, 4);
        assert_eq!(Code::of("d = {'a': 1, 'b': 2}").literals, 4);
        assert_eq!(Code::of("f(1); g(2); h(3)").literals, 1);
        assert_eq!(Code::of("t = '''id,y\n1,2\n2,3\n3,4\n'''").literals, 4);
        assert_eq!(Code::of(&format!("t = '{}'", "QUJD".repeat(200))).literals, 100);
    }

    #[test]
    fn a_program_is_found_in_another_whatever_its_comments() {
        let program = |name: &str, count: usize| -> String {
            (0..count).map(|n| format!("{name}{n} = frame['column{n}'].mean() # {name}\n")).collect()
        };
        let (one, other) = (program("a", 20), program("b", 20));
        let copied = format!("import os\n{}\nprint(os)", one.replace("# a", "# mine"));
        let (one, other, copied) = (Code::of(&one), Code::of(&other), Code::of(&copied));
        let none = Usual::default();
        assert!(one.share_in(&copied, &none).unwrap() > 0.99);
        assert!(one.share_in(&other, &none).unwrap() < 0.5);
        assert_eq!(Code::of("x = 1").share_in(&one, &none), None);
        let usual = |agents: [&'static str; 3]| Usual::of(agents.into_iter().zip([&one, &copied, &one]));
        assert_eq!(one.share_in(&copied, &usual(["a", "b", "c"])), None);
        assert!(one.share_in(&copied, &usual(["a", "b", "a"])).is_some());
    }
}

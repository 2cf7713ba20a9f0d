//! The columns of a table, said once: Parquet files and the features in a data set's card follow from it.

use std::fmt::Write;

/// A named column, or a part of one. Each may be null.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Text,
    Whole,
    Number,
    Flag,
    List(Box<Kind>),
    Record(Vec<Field>),
}

pub(crate) fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind }
}

impl Kind {
    pub(crate) fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    /// Values a cell of this kind is made of, each a column on disk.
    pub(crate) fn leaves(&self) -> usize {
        match self {
            Self::Text | Self::Whole | Self::Number | Self::Flag => 1,
            Self::List(of) => of.leaves(),
            Self::Record(fields) => fields.iter().map(|field| field.kind.leaves()).sum(),
        }
    }
}

/// A chat message. `train` and `step` stand only in messages of conversations, not in prompts.
pub(crate) fn message(with_masks: bool) -> Kind {
    let call = Kind::Record(vec![
        field("id", Kind::Text),
        field("type", Kind::Text),
        field("function", Kind::Record(vec![field("name", Kind::Text), field("arguments", Kind::Text)])),
    ]);
    let mut fields = vec![
        field("role", Kind::Text),
        field("content", Kind::Text),
        field("reasoning_content", Kind::Text),
        field("tool_calls", Kind::list(call)),
        field("tool_call_id", Kind::Text),
    ];
    if with_masks {
        fields.push(field("train", Kind::Flag));
        fields.push(field("step", Kind::Whole));
    }
    Kind::Record(fields)
}

/// The features as Hugging Face's cards have them (YAML), set in by `indent` blanks.
pub(crate) fn features(fields: &[Field], indent: usize) -> String {
    let mut yaml = String::new();
    let blanks = " ".repeat(indent);
    for field in fields {
        let _ = writeln!(yaml, "{blanks}- name: {}", field.name);
        yaml.push_str(&feature(&field.kind, indent + 2));
    }
    yaml
}

fn feature(kind: &Kind, indent: usize) -> String {
    let blanks = " ".repeat(indent);
    match (kind, scalar(kind)) {
        (_, Some(dtype)) => format!("{blanks}dtype: {dtype}\n"),
        (Kind::Record(fields), _) => format!("{blanks}struct:\n{}", features(fields, indent)),
        (Kind::List(of), _) => match (&**of, scalar(of)) {
            (_, Some(dtype)) => format!("{blanks}list: {dtype}\n"),
            (Kind::Record(fields), _) => format!("{blanks}list:\n{}", features(fields, indent)),
            (of, _) => format!("{blanks}list:\n{}", feature(of, indent + 2)),
        },
        _ => String::new(),
    }
}

fn scalar(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Text => Some("string"),
        Kind::Whole => Some("int64"),
        Kind::Number => Some("float64"),
        Kind::Flag => Some("bool"),
        Kind::List(_) | Kind::Record(_) => None,
    }
}

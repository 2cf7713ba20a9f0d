//! The columns of a table that a recipe makes.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A column: the name of one that the table has, or one made from it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ColumnSpec {
    /// The table's column of this name; `*` stands for all columns that are named nowhere else.
    Named(String),
    /// One or several columns that are made.
    Derived(Box<DerivedColumn>),
}

/// A column that is made. Exactly one of `from`, `value`, `text`, `count-from`, `count-after`, `number-of`, `draw`,
/// `one-hot` and `columns-of` says how.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DerivedColumn {
    /// Its name; not with `one-hot` and `columns-of`, which give several columns.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The table's column of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// With `from`: what texts become; all that occur must be named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, String>,
    /// This text in every row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// A text in which `{column}` stands for the row's cell, `{column[0]}` for its first character,
    /// `{column[:-4]}` for all but its last four.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The rows' numbers, the first one this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_from: Option<usize>,
    /// The rows' numbers, the first one the number of rows of this table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_after: Option<String>,
    /// A number drawn for each row, one after the other, by NumPy's `RandomState(0)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<Draw>,
    /// The numbers of this column's values, from 0, in the order in which they first come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_of: Option<String>,
    /// A column for each class: 1 in the rows whose cell of this column is the class, else 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_hot: Option<String>,
    /// With `one-hot`: the classes, in the order of their columns. A cell that is none of them is an error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// With `one-hot`, in place of `classes`: the table whose distinct cells of that column are the classes, sorted
    /// as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes_of: Option<String>,
    /// With `one-hot`, in place of `classes`: the table whose columns but for the first are named as the classes, such
    /// as a sample submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes_in_header_of: Option<String>,
    /// With `one-hot`: what stands between the labels of a cell that may have several. Those that are none of the
    /// classes are passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// The columns that another table has as well, in its order; with `fill`, all of that table's. Those that the new
    /// table has already are passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns_of: Option<String>,
    /// With `columns-of`: this text in every row, in place of the table's own cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<String>,
}

/// What is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Draw {
    /// The integers from the first one up to the second one (exclusive).
    Integers(i64, i64),
    /// The numbers between two.
    Uniform(f64, f64),
    /// The normal distribution of a mean and a standard deviation.
    Normal(f64, f64),
}

impl<'de> Deserialize<'de> for ColumnSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ColumnVisitor;
        impl<'de> Visitor<'de> for ColumnVisitor {
            type Value = ColumnSpec;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a column, or a table that says how one is made")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<ColumnSpec, E> {
                Ok(ColumnSpec::Named(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ColumnSpec, A::Error> {
                let column = DerivedColumn::deserialize(MapAccessDeserializer::new(map))?;
                column.check().map_err(A::Error::custom)?;
                Ok(ColumnSpec::Derived(Box::new(column)))
            }
        }
        deserializer.deserialize_any(ColumnVisitor)
    }
}

impl DerivedColumn {
    /// What the types cannot say.
    fn check(&self) -> Result<(), String> {
        let ways = [
            self.from.is_some(),
            self.value.is_some(),
            self.text.is_some(),
            self.count_from.is_some(),
            self.count_after.is_some(),
            self.draw.is_some(),
            self.number_of.is_some(),
            self.one_hot.is_some(),
            self.columns_of.is_some(),
        ];
        if ways.into_iter().filter(|way| *way).count() != 1 {
            return Err("a column needs exactly one of `from`, `value`, `text`, `count-from`, `count-after`, \
                 `number-of`, `draw`, `one-hot` and `columns-of`"
                .to_owned());
        }
        if (self.one_hot.is_some() || self.columns_of.is_some()) != self.name.is_empty() {
            return Err("a column needs a `name`; `one-hot` and `columns-of` have none".to_owned());
        }
        let classes = [!self.classes.is_empty(), self.classes_of.is_some(), self.classes_in_header_of.is_some()];
        if classes.into_iter().filter(|way| *way).count() != usize::from(self.one_hot.is_some()) {
            return Err("`one-hot` needs one of `classes`, `classes-of` and `classes-in-header-of`, which go with no \
                 other"
                .to_owned());
        }
        if self.separator.is_some() && (self.one_hot.is_none() || self.classes_of.is_some()) {
            return Err("`separator` goes with `one-hot`, and with `classes` or `classes-in-header-of`".to_owned());
        }
        if self.columns_of.is_none() && self.fill.is_some() {
            return Err("`fill` goes with `columns-of`".to_owned());
        }
        if self.from.is_none() && !self.map.is_empty() {
            return Err("`map` goes with `from`".to_owned());
        }
        Ok(())
    }
}

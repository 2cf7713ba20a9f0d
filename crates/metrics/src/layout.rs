//! Which columns of a file are what.

use crate::answers::AnswersError;
use crate::rejection::{MissingColumn, Rejection};
use crate::spec::{ColumnMatching, IdPlace, Rules, SurplusColumns};
use crate::table::{Column, Table};

/// The columns of a submission and of the answers, by name.
#[derive(Debug)]
pub(crate) struct Layout {
    ids: Vec<String>,
    targets: Vec<String>,
    unused: Vec<String>,
    optional: Vec<String>,
    id_place: IdPlace,
    columns: ColumnMatching,
    surplus: SurplusColumns,
    /// The column at each place of the answers' header.
    header: Vec<String>,
}

impl Layout {
    /// The layout for these answers, and their id and target columns.
    pub(crate) fn new<'a>(
        rules: &Rules,
        answers: &'a Table,
    ) -> Result<(Self, Vec<Column<'a>>, Vec<Column<'a>>), AnswersError> {
        let spec = &rules.submission;
        let or = |own: &Vec<String>, other: &Vec<String>| if own.is_empty() { other.clone() } else { own.clone() };
        let true_ids = or(&rules.answers.id_columns, &spec.id_columns);
        let mut targets = spec.target_columns.clone();
        if targets.is_empty() {
            let reserved = rules.named_columns();
            let prefix = spec.target_prefix.as_deref().unwrap_or_default();
            let is_target = |name: &&String| {
                let named = [&true_ids, &spec.unused_columns, &spec.optional_columns, &reserved];
                name.starts_with(prefix) && named.iter().all(|names| !names.contains(name))
            };
            targets = answers.header().iter().filter(is_target).cloned().collect();
        } else if spec.columns == ColumnMatching::ByPosition {
            let place = |name: &String| answers.header().iter().position(|other| other == name);
            targets.sort_by_key(place);
        }
        let column =
            |name: &String| answers.column(name).ok_or_else(|| AnswersError::MissingColumn { column: name.clone() });
        let id_columns = true_ids.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        let true_targets = or(&rules.answers.target_columns, &targets);
        let target_columns = true_targets.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        let (least, most) = rules.metric.target_columns();
        if !(least..=most).contains(&targets.len()) {
            return Err(AnswersError::TargetCount {
                metric: rules.metric.name(),
                expected: least,
                most,
                found: targets.len(),
            });
        }
        let layout = Self {
            ids: spec.id_columns.clone(),
            targets,
            unused: spec.unused_columns.clone(),
            optional: spec.optional_columns.clone(),
            id_place: spec.id_place,
            columns: spec.columns,
            surplus: spec.surplus,
            header: answers.header().to_vec(),
        };
        Ok((layout, id_columns, target_columns))
    }

    /// The id columns and the target columns of a submission, in the layout's order.
    pub(crate) fn find<'a>(&self, submission: &'a Table) -> Result<(Vec<Column<'a>>, Vec<Column<'a>>), Rejection> {
        let header = submission.header();
        let ids = match self.id_place {
            // The first column, unless that is one that is asked for as something else.
            IdPlace::FirstUnnamed if self.ids.len() == 1 => {
                if self.targets.contains(&header[0]) {
                    return Err(self.misplaced("first", &header[0]));
                }
                vec![header[0].clone()]
            }
            _ => self.ids.clone(),
        };
        let expected: Vec<&String> = ids.iter().chain(&self.targets).chain(&self.unused).collect();
        let is_surplus = |name: &&String| !expected.contains(name) && !self.optional.contains(name);
        let surplus: Vec<String> = header.iter().filter(is_surplus).cloned().collect();
        let mut missing = Vec::new();
        let mut find = |name: &String| {
            let column = submission.column(name);
            if column.is_none() {
                let did_you_mean = surplus.iter().find(|other| are_similar(other, name)).cloned();
                missing.push(MissingColumn { name: name.clone(), did_you_mean });
            }
            column
        };
        let id_columns: Vec<Column<'a>> = ids.iter().filter_map(&mut find).collect();
        let mut targets: Vec<Column<'a>> = self.targets.iter().filter_map(&mut find).collect();
        for name in &self.unused {
            find(name);
        }
        if !missing.is_empty() {
            return Err(Rejection::MissingColumns { missing, found: header.to_vec() });
        }
        if self.surplus == SurplusColumns::Rejected && !surplus.is_empty() {
            let expected = expected.into_iter().cloned().collect();
            return Err(Rejection::SurplusColumns { surplus, expected });
        }
        match self.id_place {
            IdPlace::First if header[0] != ids[0] => return Err(self.misplaced("first", &header[0])),
            IdPlace::InPlace => {
                if let Some((place, found)) = header.iter().enumerate().find(|&(place, found)| {
                    ids.contains(found) != self.header.get(place).is_some_and(|name| ids.contains(name))
                }) {
                    return Err(self.misplaced(ORDINALS.get(place).unwrap_or(&"last"), found));
                }
            }
            _ => {}
        }
        if self.columns == ColumnMatching::ByPosition {
            let place = |column: &Column<'_>| header.iter().position(|name| name == column.name());
            targets.sort_by_key(place);
        }
        Ok((id_columns, targets))
    }

    fn misplaced(&self, place: &'static str, found: &str) -> Rejection {
        Rejection::IdColumnPlace { column: self.ids[0].clone(), place: place.into(), found: found.to_owned() }
    }
}

const ORDINALS: [&str; 4] = ["first", "second", "third", "fourth"];

/// Whether two column names differ only in case, blanks or punctuation.
fn are_similar(a: &str, b: &str) -> bool {
    let letters =
        |name: &str| name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let (a, b): (String, String) = (letters(a), letters(b));
    !a.is_empty() && a == b
}

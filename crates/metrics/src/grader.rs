//! Scoring a submission against the answers: start with [`Grader`].

use serde::{Deserialize, Serialize};

use crate::answers::{AnswersError, Truth};
use crate::ids::IdIndex;
use crate::predictions::{self, Domain};
use crate::rejection::{CellProblem, MissingColumn, Offenders, Rejection};
use crate::spec::{Average, Metric, Rules};
use crate::table::{Column, Table};
use crate::{classification, correlation, kappa, probability, ranking, regression};

/// What a submission earned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The metric's value; always finite.
    pub value: f64,
    /// Something about the value that its reader should know, such as that the metric was undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The answers of a competition, ready to score submissions.
///
/// Rows are matched by id, and every sum runs in the answers' order, so the same predictions give the same bits
/// whatever the order of the submission's rows and columns.
///
/// ```
/// use mledojo_metrics::{Grader, Metric, ReadLimits, Rules, Table};
///
/// let limits = ReadLimits::default();
/// let answers = Table::parse(b"id,label\n1,cat\n2,dog\n3,cat\n", &limits)?;
/// let grader = Grader::new(Rules::new(Metric::Accuracy, &["id"], &["label"]), &answers)?;
///
/// let submission = Table::parse(b"id,label\n3,cat\n2,cat\n1,cat\n", &limits)?;
/// assert_eq!(grader.score(&submission)?.value, 2.0 / 3.0);
///
/// let submission = Table::parse(b"id,Label\n3,cat\n2,cat\n1,cat\n", &limits)?;
/// assert_eq!(grader.score(&submission).unwrap_err().kind(), "missing_columns");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Grader {
    metric: Metric,
    format: SubmissionFormat,
    ids: IdIndex,
    truth: Truth,
}

impl Grader {
    /// Parses the answers, which must have exactly the columns of a submission. For
    /// [`Metric::MulticlassLogLoss`] each target column is 0 or 1, and one of them is 1 in each row.
    ///
    /// # Errors
    /// If the answers do not fit the format or the metric, or the metric is undefined on them.
    pub fn new(rules: Rules, answers: &Table) -> Result<Self, AnswersError> {
        let Rules { metric, submission, .. } = rules;
        let format = SubmissionFormat { id: submission.id_columns[0].clone(), targets: submission.target_columns };
        let expected: Vec<&String> = std::iter::once(&format.id).chain(&format.targets).collect();
        if let Some(index) = (1..expected.len()).find(|&index| expected[..index].contains(&expected[index])) {
            return Err(AnswersError::RepeatedColumn { column: expected[index].clone() });
        }
        let column =
            |name: &String| answers.column(name).ok_or_else(|| AnswersError::MissingColumn { column: name.clone() });
        let ids = column(&format.id)?;
        let targets = format.targets.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        if let Some(surplus) = answers.header().iter().find(|name| !expected.contains(name)) {
            return Err(AnswersError::SurplusColumn { column: surplus.clone() });
        }
        if answers.rows() == 0 {
            return Err(AnswersError::NoRows);
        }
        let truth = Truth::new(&metric, &targets, answers)?;
        let ids = IdIndex::new(ids, answers)?;
        Ok(Self { metric, format, ids, truth })
    }

    /// Number of rows that a submission must have.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.ids.len()
    }

    /// The metric that scores are in.
    #[must_use]
    pub fn metric(&self) -> &Metric {
        &self.metric
    }

    /// Scores a submission.
    ///
    /// # Errors
    /// If the submission has other columns or ids than asked for, or cells that cannot be a prediction.
    pub fn score(&self, submission: &Table) -> Result<Score, Rejection> {
        let (ids, targets) = self.columns(submission)?;
        let order = self.ids.align(ids, submission)?;
        let sheet = Sheet { submission, ids, order: &order };
        let value = match &self.truth {
            Truth::Numbers { values, domain } => self.of_numbers(values, &sheet.numbers(targets[0], *domain)?),
            Truth::Scores { positive, domain } => {
                let scores = sheet.numbers(targets[0], *domain)?;
                match self.metric {
                    Metric::LogLoss { .. } => probability::log_loss(positive, &scores),
                    _ => ranking::roc_auc(positive, &scores),
                }
            }
            Truth::Binary { positive } => {
                let predicted = sheet.read(targets[0], predictions::BINARY, predictions::parse_binary)?;
                classification::f1_binary(positive, &predicted)
            }
            Truth::Labels { classes, labels } => {
                self.of_labels(classes, &sheet.read(targets[0], labels.expected(), labels.reader())?)
            }
            Truth::Ordinal { values, low, high } => {
                let label = |text: &str| match predictions::parse_whole(text)? {
                    label if (*low..=*high).contains(&label) => Ok(label),
                    _ => Err(CellProblem::OutOfRange),
                };
                let expected = "a whole number within the range of the competition's labels";
                kappa::quadratic_weighted_kappa(values, &sheet.read(targets[0], expected, label)?)
            }
            Truth::OneHot { classes } => {
                probability::multiclass_log_loss(classes, &sheet.probabilities(&targets)?, targets.len())
            }
        };
        Ok(finish(value))
    }

    fn of_numbers(&self, truth: &[f64], predicted: &[f64]) -> Option<f64> {
        match self.metric {
            Metric::Mae => regression::mae(truth, predicted),
            Metric::Rmsle { .. } => regression::rmsle(truth, predicted),
            Metric::R2 => regression::r2(truth, predicted),
            Metric::Mape => regression::mape(truth, predicted),
            Metric::Smape => regression::smape(truth, predicted),
            Metric::Pearson => correlation::pearson(truth, predicted),
            Metric::Spearman => correlation::spearman(truth, predicted),
            _ => regression::rmse(truth, predicted),
        }
    }

    fn of_labels(&self, truth: &[u32], predicted: &[u32]) -> Option<f64> {
        match self.metric {
            Metric::BalancedAccuracy => classification::balanced_accuracy(truth, predicted),
            Metric::F1 { average: Average::Macro } => classification::f1_macro(truth, predicted),
            Metric::F1 { average: Average::Micro } => classification::f1_micro(truth, predicted),
            Metric::F1 { average: Average::Weighted } => classification::f1_weighted(truth, predicted),
            Metric::Mcc => classification::mcc(truth, predicted),
            _ => classification::accuracy(truth, predicted),
        }
    }

    /// The id column and the target columns of a submission, in the format's order.
    fn columns<'a>(&self, submission: &'a Table) -> Result<(Column<'a>, Vec<Column<'a>>), Rejection> {
        let expected = || std::iter::once(&self.format.id).chain(&self.format.targets);
        let surplus: Vec<String> =
            submission.header().iter().filter(|name| expected().all(|expected| expected != *name)).cloned().collect();
        let mut missing = Vec::new();
        let mut find = |name: &String| {
            let column = submission.column(name);
            if column.is_none() {
                let did_you_mean = surplus.iter().find(|other| are_similar(other, name)).cloned();
                missing.push(MissingColumn { name: name.clone(), did_you_mean });
            }
            column
        };
        let ids = find(&self.format.id);
        let targets: Vec<Column<'_>> = self.format.targets.iter().filter_map(find).collect();
        match ids {
            Some(ids) if missing.is_empty() => {
                if surplus.is_empty() {
                    Ok((ids, targets))
                } else {
                    Err(Rejection::SurplusColumns { surplus, expected: expected().cloned().collect() })
                }
            }
            _ => Err(Rejection::MissingColumns { missing, found: submission.header().to_vec() }),
        }
    }
}

#[derive(Debug)]
struct SubmissionFormat {
    id: String,
    targets: Vec<String>,
}

/// A submission whose rows are matched with the answers'.
struct Sheet<'a> {
    submission: &'a Table,
    ids: Column<'a>,
    /// The answers' row of each row.
    order: &'a [u32],
}

impl Sheet<'_> {
    fn read<T: Copy + Default>(
        &self,
        column: Column<'_>,
        expected: &'static str,
        parse: impl FnMut(&str) -> Result<T, CellProblem>,
    ) -> Result<Vec<T>, Rejection> {
        predictions::read(self.submission, self.ids, column, self.order, expected, parse)
    }

    fn numbers(&self, column: Column<'_>, domain: Domain) -> Result<Vec<f64>, Rejection> {
        self.read(column, domain.expected(), |text| domain.parse(text))
    }

    /// The matrix of a column per class, row by row in the answers' order.
    fn probabilities(&self, targets: &[Column<'_>]) -> Result<Vec<f64>, Rejection> {
        let classes = targets.len();
        let mut matrix = vec![0.0; self.order.len() * classes];
        for (class, &target) in targets.iter().enumerate() {
            for (row, probability) in self.numbers(target, Domain::Probability)?.into_iter().enumerate() {
                matrix[row * classes + class] = probability;
            }
        }
        let mut zeros = Offenders::default();
        for (row, &answer) in self.order.iter().enumerate() {
            let start = answer as usize * classes;
            if matrix[start..start + classes].iter().all(|&probability| probability == 0.0) {
                zeros.push(self.submission.line(row), self.ids.get(row), None);
            }
        }
        if zeros.count == 0 { Ok(matrix) } else { Err(Rejection::ZeroProbabilities { rows: zeros }) }
    }
}

/// A score that is always finite.
///
/// The answers were found fit for the metric, so an undefined value is due to the submission. Only correlations can
/// be, and 0 is what no correlation scores.
fn finish(value: Option<f64>) -> Score {
    match value {
        None => Score {
            value: 0.0,
            note: Some("the prediction is constant, so the correlation is undefined; it counts as 0".to_owned()),
        },
        Some(value) if value.is_finite() => Score { value, note: None },
        Some(value) => Score {
            value: if value < 0.0 { f64::MIN } else { f64::MAX },
            note: Some("the error is too large for a 64-bit float; it counts as the largest one".to_owned()),
        },
    }
}

/// Whether two column names differ only in case, blanks or punctuation.
fn are_similar(a: &str, b: &str) -> bool {
    let letters =
        |name: &str| name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let (a, b): (String, String) = (letters(a), letters(b));
    !a.is_empty() && a == b
}

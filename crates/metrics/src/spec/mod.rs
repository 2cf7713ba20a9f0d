//! How a competition grades, as data: start with [`Grading`], the tables `[metric]`, `[submission]` and `[answers]`
//! of a competition's file and what another protocol changes in them.

mod answers;
mod filter;
mod grading;
mod metric;
mod metric_facts;
mod metric_spec;
mod submission;

pub use answers::AnswersSpec;
pub use filter::{AnyRow, RowFilter, TargetCondition};
pub use grading::{Changes, Grading, GradingError, Protocol, Rules};
pub use metric::{Average, Component, GiniForm, IouCells, KappaDistance, MaskDistance, Metric, RowScaling, RowWeights};
pub use metric_spec::MetricSpec;
pub use submission::{
    BlankCells, ColumnMatching, IdMatching, IdPlace, LabelKind, Limits, RowMatching, RowSum, SubmissionSpec,
    SurplusColumns,
};

//! wsdm-cup-multilingual-chatbot-arena: comparisons in Parquet files, shuffled and cut in two.

use crate::error::PrepareError;
use crate::parquet::ParquetTable;
use crate::random::RandomState;
use crate::table::Frame;
use crate::workspace::Workspace;

const COLUMNS: [&str; 8] = ["id", "prompt", "response_a", "response_b", "winner", "model_a", "model_b", "language"];
/// The least share of the rows that is held out.
const SHARE: f64 = 0.2;

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let path = workspace.find("train.parquet")?;
    let all = ParquetTable::open(&path)?;
    let others = ParquetTable::open(&workspace.find("test.parquet")?)?.len();
    let columns = all.columns();
    if columns.len() != COLUMNS.len() || !COLUMNS.iter().all(|name| columns.contains(name)) {
        let message = format!("the columns are {columns:?}; expected {COLUMNS:?}");
        return Err(PrepareError::table(&path, None, message));
    }
    let share = (others as f64 / (all.len() + others) as f64).max(SHARE);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to the number of rows")]
    let size = (all.len() as f64 * share).round_ties_even() as usize;
    let order = RandomState::new(42).permutation(all.len());
    let (test, train) = order.split_at(size);

    let withheld: &[&str] = if workspace.corrected() { &["winner", "model_a", "model_b"] } else { &["winner"] };
    let public: Vec<&str> = columns.iter().copied().filter(|name| !withheld.contains(name)).collect();
    all.take(&columns, train, &workspace.new_file("public/train.parquet")?)?;
    all.take(&public, test, &workspace.new_file("public/test.parquet")?)?;
    let answers = Frame::of_columns("answers", [("id", all.texts("id")?), ("winner", all.texts("winner")?)]).take(test);
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant("winner", "model_a"))
}

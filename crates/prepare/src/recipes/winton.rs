//! the-winton-stock-market-challenge: a row of the answers for each return that is predicted.

use crate::error::PrepareError;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

/// Returns of minutes, whose weight is `Weight_Intraday`; two of days follow, whose weight is `Weight_Daily`.
const MINUTES: std::ops::RangeInclusive<u32> = 121..=180;
const WEIGHTS: [&str; 2] = ["Weight_Intraday", "Weight_Daily"];

/// Makes the tables `answers` and `features` of the table `test`.
pub(super) fn answers(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let test = workspace.table("test")?;
    let minutes = MINUTES.map(|minute| format!("Ret_{minute}"));
    let returns: Vec<String> = minutes.chain(["Ret_PlusOne".to_owned(), "Ret_PlusTwo".to_owned()]).collect();
    let intraday = returns.len() - 2;
    let cells = returns.iter().map(|name| test.texts(name)).collect::<Result<Vec<_>, _>>()?;
    let weights = WEIGHTS.map(|name| test.texts(name));
    let [minute_weights, day_weights] = weights;
    let (minute_weights, day_weights) = (minute_weights?, day_weights?);
    let mut columns = [const { Texts::new() }; 4];
    let [ids, predicted, weight_intraday, weight_daily] = &mut columns;
    for (row, id) in test.texts("Id")?.iter().enumerate() {
        for (place, cells) in cells.iter().enumerate() {
            ids.push(&format!("{id}_{}", place + 1));
            predicted.push(cells.get(row));
            let of_minute = place < intraday;
            weight_intraday.push(if of_minute { minute_weights.get(row) } else { "0.0" });
            weight_daily.push(if of_minute { "0.0" } else { day_weights.get(row) });
        }
    }
    let features = test.without(&returns)?.without(&WEIGHTS)?;
    let [first, second] = WEIGHTS;
    let answers = Frame::of_columns("answers", ["Id", "Predicted", first, second].into_iter().zip(columns));
    workspace.keep_table("answers", answers);
    workspace.keep_table("features", features);
    Ok(())
}

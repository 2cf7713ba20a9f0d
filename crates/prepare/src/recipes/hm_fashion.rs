//! h-and-m-personalized-fashion-recommendations: the last days of a log of purchases are to be predicted.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::error::PrepareError;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let mut log = workspace.read("transactions_train.csv")?;
    if !workspace.corrected() {
        // Read as numbers, article ids lose their leading zero.
        let articles = log.texts("article_id")?;
        let articles: Texts = articles
            .iter()
            .map(|id| Some(id.trim_start_matches('0')).filter(|id| !id.is_empty()).unwrap_or("0"))
            .collect();
        log = log.with_texts("article_id", articles.iter());
    }
    let mut dates = Vec::with_capacity(log.len());
    log.each_row(&["t_dat"], |row, cells| {
        let date: Date = cells[0].parse().map_err(|_| {
            log.error(Some(row), format!("column `t_dat` holds `{}`; expected a date such as 2020-09-22", cells[0]))
        })?;
        dates.push(date);
        Ok(())
    })?;
    let last = dates.iter().max().copied().unwrap_or_default();
    let first = last.checked_sub(7.days()).map_err(|error| log.error(None, error.to_string()))?;
    let (test, train): (Vec<usize>, Vec<usize>) = (0..log.len()).partition(|&row| dates[row] >= first);
    let (test, train) = (log.take(&test), log.take(&train));

    let mut purchases: BTreeMap<String, String> = BTreeMap::new();
    test.each_row(&["customer_id", "article_id"], |_, cells| {
        let articles = purchases.entry(cells[0].clone().into_owned()).or_default();
        if !articles.is_empty() {
            articles.push(' ');
        }
        articles.push_str(&cells[1]);
        Ok(())
    })?;
    let columns = [("customer_id", purchases.keys().collect()), ("prediction", purchases.values().collect())];
    let answers = Frame::of_columns("answers", columns);
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant("prediction", ""))?;
    let columns = ["t_dat", "customer_id", "article_id", "price", "sales_channel_id"];
    workspace.write("public/transactions_train.csv", &train.select(&columns)?)
}

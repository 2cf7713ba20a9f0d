//! The page `docs/abuse.md` lists what is tried, and all of it.

use std::fmt::Write;
use std::path::Path;

use super::attempt;

const BEGIN: &str = "<!-- attempts -->\n";
const END: &str = "<!-- end of attempts -->\n";
/// Numbers of the list that are tried elsewhere, as the page says.
const ELSEWHERE: [u32; 3] = [38, 41, 42];

#[test]
fn the_page_lists_every_attempt() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/abuse.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("MLEDOJO_UPDATE_PAGE").is_some() {
        std::fs::write(&page, &expected).unwrap();
    }
    assert!(text == expected, "docs/abuse.md is out of date; run this test with MLEDOJO_UPDATE_PAGE=1");
}

#[test]
fn every_number_of_the_list_is_tried() {
    let attempts: Vec<_> = attempt::themes().iter().flat_map(|theme| attempt::of_theme(theme)).collect();
    assert!(attempts.len() >= 60, "{}", attempts.len());
    for number in (1..=42).filter(|number| !ELSEWHERE.contains(number)) {
        assert!(attempts.iter().any(|attempt| attempt.list.contains(&number)), "{number}");
    }
}

fn table() -> String {
    let mut table = String::from("\n| list | attempt | required outcome | script |\n| --- | --- | --- | --- |\n");
    for attempt in attempt::themes().iter().flat_map(|theme| attempt::of_theme(theme)) {
        let numbers: Vec<_> = attempt.list.iter().map(u32::to_string).collect();
        let numbers = numbers.join(", ");
        let outcomes = attempt.outcomes.iter().map(|outcome| format!("`{outcome}`")).collect::<Vec<_>>().join(" or ");
        let _ =
            writeln!(table, "| {numbers} | {} | {outcomes} | `{}` |", attempt.what.replace('|', "\\|"), attempt.name);
    }
    table.push('\n');
    table
}

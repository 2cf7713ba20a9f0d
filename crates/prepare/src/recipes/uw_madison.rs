//! uw-madison-gi-tract-image-segmentation: whole cases are test cases, and the later days of long train cases.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::error::PrepareError;
use crate::random::split::{Size, Sizes, train_test_split};
use crate::table::{Cells, Frame, Texts};
use crate::workspace::Workspace;

/// How many days of a train case stay in the train part.
const TRAIN_DAYS: usize = 4;

/// The parts of an id such as `case123_day20_slice_0001`.
struct Scan<'a> {
    case: &'a str,
    day: &'a str,
    slice: &'a str,
}

impl Scan<'_> {
    /// The name of the folder of the case's day.
    fn folder(&self) -> String {
        format!("{}_{}", self.case, self.day)
    }
}

/// Divides the table `all` into `train` and `test`, places the pictures, and gives `test` its columns `image_width`
/// and `image_height`.
pub(super) fn split(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let all = workspace.table("all")?.clone();
    let ids = all.texts("id")?;
    let scans = scans(&all, &ids)?;
    let cases: Texts = scans.iter().map(|scan| scan.case).collect();
    let (case_of_row, firsts) = cases.codes();
    let split = train_test_split(firsts.len(), Sizes::Test(Size::Share(0.1)), 42)
        .map_err(|error| all.error(None, format!("the cases: {error}")))?;
    let mut is_test_case = vec![false; firsts.len()];
    split.test.iter().for_each(|&case| is_test_case[case] = true);

    let mut days: Vec<BTreeMap<u64, &str>> = vec![BTreeMap::new(); firsts.len()];
    for (row, scan) in scans.iter().enumerate() {
        let number = scan.day.strip_prefix("day").and_then(|number| number.parse().ok());
        let number = number.ok_or_else(|| {
            all.error(
                Some(row),
                format!("the id `{}` names the day `{}`; expected one like `day20`", ids.get(row), scan.day),
            )
        })?;
        days[case_of_row[row]].insert(number, scan.day);
    }
    let late: HashSet<(usize, &str)> = days
        .iter()
        .enumerate()
        .filter(|(case, _)| !is_test_case[*case])
        .flat_map(|(case, days)| days.values().skip(TRAIN_DAYS).map(move |&day| (case, day)))
        .collect();

    let is_test = |row: usize| is_test_case[case_of_row[row]] || late.contains(&(case_of_row[row], scans[row].day));
    let (test_rows, train_rows): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(|&row| is_test(row));
    let mut files = Vec::new();
    for (case, &first) in firsts.iter().enumerate() {
        let name = cases.get(first);
        for day in workspace.glob(&format!("train/{name}/*"))? {
            let is_late = || {
                let day = day.name().strip_prefix(name).and_then(|rest| rest.strip_prefix('_'));
                day.is_some_and(|day| late.contains(&(case, day)))
            };
            let part = if is_test_case[case] || is_late() { "test" } else { "train" };
            files.push((day.file.clone(), format!("public/{part}/{name}/{}", day.name())));
        }
    }
    workspace.place(files)?;

    let [widths, heights] = sizes(&all, &test_rows, &scans, workspace)?;
    let own = |texts| Cells::Own(Arc::new(texts));
    let test = all.take(&test_rows).with("image_width", own(widths)).with("image_height", own(heights));
    workspace.keep_table("train", all.take(&train_rows));
    workspace.keep_table("test", test);
    Ok(())
}

fn scans<'a>(all: &Frame, ids: &'a Texts) -> Result<Vec<Scan<'a>>, PrepareError> {
    let parse = |(row, id): (usize, &'a str)| {
        let parts: Vec<&str> = id.split('_').collect();
        match parts[..] {
            [case, day, .., slice] => Ok(Scan { case, day, slice }),
            _ => Err(all.error(Some(row), format!("the id is `{id}`; expected one like `case123_day20_slice_0001`"))),
        }
    };
    ids.iter().enumerate().map(parse).collect()
}

/// The widths and heights of the rows' pictures, as floats: their names hold them, as in
/// `slice_0001_266_266_1.50_1.50.png`.
fn sizes(
    all: &Frame,
    rows: &[usize],
    scans: &[Scan<'_>],
    workspace: &Workspace<'_>,
) -> Result<[Texts; 2], PrepareError> {
    let mut known: HashMap<String, HashMap<String, [u32; 2]>> = HashMap::new();
    let mut sizes = [Texts::new(), Texts::new()];
    for &row in rows {
        let (scan, folder) = (&scans[row], scans[row].folder());
        if !known.contains_key(&folder) {
            let mut of_slice = HashMap::new();
            for picture in workspace.glob(&format!("train/{}/{folder}/scans/slice_*.png", scan.case))? {
                let parts: Vec<&str> = picture.name().split('_').collect();
                if let ["slice", slice, width, height, ..] = parts[..]
                    && let (Ok(width), Ok(height)) = (width.parse(), height.parse())
                {
                    of_slice.insert(slice.to_owned(), [width, height]);
                }
            }
            known.insert(folder.clone(), of_slice);
        }
        let size = known[&folder].get(scan.slice).ok_or_else(|| {
            let expected = format!("train/{}/{folder}/scans/slice_{}_<width>_<height>_….png", scan.case, scan.slice);
            all.error(Some(row), format!("there is no picture `{expected}`"))
        })?;
        for (texts, size) in sizes.iter_mut().zip(size) {
            texts.push(&format!("{size}.0"));
        }
    }
    Ok(sizes)
}

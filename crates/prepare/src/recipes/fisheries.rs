//! the-nature-conservancy-fisheries-monitoring: four fifths of each class to learn from.

use crate::error::PrepareError;
use crate::random::PythonRandom;
use crate::workspace::Workspace;

/// Divides the table `all`, a list of pictures in a folder for each class, into `train` and `test`.
///
/// The reference shuffles with a generator that has no seed; here it is 0, and classes and pictures are sorted first.
pub(super) fn split(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let all = workspace.table("all")?;
    let (classes, firsts) = all.texts("folder")?.sorted_codes();
    let mut random = PythonRandom::new(0);
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for class in 0..firsts.len() {
        let mut pictures: Vec<usize> = (0..all.len()).filter(|&row| classes[row] == class).collect();
        random.shuffle(&mut pictures);
        let drawn = pictures.split_off(pictures.len() * 4 / 5);
        train.extend(pictures);
        test.extend(drawn);
    }
    let (train, test) = (all.take(&train), all.take(&test));
    workspace.keep_table("train", train);
    workspace.keep_table("test", test);
    Ok(())
}

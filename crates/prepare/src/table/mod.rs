//! Tables of text: rows of a file as they were written, and columns that a recipe adds.

mod field;
mod frame;
mod gather;
mod records;
mod rows;
mod scan;
mod texts;
mod write;

pub(crate) use frame::{Cells, Frame};
pub(crate) use records::Records;
pub(crate) use texts::Texts;

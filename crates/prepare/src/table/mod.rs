//! Tables of text: rows of a file as they were written, and columns that a recipe adds.

mod field;
mod frame;
mod records;
mod texts;
mod write;

pub(crate) use frame::{Cells, Frame};
pub(crate) use records::Records;
pub(crate) use texts::Texts;

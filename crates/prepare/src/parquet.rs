//! Reading Parquet files, and dividing and reordering their rows, a column at a time: their tables may be larger than
//! memory.

mod table;

use std::fmt::{self, Write as _};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};

use crate::error::PrepareError;
use crate::python_json;
pub(crate) use table::ParquetTable;

/// A new file for a part of the rows.
pub(crate) struct Target<'a> {
    pub(crate) file: PathBuf,
    /// Columns that it does not get.
    pub(crate) without: &'a [&'a str],
}

impl Target<'static> {
    /// One with all columns.
    pub(crate) fn whole(file: PathBuf) -> Self {
        Self { file, without: &[] }
    }
}

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
    Whole(i64),
    Single(f32),
    Double(f64),
    Text(&'a str),
    Blank,
}

impl fmt::Display for Cell<'_> {
    /// As pandas writes it in a CSV file.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => number.fmt(formatter),
            Self::Single(number) => write!(formatter, "{number:?}"),
            Self::Double(number) => formatter.write_str(&python_json::float(*number)),
            Self::Text(text) => formatter.write_str(text),
            Self::Blank => Ok(()),
        }
    }
}

/// Looks at some columns, row by row.
///
/// # Errors
/// A file that is no Parquet, or has no such columns of numbers or texts; or what `look` returns.
pub(crate) fn each_row(
    file: &Path,
    columns: &[&str],
    mut look: impl FnMut(&[Cell<'_>]),
) -> std::result::Result<(), PrepareError> {
    let open = File::open(file).map_err(|error| PrepareError::io("read", file, error))?;
    let read = || {
        let reader = SerializedFileReader::new(open)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let places = columns.iter().map(|column| place(schema, column)).collect::<Result<Vec<_>>>()?;
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group)?;
            let cells = places.iter().map(|&place| Column::read(&*group, place)).collect::<Result<Vec<_>>>()?;
            for row in 0..cells.first().map_or(0, Column::rows) {
                let row = cells.iter().map(|column| column.cell(row)).collect::<Result<Vec<_>>>()?;
                look(&row);
            }
        }
        Ok(())
    };
    read().map_err(|error: ParquetError| PrepareError::table(file, None, format!("it cannot be read: {error}")))
}

/// Writes the rows of a file to new ones, in their order: `part` says by a column's text to which of `targets`, if to
/// any. The new files have the compression of the old one, and where they have all columns, its metadata.
///
/// # Errors
/// A file that is no Parquet, holds columns of lists, or has no such column of texts or whole numbers; or one that
/// cannot be written.
pub(crate) fn divide(
    file: &Path,
    column: &str,
    targets: &[Target<'_>],
    part: impl Fn(&str) -> Option<usize>,
) -> std::result::Result<(), PrepareError> {
    let open = File::open(file).map_err(|error| PrepareError::io("read", file, error))?;
    let mut outputs = Vec::with_capacity(targets.len());
    for Target { file, without } in targets {
        outputs.push((File::create(file).map_err(|error| PrepareError::io("write", file, error))?, *without));
    }
    divide_open(open, column, outputs, part)
        .map_err(|error| PrepareError::table(file, None, format!("its rows cannot be divided: {error}")))
}

fn divide_open(
    file: File,
    column: &str,
    outputs: Vec<(File, &[&str])>,
    part: impl Fn(&str) -> Option<usize>,
) -> Result<()> {
    let reader = SerializedFileReader::new(file)?;
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let key = place(schema, column)?;
    without_lists(schema)?;
    // Of tables with tens of thousands of columns, statistics would be the larger part.
    let properties = WriterProperties::builder()
        .set_compression(compression(&reader))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true);
    let mut writers = Vec::with_capacity(outputs.len());
    for (output, without) in &outputs {
        let metadata = metadata.file_metadata().key_value_metadata().filter(|_| without.is_empty()).cloned();
        let properties = Arc::new(properties.clone().set_key_value_metadata(metadata).build());
        writers.push(SerializedFileWriter::new(output, schema_without(schema, without)?, properties)?);
    }
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        let parts = parts(&*group, key, &part)?;
        let mut groups = Vec::with_capacity(writers.len());
        for (place, writer) in writers.iter_mut().enumerate() {
            let has_rows = parts.contains(&Some(place));
            groups.push(if has_rows { Some(writer.next_row_group()?) } else { None });
        }
        for place in 0..schema.num_columns() {
            let description = schema.column(place);
            let most = description.max_def_level();
            let name = description.path().parts()[0].as_str();
            let mut groups: Vec<_> = groups
                .iter_mut()
                .zip(&outputs)
                .map(|(group, (_, without))| group.as_mut().filter(|_| !without.contains(&name)))
                .collect();
            match group.get_column_reader(place)? {
                ColumnReader::BoolColumnReader(reader) => copy::<BoolType>(reader, most, &parts, &mut groups)?,
                ColumnReader::Int32ColumnReader(reader) => copy::<Int32Type>(reader, most, &parts, &mut groups)?,
                ColumnReader::Int64ColumnReader(reader) => copy::<Int64Type>(reader, most, &parts, &mut groups)?,
                ColumnReader::Int96ColumnReader(reader) => copy::<Int96Type>(reader, most, &parts, &mut groups)?,
                ColumnReader::FloatColumnReader(reader) => copy::<FloatType>(reader, most, &parts, &mut groups)?,
                ColumnReader::DoubleColumnReader(reader) => copy::<DoubleType>(reader, most, &parts, &mut groups)?,
                ColumnReader::ByteArrayColumnReader(reader) => {
                    copy::<ByteArrayType>(reader, most, &parts, &mut groups)?
                }
                ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                    copy::<FixedLenByteArrayType>(reader, most, &parts, &mut groups)?;
                }
            }
        }
        for group in groups.into_iter().flatten() {
            group.close()?;
        }
    }
    writers.into_iter().try_for_each(|writer| writer.close().map(|_| ()))
}

/// The place of a column by its name.
fn place(schema: &SchemaDescriptor, column: &str) -> Result<usize> {
    (0..schema.num_columns())
        .find(|&place| schema.column(place).name() == column)
        .ok_or_else(|| ParquetError::General(format!("there is no column `{column}`")))
}

/// Refuses columns whose cells are lists.
fn without_lists(schema: &SchemaDescriptor) -> Result<()> {
    match schema.columns().iter().find(|column| column.max_rep_level() > 0) {
        Some(list) => Err(ParquetError::NYI(format!("column `{}` holds lists", list.name()))),
        None => Ok(()),
    }
}

/// How the columns of a file are compressed.
fn compression(reader: &SerializedFileReader<File>) -> Compression {
    reader.metadata().row_groups().first().map_or(Compression::SNAPPY, |group| group.column(0).compression())
}

/// The schema with some columns less.
fn schema_without(schema: &SchemaDescriptor, without: &[&str]) -> Result<TypePtr> {
    if without.is_empty() {
        return Ok(schema.root_schema_ptr());
    }
    let fields = schema.root_schema().get_fields().iter().filter(|field| !without.contains(&field.name()));
    let root = Type::group_type_builder(schema.root_schema().name()).with_fields(fields.cloned().collect());
    Ok(Arc::new(root.build()?))
}

/// The part that each row of a group belongs to.
fn parts(group: &dyn RowGroupReader, key: usize, part: &impl Fn(&str) -> Option<usize>) -> Result<Vec<Option<usize>>> {
    let keys = Column::read(group, key)?;
    let mut text = String::new();
    let parts = (0..keys.rows()).map(|row| {
        Ok(match keys.cell(row)? {
            Cell::Text(key) => part(key),
            Cell::Blank => None,
            key => {
                text.clear();
                // Writing to a String does not fail.
                let _ = write!(text, "{key}");
                part(&text)
            }
        })
    });
    parts.collect()
}

/// A column of numbers or texts.
enum Column {
    Int32(Cells<Int32Type>),
    Int64(Cells<Int64Type>),
    Float(Cells<FloatType>),
    Double(Cells<DoubleType>),
    Bytes(Cells<ByteArrayType>),
}

impl Column {
    fn read(group: &dyn RowGroupReader, place: usize) -> Result<Self> {
        let description = group.metadata().column(place).column_descr_ptr();
        let most = description.max_def_level();
        Ok(match group.get_column_reader(place)? {
            ColumnReader::Int32ColumnReader(reader) => Self::Int32(Cells::of(reader, most)?),
            ColumnReader::Int64ColumnReader(reader) => Self::Int64(Cells::of(reader, most)?),
            ColumnReader::FloatColumnReader(reader) => Self::Float(Cells::of(reader, most)?),
            ColumnReader::DoubleColumnReader(reader) => Self::Double(Cells::of(reader, most)?),
            ColumnReader::ByteArrayColumnReader(reader) => Self::Bytes(Cells::of(reader, most)?),
            _ => {
                let message = format!("column `{}` holds neither numbers nor texts", description.name());
                return Err(ParquetError::General(message));
            }
        })
    }

    fn rows(&self) -> usize {
        match self {
            Self::Int32(cells) => cells.rows,
            Self::Int64(cells) => cells.rows,
            Self::Float(cells) => cells.rows,
            Self::Double(cells) => cells.rows,
            Self::Bytes(cells) => cells.rows,
        }
    }

    fn cell(&self, row: usize) -> Result<Cell<'_>> {
        let cell = match self {
            Self::Int32(cells) => cells.value(row).map(|&number| Cell::Whole(number.into())),
            Self::Int64(cells) => cells.value(row).map(|&number| Cell::Whole(number)),
            Self::Float(cells) => cells.value(row).map(|&number| Cell::Single(number)),
            Self::Double(cells) => cells.value(row).map(|&number| Cell::Double(number)),
            Self::Bytes(cells) => cells.value(row).map(|text| text.as_utf8().map(Cell::Text)).transpose()?,
        };
        Ok(cell.unwrap_or(Cell::Blank))
    }
}

/// The cells of a column.
struct Cells<T: DataType> {
    rows: usize,
    /// The values of the rows that have one.
    values: Vec<T::T>,
    /// For each row its definition level, and the number of values before it; nothing where every row has a value.
    levels: Vec<(i16, usize)>,
    /// The level of a row with a value.
    most: i16,
}

impl<T: DataType> Cells<T> {
    fn new(most: i16) -> Self {
        Self { rows: 0, values: Vec::new(), levels: Vec::new(), most }
    }

    /// The cells of one row group.
    fn of(reader: ColumnReaderImpl<T>, most: i16) -> Result<Self> {
        let mut cells = Self::new(most);
        cells.read(reader)?;
        Ok(cells)
    }

    /// Adds the cells of a row group.
    fn read(&mut self, mut reader: ColumnReaderImpl<T>) -> Result<()> {
        let mut before = self.values.len();
        let mut levels = Vec::new();
        loop {
            let optional = if self.most > 0 { Some(&mut levels) } else { None };
            let (records, _, _) = reader.read_records(usize::MAX, optional, None, &mut self.values)?;
            if records == 0 {
                break;
            }
            self.rows += records;
        }
        let most = self.most;
        self.levels.extend(levels.into_iter().map(|level: i16| {
            let place = before;
            before += usize::from(level == most);
            (level, place)
        }));
        Ok(())
    }

    /// Writes the cells of these rows as the next column of a row group.
    fn write(
        &self,
        rows: impl Iterator<Item = usize> + Clone,
        group: &mut SerializedRowGroupWriter<'_, &File>,
    ) -> Result<()> {
        let Some(mut column) = group.next_column()? else { return Ok(()) };
        let values: Vec<T::T> = rows.clone().filter_map(|row| self.value(row).cloned()).collect();
        let levels: Vec<i16> = rows.filter_map(|row| self.levels.get(row)).map(|(level, _)| *level).collect();
        column.typed::<T>().write_batch(&values, (self.most > 0).then_some(&levels), None)?;
        column.close()
    }

    fn value(&self, row: usize) -> Option<&T::T> {
        match self.levels.get(row) {
            None => self.values.get(row),
            Some((level, place)) if *level == self.most => self.values.get(*place),
            Some(_) => None,
        }
    }
}

/// Copies the rows of a column to their parts.
fn copy<T: DataType>(
    reader: ColumnReaderImpl<T>,
    most: i16,
    parts: &[Option<usize>],
    groups: &mut [Option<&mut SerializedRowGroupWriter<'_, &File>>],
) -> Result<()> {
    let cells = Cells::of(reader, most)?;
    if cells.rows != parts.len() {
        return Err(ParquetError::General(format!("a column has {} rows, another {}", cells.rows, parts.len())));
    }
    for (place, group) in groups.iter_mut().enumerate() {
        let Some(group) = group else { continue };
        cells.write((0..cells.rows).filter(|&row| parts[row] == Some(place)), group)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use parquet::data_type::ByteArray;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    pub(super) fn write(path: &Path, groups: &[&[(&str, Option<i32>)]]) {
        let schema = "message m { required binary id (UTF8); optional int32 pixel; }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::default()).unwrap();
        for rows in groups {
            let mut group = writer.next_row_group().unwrap();
            let ids: Vec<ByteArray> = rows.iter().map(|(id, _)| ByteArray::from(*id)).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<ByteArrayType>().write_batch(&ids, None, None).unwrap();
            column.close().unwrap();
            let pixels: Vec<i32> = rows.iter().filter_map(|(_, pixel)| *pixel).collect();
            let levels: Vec<i16> = rows.iter().map(|(_, pixel)| i16::from(pixel.is_some())).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<Int32Type>().write_batch(&pixels, Some(&levels), None).unwrap();
            column.close().unwrap();
            group.close().unwrap();
        }
        writer.close().unwrap();
    }

    pub(super) fn rows(path: &Path) -> Vec<String> {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
    }

    #[test]
    fn rows_go_to_their_parts_with_missing_cells_and_empty_parts() {
        let folder = tempfile::tempdir().unwrap();
        let [file, train, test] = ["all", "train", "test"].map(|name| folder.path().join(name));
        write(&file, &[&[("a", Some(1)), ("b", None), ("c", Some(3))], &[("d", None), ("a", Some(5))]]);
        let part = |id: &str| match id {
            "a" => Some(0),
            "b" => Some(1),
            _ => None,
        };
        let targets = [train.clone(), test.clone()].map(Target::whole);
        divide(&file, "id", &targets, part).unwrap();
        assert_eq!(rows(&train), [r#"{id: "a", pixel: 1}"#, r#"{id: "a", pixel: 5}"#]);
        assert_eq!(rows(&test), [r#"{id: "b", pixel: null}"#]);
        divide(&file, "id", &[Target::whole(test.clone())], |_| None).unwrap();
        assert!(rows(&test).is_empty());
        let error = divide(&file, "name", &[Target::whole(test)], |_| None).unwrap_err().to_string();
        assert!(error.contains("there is no column `name`"), "{error}");
    }

    #[test]
    fn rows_are_told_apart_by_numbers_and_columns_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let [file, part] = ["all", "part"].map(|name| folder.path().join(name));
        write(&file, &[&[("a", Some(1)), ("b", None), ("c", Some(3))], &[("d", Some(-1)), ("e", Some(1))]]);
        let target = Target { file: part.clone(), without: &["pixel"] };
        divide(&file, "pixel", &[target], |pixel| (pixel == "1").then_some(0)).unwrap();
        assert_eq!(rows(&part), [r#"{id: "a"}"#, r#"{id: "e"}"#]);
        let mut seen = Vec::new();
        each_row(&file, &["pixel", "id"], |cells| seen.push(format!("{}{}", cells[0], cells[1]))).unwrap();
        assert_eq!(seen, ["1a", "b", "3c", "-1d", "1e"]);
        let error = each_row(&part, &["pixel"], |_| ()).unwrap_err().to_string();
        assert!(error.contains("there is no column `pixel`"), "{error}");
    }
}

//! Dividing and reordering the rows of Parquet files, a column at a time: their tables may be larger than memory.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{SchemaDescriptor, Type};

use crate::error::PrepareError;
use crate::table::Texts;

/// A file that is open.
pub(crate) struct ParquetTable {
    path: PathBuf,
    reader: SerializedFileReader<File>,
}

impl ParquetTable {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be read, is no Parquet, or holds columns of lists.
    pub(crate) fn open(path: &Path) -> std::result::Result<Self, PrepareError> {
        let file = File::open(path).map_err(|error| PrepareError::io("read", path, error))?;
        let reader = SerializedFileReader::new(file).map_err(|error| unusable(path, &error))?;
        let table = Self { path: path.to_owned(), reader };
        without_lists(table.schema()).map_err(|error| unusable(path, &error))?;
        Ok(table)
    }

    /// How many rows it has.
    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.reader.metadata().file_metadata().num_rows()).unwrap_or_default()
    }

    /// The names of its columns.
    pub(crate) fn columns(&self) -> Vec<&str> {
        self.schema().columns().iter().map(|column| column.name()).collect()
    }

    /// The cells of a column of texts or whole numbers; a missing one is blank.
    ///
    /// # Errors
    /// There is no such column, or it holds something else.
    pub(crate) fn texts(&self, column: &str) -> std::result::Result<Texts, PrepareError> {
        self.try_texts(column).map_err(|error| unusable(&self.path, &error))
    }

    /// Writes a new file of the rows at these places, in this order, with these columns alone. It has the compression
    /// of the old one, but not its metadata, which tells of other columns.
    ///
    /// # Errors
    /// A column that isn't there, or a file that cannot be written.
    pub(crate) fn take(
        &self,
        columns: &[&str],
        rows: &[usize],
        target: &Path,
    ) -> std::result::Result<(), PrepareError> {
        let output = File::create(target).map_err(|error| PrepareError::io("write", target, error))?;
        self.try_take(columns, rows, output).map_err(|error| unusable(&self.path, &error))
    }

    fn schema(&self) -> &SchemaDescriptor {
        self.reader.metadata().file_metadata().schema_descr()
    }

    fn try_texts(&self, column: &str) -> Result<Texts> {
        let place = place(self.schema(), column)?;
        match self.schema().column(place).physical_type() {
            PhysicalType::BYTE_ARRAY => {
                let cells = self.cells::<ByteArrayType>(place)?;
                (0..cells.rows).map(|row| cells.value(row).map_or(Ok(""), |text| text.as_utf8())).collect()
            }
            PhysicalType::INT32 => Ok(self.cells::<Int32Type>(place)?.numbers()),
            PhysicalType::INT64 => Ok(self.cells::<Int64Type>(place)?.numbers()),
            other => {
                Err(ParquetError::NYI(format!("column `{column}` holds {other}; expected texts or whole numbers")))
            }
        }
    }

    fn try_take(&self, columns: &[&str], rows: &[usize], output: File) -> Result<()> {
        let places = columns.iter().map(|column| place(self.schema(), column)).collect::<Result<Vec<_>>>()?;
        let fields = places.iter().map(|&place| self.schema().column(place).self_type_ptr()).collect();
        let schema = Type::group_type_builder(self.schema().name()).with_fields(fields).build()?;
        let properties = WriterProperties::builder().set_compression(compression(&self.reader)).build();
        let mut writer = SerializedFileWriter::new(output, Arc::new(schema), Arc::new(properties))?;
        let mut group = writer.next_row_group()?;
        for place in places {
            match self.schema().column(place).physical_type() {
                PhysicalType::BOOLEAN => self.take_column::<BoolType>(place, rows, &mut group)?,
                PhysicalType::INT32 => self.take_column::<Int32Type>(place, rows, &mut group)?,
                PhysicalType::INT64 => self.take_column::<Int64Type>(place, rows, &mut group)?,
                PhysicalType::INT96 => self.take_column::<Int96Type>(place, rows, &mut group)?,
                PhysicalType::FLOAT => self.take_column::<FloatType>(place, rows, &mut group)?,
                PhysicalType::DOUBLE => self.take_column::<DoubleType>(place, rows, &mut group)?,
                PhysicalType::BYTE_ARRAY => self.take_column::<ByteArrayType>(place, rows, &mut group)?,
                PhysicalType::FIXED_LEN_BYTE_ARRAY => {
                    self.take_column::<FixedLenByteArrayType>(place, rows, &mut group)?;
                }
            }
        }
        group.close()?;
        writer.close().map(|_| ())
    }

    fn take_column<T: DataType>(
        &self,
        place: usize,
        rows: &[usize],
        group: &mut SerializedRowGroupWriter<'_, File>,
    ) -> Result<()> {
        self.cells::<T>(place)?.write(rows.iter().copied(), group)
    }

    /// The cells of a column of all row groups.
    fn cells<T: DataType>(&self, place: usize) -> Result<Cells<T>> {
        let mut cells = Cells::new(self.schema().column(place).max_def_level());
        for group in 0..self.reader.num_row_groups() {
            cells.read(get_typed_column_reader(self.reader.get_row_group(group)?.get_column_reader(place)?))?;
        }
        Ok(cells)
    }
}

fn unusable(path: &Path, error: &ParquetError) -> PrepareError {
    PrepareError::table(path, None, format!("as a Parquet file: {error}"))
}

/// The place of a column.
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

/// Writes the rows of a file to new ones, in their order: `part` says by a column's text to which of `targets`, if to
/// any. The new files have the schema, the metadata and the compression of the old one.
///
/// # Errors
/// A file that is no Parquet, holds columns of lists, or has no such column of texts; or one that cannot be written.
pub(crate) fn divide(
    file: &Path,
    column: &str,
    targets: &[PathBuf],
    part: impl Fn(&str) -> Option<usize>,
) -> std::result::Result<(), PrepareError> {
    let open = File::open(file).map_err(|error| PrepareError::io("read", file, error))?;
    let mut outputs = Vec::with_capacity(targets.len());
    for target in targets {
        outputs.push(File::create(target).map_err(|error| PrepareError::io("write", target, error))?);
    }
    divide_open(open, column, outputs, part)
        .map_err(|error| PrepareError::table(file, None, format!("its rows cannot be divided: {error}")))
}

fn divide_open(file: File, column: &str, outputs: Vec<File>, part: impl Fn(&str) -> Option<usize>) -> Result<()> {
    let reader = SerializedFileReader::new(file)?;
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let key = place(schema, column)?;
    without_lists(schema)?;
    let properties = WriterProperties::builder()
        .set_key_value_metadata(metadata.file_metadata().key_value_metadata().cloned())
        .set_compression(compression(&reader))
        .build();
    let properties = Arc::new(properties);
    let mut writers = Vec::with_capacity(outputs.len());
    for output in outputs {
        writers.push(SerializedFileWriter::new(output, schema.root_schema_ptr(), Arc::clone(&properties))?);
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
            let most = schema.column(place).max_def_level();
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

/// The part that each row of a group belongs to.
fn parts(group: &dyn RowGroupReader, key: usize, part: &impl Fn(&str) -> Option<usize>) -> Result<Vec<Option<usize>>> {
    let most = group.metadata().column(key).column_descr().max_def_level();
    let ColumnReader::ByteArrayColumnReader(reader) = group.get_column_reader(key)? else {
        return Err(ParquetError::General("the column by which rows are told apart holds no texts".to_owned()));
    };
    let mut cells = Cells::new(most);
    cells.read(reader)?;
    (0..cells.rows).map(|row| cells.value(row).map_or(Ok(None), |text| Ok(part(text.as_utf8()?)))).collect()
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
        group: &mut SerializedRowGroupWriter<'_, File>,
    ) -> Result<()> {
        let Some(mut column) = group.next_column()? else { return Ok(()) };
        let values: Vec<T::T> = rows.clone().filter_map(|row| self.value(row).cloned()).collect();
        let levels: Vec<i16> = rows.filter_map(|row| self.levels.get(row)).map(|(level, _)| *level).collect();
        column.typed::<T>().write_batch(&values, (self.most > 0).then_some(&levels), None)?;
        column.close()
    }

    /// Each row's value as a text.
    fn numbers(&self) -> Texts
    where
        T::T: ToString,
    {
        (0..self.rows).map(|row| self.value(row).map(ToString::to_string).unwrap_or_default()).collect()
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
    groups: &mut [Option<SerializedRowGroupWriter<'_, File>>],
) -> Result<()> {
    let mut cells = Cells::new(most);
    cells.read(reader)?;
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

    fn write(path: &Path, groups: &[&[(&str, Option<i32>)]]) {
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

    fn rows(path: &Path) -> Vec<String> {
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
        divide(&file, "id", &[train.clone(), test.clone()], part).unwrap();
        assert_eq!(rows(&train), [r#"{id: "a", pixel: 1}"#, r#"{id: "a", pixel: 5}"#]);
        assert_eq!(rows(&test), [r#"{id: "b", pixel: null}"#]);
        divide(&file, "id", std::slice::from_ref(&test), |_| None).unwrap();
        assert!(rows(&test).is_empty());
        let error = divide(&file, "name", &[test], |_| None).unwrap_err().to_string();
        assert!(error.contains("there is no column `name`"), "{error}");
    }

    #[test]
    fn rows_and_columns_are_taken_across_groups() {
        let folder = tempfile::tempdir().unwrap();
        let [file, taken] = ["all", "taken"].map(|name| folder.path().join(name));
        write(&file, &[&[("a", Some(1)), ("b", None)], &[("c", None), ("d", Some(4))]]);
        let table = ParquetTable::open(&file).unwrap();
        assert_eq!((table.len(), table.columns()), (4, vec!["id", "pixel"]));
        let texts = |column| table.texts(column).unwrap().iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!((texts("id").join(" "), texts("pixel").join(" ")), ("a b c d".to_owned(), "1   4".to_owned()));
        table.take(&["pixel", "id"], &[3, 1, 0], &taken).unwrap();
        assert_eq!(rows(&taken), [r#"{pixel: 4, id: "d"}"#, r#"{pixel: null, id: "b"}"#, r#"{pixel: 1, id: "a"}"#]);
        table.take(&["id"], &[2], &taken).unwrap();
        assert_eq!(rows(&taken), [r#"{id: "c"}"#]);
        let error = table.take(&["name"], &[], &taken).unwrap_err().to_string();
        assert!(error.contains("there is no column `name`"), "{error}");
    }
}

//! A Parquet file whose rows are taken in any order.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::Type as PhysicalType;
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{SchemaDescriptor, Type};

use super::{Cell, Cells, Column, compression, place, without_lists};
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

    /// The cells of a column of texts or numbers; a missing one is blank.
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
        let mut texts = Texts::default();
        for group in 0..self.reader.num_row_groups() {
            let cells = Column::read(&*self.reader.get_row_group(group)?, place)?;
            for row in 0..cells.rows() {
                match cells.cell(row)? {
                    Cell::Text(text) => texts.push(text),
                    cell => texts.push(&cell.to_string()),
                }
            }
        }
        Ok(texts)
    }

    fn try_take(&self, columns: &[&str], rows: &[usize], output: File) -> Result<()> {
        let places = columns.iter().map(|column| place(self.schema(), column)).collect::<Result<Vec<_>>>()?;
        let fields = places.iter().map(|&place| self.schema().column(place).self_type_ptr()).collect();
        let schema = Type::group_type_builder(self.schema().name()).with_fields(fields).build()?;
        let properties = WriterProperties::builder().set_compression(compression(&self.reader)).build();
        let mut writer = SerializedFileWriter::new(&output, Arc::new(schema), Arc::new(properties))?;
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
        group: &mut SerializedRowGroupWriter<'_, &File>,
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

#[cfg(test)]
mod tests {
    use super::super::tests::{rows, write};
    use super::*;

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

//! Dividing the rows of Parquet files, a column at a time: their tables may be wider than memory.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};

use crate::error::PrepareError;

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
    let key = (0..schema.num_columns())
        .find(|&place| schema.column(place).name() == column)
        .ok_or_else(|| ParquetError::General(format!("there is no column `{column}`")))?;
    if let Some(list) = schema.columns().iter().find(|column| column.max_rep_level() > 0) {
        return Err(ParquetError::NYI(format!("column `{}` holds lists", list.name())));
    }
    let properties = WriterProperties::builder()
        .set_key_value_metadata(metadata.file_metadata().key_value_metadata().cloned())
        .set_compression(
            metadata.row_groups().first().map_or(Compression::SNAPPY, |group| group.column(0).compression()),
        )
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
    let cells = Cells::read(reader, most)?;
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
    fn read(mut reader: ColumnReaderImpl<T>, most: i16) -> Result<Self> {
        let (mut values, mut levels, mut rows) = (Vec::new(), Vec::new(), 0);
        loop {
            let optional = if most > 0 { Some(&mut levels) } else { None };
            let (records, _, _) = reader.read_records(usize::MAX, optional, None, &mut values)?;
            if records == 0 {
                break;
            }
            rows += records;
        }
        let mut before = 0;
        let levels = levels.into_iter().map(|level: i16| {
            let place = before;
            before += usize::from(level == most);
            (level, place)
        });
        Ok(Self { rows, levels: levels.collect(), values, most })
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
    let cells = Cells::read(reader, most)?;
    if cells.rows != parts.len() {
        return Err(ParquetError::General(format!("a column has {} rows, another {}", cells.rows, parts.len())));
    }
    for (place, group) in groups.iter_mut().enumerate() {
        let Some(group) = group else { continue };
        let Some(mut column) = group.next_column()? else { continue };
        let rows = || (0..cells.rows).filter(|&row| parts[row] == Some(place));
        let values: Vec<T::T> = rows().filter_map(|row| cells.value(row).cloned()).collect();
        let levels: Vec<i16> = rows().filter_map(|row| cells.levels.get(row)).map(|(level, _)| *level).collect();
        column.typed::<T>().write_batch(&values, (most > 0).then_some(&levels), None)?;
        column.close()?;
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
}

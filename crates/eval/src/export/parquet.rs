//! Writing rows as Parquet: nested values are taken apart into columns with repetition and definition levels (Dremel,
//! Melnik et al. 2010), as the format has it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};
use serde_json::Value;

use super::error::ExportError;
use super::schema::{Field, Kind};

/// Bytes of texts that are gathered before they go out as a row group: what of a data set is in memory at once.
const GROUP_BYTES: usize = 32 << 20;

/// A Parquet file that rows are added to.
pub(crate) struct ParquetFile {
    file: PathBuf,
    writer: SerializedFileWriter<File>,
    fields: Vec<Field>,
    leaves: Vec<Leaf>,
    rows: usize,
    bytes: usize,
}

/// A column on disk, of the rows that are gathered.
struct Leaf {
    values: Values,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

enum Values {
    Text(Vec<ByteArray>),
    Whole(Vec<i64>),
    Number(Vec<f64>),
    Flag(Vec<bool>),
}

impl ParquetFile {
    pub(crate) fn create(path: &Path, fields: Vec<Field>) -> std::result::Result<Self, ExportError> {
        let file = File::create(path).map_err(|error| ExportError::io("create", path, error))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("mledojo".to_owned())
            // Texts make statistics as long as themselves.
            .set_statistics_enabled(EnabledStatistics::None)
            .build();
        let opened = root(&fields).and_then(|root| SerializedFileWriter::new(file, root, Arc::new(properties)));
        let writer = opened.map_err(|source| ExportError::Parquet { file: path.to_owned(), source })?;
        let leaves = leaves(&fields);
        Ok(Self { file: path.to_owned(), writer, fields, leaves, rows: 0, bytes: 0 })
    }

    /// Adds a row: an object with no other keys than the columns' names.
    pub(crate) fn add(&mut self, row: &Value) -> std::result::Result<(), ExportError> {
        let added = put_fields(&self.fields, row, Levels::default(), &mut self.leaves);
        self.rows += 1;
        self.bytes += added.map_err(|source| self.failed(source))?;
        if self.bytes >= GROUP_BYTES { self.flush() } else { Ok(()) }
    }

    pub(crate) fn close(mut self) -> std::result::Result<(), ExportError> {
        self.flush()?;
        let Self { file, writer, .. } = self;
        writer.close().map(|_| ()).map_err(|source| ExportError::Parquet { file, source })
    }

    fn flush(&mut self) -> std::result::Result<(), ExportError> {
        if self.rows == 0 {
            return Ok(());
        }
        let gathered = std::mem::replace(&mut self.leaves, leaves(&self.fields));
        (self.rows, self.bytes) = (0, 0);
        let write = |writer: &mut SerializedFileWriter<File>| {
            let mut group = writer.next_row_group()?;
            for leaf in &gathered {
                let missing = || ParquetError::General("the schema has fewer columns than the rows".to_owned());
                leaf.write(group.next_column()?.ok_or_else(missing)?)?;
            }
            group.close().map(|_| ())
        };
        write(&mut self.writer).map_err(|source| self.failed(source))
    }

    fn failed(&self, source: ParquetError) -> ExportError {
        ExportError::Parquet { file: self.file.clone(), source }
    }
}

impl Leaf {
    fn write(&self, mut column: SerializedColumnWriter<'_>) -> Result<()> {
        let (definitions, repetitions) = (Some(self.definitions.as_slice()), Some(self.repetitions.as_slice()));
        match &self.values {
            Values::Text(values) => column.typed::<ByteArrayType>().write_batch(values, definitions, repetitions)?,
            Values::Whole(values) => column.typed::<Int64Type>().write_batch(values, definitions, repetitions)?,
            Values::Number(values) => column.typed::<DoubleType>().write_batch(values, definitions, repetitions)?,
            Values::Flag(values) => column.typed::<BoolType>().write_batch(values, definitions, repetitions)?,
        };
        column.close()
    }
}

/// Where in the tree of fields a value stands.
#[derive(Debug, Clone, Copy, Default)]
struct Levels {
    /// Optional and repeated ancestors that are there.
    definition: i16,
    /// The repeated ancestor that goes on with this value; 0 for a new row.
    repetition: i16,
    /// Repeated ancestors.
    depth: i16,
}

impl Levels {
    fn defined(self, by: i16) -> Self {
        Self { definition: self.definition + by, ..self }
    }
}

/// Takes an object apart; returns the bytes of its texts.
fn put_fields(fields: &[Field], object: &Value, levels: Levels, leaves: &mut [Leaf]) -> Result<usize> {
    let object = object.as_object().ok_or_else(|| unfit(object, "an object"))?;
    if let Some(key) = object.keys().find(|key| !fields.iter().any(|field| field.name == key.as_str())) {
        return Err(ParquetError::General(format!("there is no column for `{key}`")));
    }
    let (mut rest, mut bytes) = (leaves, 0);
    for field in fields {
        let (own, others) = rest.split_at_mut(field.kind.leaves());
        bytes += put(&field.kind, object.get(field.name).unwrap_or(&Value::Null), levels, own)?;
        rest = others;
    }
    Ok(bytes)
}

fn put(kind: &Kind, value: &Value, levels: Levels, leaves: &mut [Leaf]) -> Result<usize> {
    if value.is_null() {
        put_nothing(levels, leaves);
        return Ok(0);
    }
    let levels = levels.defined(1);
    match kind {
        Kind::Record(fields) => put_fields(fields, value, levels, leaves),
        Kind::List(of) => {
            let elements = value.as_array().ok_or_else(|| unfit(value, "a list"))?;
            if elements.is_empty() {
                put_nothing(levels, leaves);
            }
            let mut bytes = 0;
            let mut inner = Levels { depth: levels.depth + 1, ..levels.defined(1) };
            for element in elements {
                bytes += put(of, element, inner, leaves)?;
                inner.repetition = inner.depth;
            }
            Ok(bytes)
        }
        Kind::Text | Kind::Whole | Kind::Number | Kind::Flag => {
            let [leaf] = leaves else { return Err(unfit(value, "one column")) };
            leaf.definitions.push(levels.definition);
            leaf.repetitions.push(levels.repetition);
            match &mut leaf.values {
                Values::Text(values) => {
                    let text = value.as_str().ok_or_else(|| unfit(value, "a text"))?;
                    values.push(ByteArray::from(text));
                    return Ok(text.len() + 8);
                }
                Values::Whole(values) => values.push(value.as_i64().ok_or_else(|| unfit(value, "a whole number"))?),
                Values::Number(values) => values.push(value.as_f64().ok_or_else(|| unfit(value, "a number"))?),
                Values::Flag(values) => values.push(value.as_bool().ok_or_else(|| unfit(value, "true or false"))?),
            }
            Ok(8)
        }
    }
}

fn put_nothing(levels: Levels, leaves: &mut [Leaf]) {
    for leaf in leaves {
        leaf.definitions.push(levels.definition);
        leaf.repetitions.push(levels.repetition);
    }
}

fn unfit(value: &Value, expected: &str) -> ParquetError {
    let shown: String = value.to_string().chars().take(60).collect();
    ParquetError::General(format!("expected {expected}, found {shown}"))
}

fn leaves(fields: &[Field]) -> Vec<Leaf> {
    fn of(kind: &Kind, leaves: &mut Vec<Leaf>) {
        let values = match kind {
            Kind::Text => Values::Text(Vec::new()),
            Kind::Whole => Values::Whole(Vec::new()),
            Kind::Number => Values::Number(Vec::new()),
            Kind::Flag => Values::Flag(Vec::new()),
            Kind::List(kind) => return of(kind, leaves),
            Kind::Record(fields) => return fields.iter().for_each(|field| of(&field.kind, leaves)),
        };
        leaves.push(Leaf { values, definitions: Vec::new(), repetitions: Vec::new() });
    }
    let mut all = Vec::new();
    fields.iter().for_each(|field| of(&field.kind, &mut all));
    all
}

fn root(fields: &[Field]) -> Result<TypePtr> {
    let fields = fields.iter().map(|field| column(field.name, &field.kind)).collect::<Result<_>>()?;
    Ok(Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?))
}

fn column(name: &str, kind: &Kind) -> Result<TypePtr> {
    let primitive = |physical| Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
    let group = |fields| Type::group_type_builder(name).with_repetition(Repetition::OPTIONAL).with_fields(fields);
    let made = match kind {
        Kind::Text => primitive(Physical::BYTE_ARRAY)
            .with_logical_type(Some(LogicalType::String))
            .with_converted_type(ConvertedType::UTF8)
            .build(),
        Kind::Whole => primitive(Physical::INT64).build(),
        Kind::Number => primitive(Physical::DOUBLE).build(),
        Kind::Flag => primitive(Physical::BOOLEAN).build(),
        Kind::Record(fields) => {
            group(fields.iter().map(|field| column(field.name, &field.kind)).collect::<Result<_>>()?).build()
        }
        Kind::List(of) => {
            let element = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![column("element", of)?])
                .build()?;
            group(vec![Arc::new(element)])
                .with_logical_type(Some(LogicalType::List))
                .with_converted_type(ConvertedType::LIST)
                .build()
        }
    };
    made.map(Arc::new)
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use serde_json::json;

    use super::*;
    use crate::export::schema::{field, message};

    #[test]
    fn nested_rows_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.parquet");
        let fields = vec![
            field("id", Kind::Text),
            field("messages", Kind::list(message(true))),
            field("logprobs", Kind::list(Kind::Number)),
        ];
        let rows = [
            json!({ "id": "a", "messages": [
                { "role": "user", "content": "hé" },
                { "role": "assistant", "content": "", "train": true, "step": 3, "tool_calls": [
                    { "id": "1", "type": "function", "function": { "name": "f", "arguments": "{}" } },
                    { "id": "2", "type": "function", "function": { "name": "g", "arguments": "{}" } },
                ] },
            ], "logprobs": [-0.5, 0.0] }),
            json!({ "id": "b", "messages": [], "logprobs": null }),
            json!({ "id": null, "messages": [{ "role": "tool", "content": "x", "tool_calls": [] }], "logprobs": [] }),
        ];
        let mut file = ParquetFile::create(&path, fields).unwrap();
        rows.iter().for_each(|row| file.add(row).unwrap());
        file.close().unwrap();
        let read = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        let read: Vec<String> = read.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        let nothing = "reasoning_content: null, tool_calls: null, tool_call_id: null, train: null, step: null";
        let calls = "[{id: \"1\", type: \"function\", function: {name: \"f\", arguments: \"{}\"}}, \
                     {id: \"2\", type: \"function\", function: {name: \"g\", arguments: \"{}\"}}]";
        assert_eq!(
            read[0],
            format!(
                "{{id: \"a\", messages: [{{role: \"user\", content: \"hé\", {nothing}}}, {{role: \"assistant\", \
                 content: \"\", reasoning_content: null, tool_calls: {calls}, tool_call_id: null, train: true, \
                 step: 3}}], logprobs: [-5E-1, 0E0]}}"
            )
        );
        assert_eq!(read[1], "{id: \"b\", messages: [], logprobs: null}");
        assert!(read[2].starts_with("{id: null, messages: [{role: \"tool\", content: \"x\""), "{}", read[2]);
        assert!(read[2].contains("tool_calls: [], ") && read[2].ends_with("logprobs: []}"), "{}", read[2]);
    }

    #[test]
    fn a_row_that_does_not_fit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.parquet");
        let mut file = ParquetFile::create(&path, vec![field("step", Kind::Whole)]).unwrap();
        let error = file.add(&json!({ "stop": 1 })).unwrap_err().to_string();
        assert!(error.contains("x.parquet") && error.contains("no column for `stop`"), "{error}");
        assert!(file.add(&json!({ "step": "1" })).unwrap_err().to_string().contains("expected a whole number"));
    }
}

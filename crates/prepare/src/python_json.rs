//! JSON as Python's `json` module writes it, of documents that are larger than their values would be in memory.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::ser::{Error as _, SerializeMap as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter};
use serde_json::value::RawValue;

use crate::error::PrepareError;

/// What `json.dump` is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Nothing: one line, with `, ` and `: `.
    Compact,
    /// `indent=4`.
    Indented,
}

/// The order of the keys of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// As they are.
    AsGiven,
    /// `sort_keys=True`.
    Sorted,
}

/// An object whose values stay text until they are asked for.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Document<'a> {
    #[serde(borrow)]
    entries: BTreeMap<String, &'a RawValue>,
}

impl<'a> Document<'a> {
    /// Reads an object; `path` names it in errors.
    ///
    /// # Errors
    /// Text that is no JSON object.
    pub(crate) fn parse(path: &Path, text: &'a str) -> Result<Self, PrepareError> {
        serde_json::from_str(text).map_err(|error| invalid(path, &error))
    }

    /// The values by their keys.
    pub(crate) fn entries(&self) -> &BTreeMap<String, &'a RawValue> {
        &self.entries
    }

    /// The value of a key.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn value(&self, path: &Path, key: &str) -> Result<&'a RawValue, PrepareError> {
        self.entries.get(key).copied().ok_or_else(|| {
            let have: Vec<&String> = self.entries.keys().collect();
            PrepareError::table(path, None, format!("the object has no `{key}`; it has {have:?}"))
        })
    }

    /// The items of a key's list, each still text.
    ///
    /// # Errors
    /// There is no such list.
    pub(crate) fn list(&self, path: &Path, key: &str) -> Result<Vec<&'a RawValue>, PrepareError> {
        serde_json::from_str(self.value(path, key)?.get())
            .map_err(|error| PrepareError::table(path, None, format!("`{key}`: {error}; expected a list")))
    }

    /// As [`list`](Self::list), each item also read as a `T`.
    ///
    /// # Errors
    /// There is no such list, or an item is none.
    pub(crate) fn records<T: DeserializeOwned>(
        &self,
        path: &Path,
        key: &str,
    ) -> Result<Vec<(&'a RawValue, T)>, PrepareError> {
        let items = self.list(path, key)?.into_iter().enumerate();
        let read = items.map(|(place, item)| {
            let record = serde_json::from_str(item.get());
            let record = record.map_err(|error| PrepareError::table(path, None, format!("`{key}[{place}]`: {error}")));
            Ok((item, record?))
        });
        read.collect()
    }
}

/// The error for a file that is no JSON, or lacks something.
pub(crate) fn invalid(path: &Path, error: &serde_json::Error) -> PrepareError {
    PrepareError::table(path, None, format!("not the JSON that was expected: {error}"))
}

/// Writes a value.
///
/// # Errors
/// The writer fails, or the value holds text that is no JSON.
pub(crate) fn write(out: impl Write, value: &impl Serialize, style: Style) -> io::Result<()> {
    let pretty = (style == Style::Indented).then(|| PrettyFormatter::with_indent(b"    "));
    let mut serializer = serde_json::Serializer::with_formatter(out, Python { pretty });
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// The text of a value.
///
/// # Errors
/// The value holds text that is no JSON.
pub(crate) fn text(value: &impl Serialize, style: Style) -> io::Result<String> {
    let mut bytes = Vec::new();
    write(&mut bytes, value, style)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// A record that is still text, with keys that are set or removed when it is written.
pub(crate) struct Item<'a> {
    raw: &'a RawValue,
    set: Vec<(&'static str, String)>,
    removed: Vec<&'static str>,
}

impl<'a> Item<'a> {
    /// The record as it is.
    pub(crate) fn new(raw: &'a RawValue) -> Self {
        Self { raw, set: Vec::new(), removed: Vec::new() }
    }

    /// With a text for a key.
    pub(crate) fn with(mut self, key: &'static str, text: String) -> Self {
        self.set.push((key, text));
        self
    }

    /// Without a key.
    pub(crate) fn without(mut self, key: &'static str) -> Self {
        self.removed.push(key);
        self
    }

    fn value(&self) -> serde_json::Result<Value> {
        let mut value: Value = serde_json::from_str(self.raw.get())?;
        if let Some(object) = value.as_object_mut() {
            for key in &self.removed {
                object.shift_remove(*key);
            }
            object.extend(self.set.iter().map(|(key, text)| ((*key).to_owned(), Value::from(text.as_str()))));
        }
        Ok(value)
    }
}

/// An object of values and lists of items, one item of which is in memory at a time.
pub(crate) struct Object<'a> {
    keys: Keys,
    entries: Vec<(&'a str, Entry<'a>)>,
}

enum Entry<'a> {
    Raw(&'a RawValue),
    List(&'a [Item<'a>]),
}

impl<'a> Object<'a> {
    pub(crate) fn new(keys: Keys) -> Self {
        Self { keys, entries: Vec::new() }
    }

    /// With a value: in the place of one of that key, else last.
    pub(crate) fn value(self, key: &'a str, value: &'a RawValue) -> Self {
        self.with(key, Entry::Raw(value))
    }

    /// With a list.
    pub(crate) fn list(self, key: &'a str, items: &'a [Item<'a>]) -> Self {
        self.with(key, Entry::List(items))
    }

    fn with(mut self, key: &'a str, entry: Entry<'a>) -> Self {
        match self.entries.iter_mut().find(|(have, _)| *have == key) {
            Some((_, old)) => *old = entry,
            None => self.entries.push((key, entry)),
        }
        if self.keys == Keys::Sorted {
            self.entries.sort_by_key(|(key, _)| *key);
        }
        self
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (key, entry) in &self.entries {
            match entry {
                Entry::Raw(raw) => map.serialize_entry(key, &Parsed { item: &Item::new(raw), keys: self.keys })?,
                Entry::List(items) => map.serialize_entry(key, &List { items, keys: self.keys })?,
            }
        }
        map.end()
    }
}

/// A list of items, one of which is in memory at a time.
pub(crate) struct List<'a> {
    pub(crate) items: &'a [Item<'a>],
    pub(crate) keys: Keys,
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.items.iter().map(|item| Parsed { item, keys: self.keys }))
    }
}

struct Parsed<'a> {
    item: &'a Item<'a>,
    keys: Keys,
}

impl Serialize for Parsed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = self.item.value().map_err(S::Error::custom)?;
        if self.keys == Keys::Sorted {
            value.sort_all_objects();
        }
        value.serialize(serializer)
    }
}

/// `json.dump`: `ensure_ascii`, floats by `repr`, `, ` and `: ` on one line.
struct Python {
    pretty: Option<PrettyFormatter<'static>>,
}

/// Hands a call on to the formatter that indents, or writes what stands on one line.
macro_rules! layout {
    ($($name:ident($($argument:ident: $kind:ty),*) => $line:expr;)*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, writer: &mut W, $($argument: $kind),*) -> io::Result<()> {
            match &mut self.pretty {
                Some(pretty) => pretty.$name(writer, $($argument),*),
                None => writer.write_all($line),
            }
        })*
    };
}

impl Formatter for Python {
    layout! {
        begin_array() => b"[";
        end_array() => b"]";
        begin_array_value(first: bool) => if first { b"" } else { b", " };
        end_array_value() => b"";
        begin_object() => b"{";
        end_object() => b"}";
        begin_object_key(first: bool) => if first { b"" } else { b", " };
        begin_object_value() => b": ";
        end_object_value() => b"";
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(float(value).as_bytes())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|letter: char| !(' '..='~').contains(&letter)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut letters = rest[at..].chars();
            let letter = letters.next().unwrap_or_default();
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = letters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        match escape {
            CharEscape::Quote => writer.write_all(b"\\\""),
            CharEscape::ReverseSolidus => writer.write_all(b"\\\\"),
            CharEscape::Solidus => writer.write_all(b"\\/"),
            CharEscape::Backspace => writer.write_all(b"\\b"),
            CharEscape::FormFeed => writer.write_all(b"\\f"),
            CharEscape::LineFeed => writer.write_all(b"\\n"),
            CharEscape::CarriageReturn => writer.write_all(b"\\r"),
            CharEscape::Tab => writer.write_all(b"\\t"),
            CharEscape::AsciiControl(byte) => write!(writer, "\\u{byte:04x}"),
        }
    }
}

/// `repr` of a float: the shortest digits that read the same, with an exponent below 1e-4 and from 1e16 on.
pub(crate) fn float(value: f64) -> String {
    if !value.is_finite() {
        let name = if value.is_nan() { "nan" } else { "inf" };
        return if value < 0.0 { format!("-{name}") } else { name.to_owned() };
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_repr_does() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.3333333333333333"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-1.5e-7, "-1.5e-07"),
            (1e15, "1000000000000000.0"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1e16, "1e+16"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(float(value), expected);
        }
    }

    #[test]
    fn values_are_written_as_json_dump_does() {
        let value: Value = serde_json::from_str(
            r#"{"b":[1,2.50,{}],"a":"\"\\\/é\u007f\u0001\n\ud83d\ude00","c":[],"d":{"z":null,"y":true}}"#,
        )
        .unwrap();
        assert_eq!(
            text(&value, Style::Compact).unwrap(),
            r#"{"b": [1, 2.5, {}], "a": "\"\\/\u00e9\u007f\u0001\n\ud83d\ude00", "c": [], "d": {"z": null, "y": true}}"#
        );
        let raw = serde_json::value::to_raw_value(&value).unwrap();
        let one = RawValue::from_string("1".to_owned()).unwrap();
        let items = [Item::new(&raw), Item::new(&one)];
        let object = Object::new(Keys::Sorted).list("v", &items).value("k", &raw);
        let value = "{\n            \"a\": \"\\\"\\\\/\\u00e9\\u007f\\u0001\\n\\ud83d\\ude00\",\n            \
                     \"b\": [\n                1,\n                2.5,\n                {}\n            ],\n            \
                     \"c\": [],\n            \"d\": {\n                \"y\": true,\n                \"z\": null\n            }\n        }";
        let outdented = value.replace("\n    ", "\n");
        assert_eq!(
            text(&object, Style::Indented).unwrap(),
            format!("{{\n    \"k\": {outdented},\n    \"v\": [\n        {value},\n        1\n    ]\n}}")
        );
    }

    #[test]
    fn documents_are_read_in_parts() {
        #[derive(Deserialize)]
        struct Record {
            id: u32,
        }
        let path = Path::new("x.json");
        let text = r#"{"images": [{"id": 7, "w": 1.0}, {"id": 8}], "info": {}}"#;
        let document = Document::parse(path, text).unwrap();
        let records = document.records::<Record>(path, "images").unwrap();
        assert_eq!(records[0].0.get(), r#"{"id": 7, "w": 1.0}"#);
        assert_eq!(records.iter().map(|(_, record)| record.id).collect::<Vec<_>>(), [7, 8]);
        let changed = Item::new(records[0].0).with("id", "k".to_owned()).with("n", "1".to_owned());
        assert_eq!(changed.value().unwrap(), serde_json::json!({"id": "k", "w": 1.0, "n": "1"}));
        for (text, expected) in [
            ("[1]", "`x.json`: not the JSON that was expected: invalid type"),
            ("{}", "`x.json`: the object has no `images`"),
            (r#"{"images": 3}"#, "`x.json`: `images`: invalid type"),
            (r#"{"images": [{"id": 1}, {}]}"#, "`x.json`: `images[1]`: missing field `id`"),
        ] {
            let read = Document::parse(path, text).and_then(|document| document.records::<Record>(path, "images"));
            let error = read.err().unwrap().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}

//! JSON objects whose values stay text, in files that hold a list of them or one a line.

use std::path::Path;

use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde::ser::{Error as _, SerializeMap as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::PrepareError;
use crate::python_json::invalid;

/// An object. Its keys keep their order.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Record<'a> {
    #[serde(borrow)]
    values: IndexMap<String, &'a RawValue>,
}

impl<'a> Record<'a> {
    /// The records of a file that is a list of them; `path` names it in errors.
    ///
    /// # Errors
    /// Text that is no such list.
    pub(crate) fn list(path: &Path, text: &'a str) -> Result<Vec<Self>, PrepareError> {
        serde_json::from_str(text).map_err(|error| invalid(path, &error))
    }

    /// The record of a line; `row` counts from 0.
    ///
    /// # Errors
    /// Text that is no object.
    pub(crate) fn line(path: &Path, row: usize, text: &'a str) -> Result<Self, PrepareError> {
        serde_json::from_str(text)
            .map_err(|error| PrepareError::table(path, Some(row + 1), format!("no JSON object: {error}")))
    }

    pub(crate) fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// The value of a key as a `T`.
    ///
    /// # Errors
    /// There is none, or it is no `T`; `path` and `row`, from 0, name the record.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &Path, row: usize, key: &str) -> Result<T, PrepareError> {
        let failed = |message: String| PrepareError::table(path, Some(row + 1), message);
        let value = self.values.get(key).ok_or_else(|| failed(format!("the record has no `{key}`")))?;
        serde_json::from_str(value.get()).map_err(|error| failed(format!("`{key}`: {error}")))
    }

    /// The record without some keys.
    pub(crate) fn without(mut self, keys: &[&str]) -> Self {
        self.values.retain(|key, _| !keys.contains(&key.as_str()));
        self
    }

    /// The record with these keys alone, in this order; those that it lacks are passed over.
    pub(crate) fn only<S: AsRef<str>>(&self, keys: &[S]) -> Self {
        let values = keys.iter().filter_map(|key| self.values.get_key_value(key.as_ref()));
        Self { values: values.map(|(key, value)| (key.clone(), *value)).collect() }
    }

    /// The record with a value for a key: in the place of the one it has, else last.
    pub(crate) fn with(mut self, key: &str, value: &'a RawValue) -> Self {
        self.values.insert(key.to_owned(), value);
        self
    }
}

/// Values are parsed one at a time, so that they are written as other JSON is.
impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (key, value) in &self.values {
            let value: Value = serde_json::from_str(value.get()).map_err(S::Error::custom)?;
            map.serialize_entry(key, &value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python_json::{Style, text};

    #[test]
    fn records_keep_their_order() {
        let path = Path::new("x.json");
        let source = r#"{"b": 4.50, "a":"\u00e9\/", "c": [1,2], "b": 5.0}"#;
        let record = Record::line(path, 0, source).unwrap();
        let written = |record: &Record<'_>| text(record, Style::Compact).unwrap();
        assert_eq!(written(&record), r#"{"b": 5.0, "a": "\u00e9/", "c": [1, 2]}"#);
        assert_eq!(written(&record.only(&["c", "x", "b"])), r#"{"c": [1, 2], "b": 5.0}"#);
        assert_eq!(record.get::<f64>(path, 0, "b").unwrap(), 5.0);
        let seven = RawValue::from_string("7".to_owned()).unwrap();
        assert_eq!(written(&record.without(&["b"]).with("a", &seven)), r#"{"a": 7, "c": [1, 2]}"#);
    }

    #[test]
    fn a_bad_record_is_named() {
        let path = Path::new("x.json");
        assert_eq!(Record::list(path, r#"[{"a": 1}, {}]"#).unwrap().len(), 2);
        let error = |result: Result<f64, PrepareError>| result.unwrap_err().to_string();
        let record = Record::line(path, 2, r#"{"a": "x"}"#).unwrap();
        assert!(error(record.get(path, 2, "b")).starts_with("`x.json`, row 3: the record has no `b`"));
        assert!(error(record.get(path, 2, "a")).starts_with("`x.json`, row 3: `a`: invalid type"));
        assert!(Record::line(path, 2, "[]").is_err() && Record::list(path, "{}").is_err());
    }
}

//! The list of a competition's files.

use serde::{Deserialize, Serialize};

/// A file that Kaggle offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataFile {
    /// Its name, with the folders it is in.
    pub name: String,
    /// Its size, unpacked; `None` if Kaggle doesn't say.
    pub bytes: Option<u64>,
}

/// A page of the list: an object now, a bare list in older answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Page {
    Object {
        files: Vec<Entry>,
        #[serde(default, rename = "nextPageToken", alias = "next_page_token")]
        next: Option<String>,
    },
    List(Vec<Entry>),
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(default, rename = "totalBytes", alias = "total_bytes")]
    bytes: Option<u64>,
}

/// The files of a page, and the token of the next one.
pub(crate) fn page(text: &str) -> Result<(Vec<DataFile>, Option<String>), String> {
    let page: Page = serde_json::from_str(text)
        .map_err(|_| "expected a JSON object with `files`, each with `name` and `totalBytes`".to_owned())?;
    let (files, next) = match page {
        Page::Object { files, next } => (files, next.filter(|token| !token.is_empty())),
        Page::List(files) => (files, None),
    };
    let files = files.into_iter().map(|entry| DataFile { name: entry.name, bytes: entry.bytes });
    Ok((files.collect(), next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let text =
            r#"{"files":[{"ref":"a","name":"train/a.png","totalBytes":7,"creationDate":"2020"}],"nextPageToken":"t"}"#;
        let file = DataFile { name: "train/a.png".to_owned(), bytes: Some(7) };
        assert_eq!(page(text).unwrap(), (vec![file.clone()], Some("t".to_owned())));
        let last = r#"{"files":[],"nextPageToken":""}"#;
        assert_eq!(page(last).unwrap(), (vec![], None));
        assert_eq!(page(r#"[{"name":"train/a.png","totalBytes":7}]"#).unwrap(), (vec![file], None));
        assert!(page(r#"{"code":500}"#).is_err() && page("<html>").is_err());
    }
}

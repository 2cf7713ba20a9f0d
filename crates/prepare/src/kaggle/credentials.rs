//! Who asks Kaggle: a token, or a user's name and key.

use std::env::VarError;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::kaggle::error::KaggleError;

/// A text that doesn't show: `Debug` says `[hidden]`, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text; blanks around it are no part of it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// What Kaggle knows a user by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// An API token (`KGAT_…`).
    Token(Secret),
    /// A name and an API key, from `kaggle.json`.
    Key {
        /// The user's name.
        username: String,
        /// The key.
        key: Secret,
    },
}

/// Credentials, and where they were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCredentials {
    /// What Kaggle knows the user by.
    pub credentials: Credentials,
    /// A variable, or a file.
    pub from: String,
    /// What the user should know of that place: other users can read it.
    pub warning: Option<String>,
}

impl Credentials {
    /// Looks where Kaggle's own tools look: the variable `KAGGLE_API_TOKEN` (a token, or a file with one), the variables
    /// `KAGGLE_USERNAME` and `KAGGLE_KEY`, then files `access_token` and `kaggle.json` in the folder
    /// `KAGGLE_CONFIG_DIR`, or else in `~/.config/kaggle` and `~/.kaggle`.
    ///
    /// # Errors
    /// None found, half of them found, or a file that cannot be read or isn't what it should be.
    pub fn find() -> Result<FoundCredentials, KaggleError> {
        Self::find_by(&|name| match std::env::var(name) {
            Ok(value) => Some(value),
            Err(VarError::NotPresent) => None,
            // Neither a token nor a folder that a message could name.
            Err(VarError::NotUnicode(_)) => None,
        })
    }

    /// [`Self::find`] among these variables; `HOME` and `XDG_CONFIG_HOME` lead to the folders.
    fn find_by(variable: &dyn Fn(&str) -> Option<String>) -> Result<FoundCredentials, KaggleError> {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        if let Some(token) = variable("KAGGLE_API_TOKEN") {
            return match read(Path::new(token.trim()))? {
                Some(file) => file.token(),
                None => found(Self::Token(Secret::new(&token)), "`KAGGLE_API_TOKEN`".to_owned(), None),
            };
        }
        match (variable("KAGGLE_USERNAME"), variable("KAGGLE_KEY")) {
            (Some(username), Some(key)) => {
                let credentials = Self::Key { username: username.trim().to_owned(), key: Secret::new(&key) };
                return found(credentials, "`KAGGLE_USERNAME` and `KAGGLE_KEY`".to_owned(), None);
            }
            (None, None) => {}
            (Some(_), None) => {
                return Err(KaggleError::HalfCredentials { has: "KAGGLE_USERNAME", lacks: "KAGGLE_KEY" });
            }
            (None, Some(_)) => {
                return Err(KaggleError::HalfCredentials { has: "KAGGLE_KEY", lacks: "KAGGLE_USERNAME" });
            }
        }
        let home = variable("HOME").map(PathBuf::from);
        let config = variable("XDG_CONFIG_HOME").map(PathBuf::from).or(home.as_ref().map(|home| home.join(".config")));
        let folders: Vec<PathBuf> = match variable("KAGGLE_CONFIG_DIR") {
            Some(folder) => vec![folder.into()],
            None => [config.map(|config| config.join("kaggle")), home.map(|home| home.join(".kaggle"))]
                .into_iter()
                .flatten()
                .collect(),
        };
        for folder in &folders {
            for name in ["access_token", "access_token.txt"] {
                if let Some(file) = read(&folder.join(name))? {
                    return file.token();
                }
            }
            if let Some(file) = read(&folder.join("kaggle.json"))? {
                return file.key();
            }
        }
        let looked: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        Err(KaggleError::NoCredentials { looked: looked.join(", ") })
    }
}

/// A file with a secret in it.
struct SecretFile {
    path: PathBuf,
    text: String,
    warning: Option<String>,
}

/// A file, if there is one.
fn read(path: &Path) -> Result<Option<SecretFile>, KaggleError> {
    let unreadable = |error: io::Error| KaggleError::credentials(path, format!("cannot be read: {error}"));
    let metadata = match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => metadata,
        // What is no path at all, such as a token, may be too long for one.
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(unreadable(error)),
        Err(_) => return Ok(None),
    };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let open = metadata.permissions().mode() & 0o077 != 0;
    let warning = open.then(|| {
        let path = path.display();
        format!("other users of this machine can use your Kaggle credentials in `{path}`\nhint: chmod 600 {path}")
    });
    Ok(Some(SecretFile { path: path.to_owned(), text, warning }))
}

impl SecretFile {
    fn token(self) -> Result<FoundCredentials, KaggleError> {
        if self.text.trim().is_empty() {
            return Err(KaggleError::credentials(&self.path, "is empty: expected an API token"));
        }
        found(Credentials::Token(Secret::new(&self.text)), self.name(), self.warning)
    }

    /// Reads `kaggle.json`. Its values show in no message.
    fn key(self) -> Result<FoundCredentials, KaggleError> {
        let invalid = |message: String| KaggleError::credentials(&self.path, message);
        let value: Value = serde_json::from_str(&self.text).map_err(|error| {
            invalid(format!("is no JSON (line {}, column {}): download it anew", error.line(), error.column()))
        })?;
        let field = |name: &str| match value.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim()),
            Some(_) => Err(invalid(format!("key `{name}`: expected a text that is not empty"))),
            None => Err(invalid(format!("has no key `{name}`: expected `username` and `key`"))),
        };
        let credentials = Credentials::Key { username: field("username")?.to_owned(), key: Secret::new(field("key")?) };
        let name = self.name();
        found(credentials, name, self.warning)
    }

    fn name(&self) -> String {
        format!("`{}`", self.path.display())
    }
}

fn found(credentials: Credentials, from: String, warning: Option<String>) -> Result<FoundCredentials, KaggleError> {
    let texts: &[&str] = match &credentials {
        Credentials::Token(token) => &[token.expose()],
        Credentials::Key { username, key } => &[username, key.expose()],
    };
    if texts.iter().any(|text| !text.chars().all(|letter| letter.is_ascii_graphic())) {
        return Err(KaggleError::UnusableCredentials { from });
    }
    Ok(FoundCredentials { credentials, from, warning })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Home(tempfile::TempDir);

    impl Home {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
            let path = self.0.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path
        }

        fn find(&self, variables: &[(&str, &str)]) -> Result<FoundCredentials, KaggleError> {
            let home = self.0.path().display().to_string();
            Credentials::find_by(&|name| {
                if name == "HOME" {
                    return Some(home.clone());
                }
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        }

        fn error(&self, variables: &[(&str, &str)]) -> String {
            self.find(variables).unwrap_err().to_string()
        }
    }

    fn key(username: &str, key: &str) -> Credentials {
        Credentials::Key { username: username.to_owned(), key: Secret::new(key) }
    }

    fn token(text: &str) -> Credentials {
        Credentials::Token(Secret::new(text))
    }

    const JSON: &str = r#"{"username":"ann","key":"0123"}"#;

    #[test]
    fn the_environment_comes_first_then_the_folders() {
        let home = Home::new();
        home.write(".kaggle/kaggle.json", JSON, 0o600);
        let all = [("KAGGLE_API_TOKEN", " KGAT_1\n"), ("KAGGLE_USERNAME", "bob"), ("KAGGLE_KEY", "k")];
        assert_eq!(home.find(&all).unwrap().credentials, token("KGAT_1"));
        assert_eq!(home.find(&all[1..]).unwrap().credentials, key("bob", "k"));
        let file = home.find(&[("KAGGLE_API_TOKEN", "")]).unwrap();
        assert_eq!((file.credentials, file.warning), (key("ann", "0123"), None));
        assert!(file.from.contains(".kaggle/kaggle.json"));

        home.write(".config/kaggle/kaggle.json", r#"{"username":"cat","key":"9"}"#, 0o600);
        assert_eq!(home.find(&[]).unwrap().credentials, key("cat", "9"));
        home.write(".config/kaggle/access_token", "KGAT_2\n", 0o600);
        assert_eq!(home.find(&[]).unwrap().credentials, token("KGAT_2"));
        let own = home.write("own/kaggle.json", r#"{"username":"dan","key":"8"}"#, 0o600);
        let own = own.parent().unwrap().to_str().unwrap();
        assert_eq!(home.find(&[("KAGGLE_CONFIG_DIR", own)]).unwrap().credentials, key("dan", "8"));
    }

    #[test]
    fn the_token_may_be_a_file() {
        let home = Home::new();
        let file = home.write("secrets/token", "KGAT_3\n", 0o600);
        let found = home.find(&[("KAGGLE_API_TOKEN", file.to_str().unwrap())]).unwrap();
        assert_eq!(found.credentials, token("KGAT_3"));
    }

    #[test]
    fn files_that_others_can_read_are_told_of() {
        let home = Home::new();
        for mode in [0o644, 0o640, 0o604] {
            home.write(".kaggle/kaggle.json", JSON, mode);
            let warning = home.find(&[]).unwrap().warning.unwrap();
            assert!(warning.contains("chmod 600") && warning.contains("kaggle.json"), "{warning}");
            assert!(!warning.contains("0123"));
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_nothing_shown() {
        let home = Home::new();
        let none = home.error(&[]);
        assert!(none.contains(".config/kaggle") && none.contains("https://www.kaggle.com/settings"), "{none}");
        assert!(home.error(&[("KAGGLE_USERNAME", "ann")]).contains("`KAGGLE_KEY`"));
        assert!(home.error(&[("KAGGLE_KEY", "k")]).contains("`KAGGLE_USERNAME`"));
        let odd = home.error(&[("KAGGLE_API_TOKEN", "secret\u{e9}")]);
        assert!(odd.contains("KAGGLE_API_TOKEN") && !odd.contains("secret"), "{odd}");
        for (text, expected) in [
            ("{\"username\": \"ann\", \"key\": hidden4}", "line 1"),
            ("{\"username\": \"ann\"}", "no key `key`"),
            ("{\"username\": \"ann\", \"key\": 44444}", "key `key`"),
            ("[\"hidden4\"]", "no key `username`"),
        ] {
            home.write(".kaggle/kaggle.json", text, 0o600);
            let error = home.error(&[]);
            assert!(error.contains(expected) && error.contains("kaggle.json"), "{error}");
            assert!(!error.contains("hidden4") && !error.contains("44444"), "{error}");
        }
        home.write(".kaggle/access_token", "\n", 0o600);
        assert!(home.error(&[]).contains("is empty"));
    }

    #[test]
    fn debug_hides_secrets() {
        let home = Home::new();
        home.write(".kaggle/kaggle.json", JSON, 0o600);
        let shown = format!("{:?} {:?}", home.find(&[]).unwrap(), token("KGAT_4"));
        assert!(shown.contains("[hidden]") && !shown.contains("0123") && !shown.contains("KGAT_4"), "{shown}");
    }
}

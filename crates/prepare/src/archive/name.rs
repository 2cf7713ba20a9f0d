//! An entry's name as a path within the target folder.

use std::path::PathBuf;

/// The path of an entry, or what is wrong with its name.
///
/// Separators are `/` and `\`, as Windows writes them; empty steps and `.` say nothing. The path is empty if only such
/// are there.
pub(super) fn path_of(name: &str) -> Result<PathBuf, &'static str> {
    if name.starts_with(['/', '\\']) {
        return Err("is absolute");
    }
    if matches!(name.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic()) {
        return Err("is absolute on Windows");
    }
    if name.contains(char::is_control) {
        return Err("has a control character");
    }
    let mut path = PathBuf::new();
    for step in name.split(['/', '\\']) {
        match step {
            "" | "." => {}
            ".." => return Err("leads out of the folder"),
            _ if step.len() > 255 => return Err("is longer than a file's name can be"),
            _ => path.push(step),
        }
    }
    Ok(path)
}

/// The text of a name that may be in any encoding.
pub(super) fn text_of(name: &[u8]) -> Result<&str, &'static str> {
    std::str::from_utf8(name).map_err(|_| "is not UTF-8")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn one_file_has_one_path() {
        for name in ["train/1.jpg", "./train/1.jpg", "train//1.jpg", "train/./1.jpg", "train\\1.jpg", "train/1.jpg/"] {
            assert_eq!(path_of(name).as_deref(), Ok(Path::new("train/1.jpg")), "{name}");
        }
        assert_eq!(path_of("./").as_deref(), Ok(Path::new("")));
        assert_eq!(path_of("...").as_deref(), Ok(Path::new("...")));
        assert_eq!(path_of("naïve file.csv").as_deref(), Ok(Path::new("naïve file.csv")));
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for name in [
            "/etc/passwd",
            "\\etc",
            "../x",
            "a/../../x",
            "a/..",
            "a\\..\\x",
            "..",
            "C:\\x",
            "c:x",
            "a\0b",
            "a\nb",
            "//x",
        ] {
            assert!(path_of(name).is_err(), "{name:?}");
        }
        assert!(path_of(&"x".repeat(256)).is_err());
        assert!(text_of(b"\xff").is_err());
    }
}

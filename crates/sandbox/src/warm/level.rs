//! Which warm interpreter fits a script.

use std::collections::BTreeSet;

use crate::preload::Preload;

/// How much of its preload an interpreter has imported: a fork costs time with every page that it shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Bare,
    Full,
}

impl Level {
    /// The interpreter that fits a script best. Any runs it the same way, only faster or slower.
    pub(super) fn of(preload: &Preload, script: &[u8]) -> Self {
        if preload.modules.is_empty() || imports_standard_modules_alone(script) { Self::Bare } else { Self::Full }
    }

    /// What it has imported.
    pub(super) fn modules(self, preload: &Preload) -> &[String] {
        match self {
            Self::Bare => &[],
            Self::Full => &preload.modules,
        }
    }
}

/// Modules of the standard library that agents use. What isn't here may import anything.
#[rustfmt::skip]
const STANDARD: [&str; 84] = [
    "__future__", "abc", "argparse", "array", "ast", "asyncio", "atexit", "base64", "binascii", "bisect", "bz2",
    "calendar", "cmath", "codecs", "collections", "concurrent", "contextlib", "copy", "csv", "ctypes", "dataclasses",
    "datetime", "decimal", "difflib", "enum", "errno", "fractions", "functools", "gc", "getpass", "glob", "gzip",
    "hashlib", "heapq", "html", "inspect", "io", "itertools", "json", "keyword", "linecache", "locale", "logging",
    "lzma", "math", "mmap", "numbers", "operator", "os", "pathlib", "pickle", "platform", "pprint", "queue", "random",
    "re", "resource", "secrets", "select", "shutil", "signal", "socket", "sqlite3", "stat", "statistics", "string",
    "struct", "subprocess", "sys", "sysconfig", "tarfile", "tempfile", "textwrap", "threading", "time", "traceback",
    "types", "typing", "unicodedata", "urllib", "uuid", "warnings", "weakref", "zipfile",
];

/// Whether the script's import statements, as far as a look at its lines shows them, name nothing else.
fn imports_standard_modules_alone(script: &[u8]) -> bool {
    let text = String::from_utf8_lossy(script);
    let hidden = ["importlib", "__import__", "runpy", "exec("];
    if hidden.iter().any(|word| text.contains(word)) {
        return false;
    }
    let standard = BTreeSet::from(STANDARD);
    let is_standard = |name: &str| {
        let top = name.trim().split(['.', ' ', '\t']).next().unwrap_or_default();
        standard.contains(top)
    };
    text.split(['\n', '\r', ';', ':']).map(str::trim).all(|statement| {
        if let Some(names) = statement.strip_prefix("import ") {
            names.split(',').all(is_standard)
        } else if let Some(name) = statement.strip_prefix("from ") {
            is_standard(name)
        } else {
            true
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(STANDARD.is_sorted());
    }

    #[test]
    fn only_the_standard_library_needs_no_packages() {
        for bare in [
            "pass",
            "import os, sys as system\nprint(1)",
            "from os.path import join",
            "if True: import json; import re",
            "try:\n    import math\nexcept ImportError:\n    pass",
            "print('import numpy')",
        ] {
            assert_eq!(Level::of(&Preload::default(), bare.as_bytes()), Level::Bare, "{bare}");
        }
        for full in [
            "import numpy",
            "import os, pandas as pd",
            "from sklearn.svm import SVC",
            "def f():\n\tfrom mine import x",
            "if True: import torch",
            "import os; import numpy",
            "from . import x",
            "__import__('numpy')",
            "import importlib",
        ] {
            assert_eq!(Level::of(&Preload::default(), full.as_bytes()), Level::Full, "{full}");
            assert_eq!(Level::of(&Preload::none(), full.as_bytes()), Level::Bare, "{full}");
        }
    }
}

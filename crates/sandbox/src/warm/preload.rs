//! What warm interpreters have imported, and which one fits a script.

use std::collections::BTreeSet;

/// What a warm interpreter has imported before it gets any code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preload {
    /// Names of modules, as after `import`. One that isn't there, or leaves threads behind, is passed over.
    pub modules: Vec<String>,
}

impl Default for Preload {
    /// What nearly every script of this field imports.
    fn default() -> Self {
        let modules = [
            "numpy",
            "pandas",
            "scipy.stats",
            "scipy.sparse",
            "scipy.optimize",
            "scipy.signal",
            "scipy.interpolate",
            "sklearn.cluster",
            "sklearn.compose",
            "sklearn.decomposition",
            "sklearn.ensemble",
            "sklearn.feature_extraction.text",
            "sklearn.feature_selection",
            "sklearn.gaussian_process",
            "sklearn.impute",
            "sklearn.inspection",
            "sklearn.kernel_ridge",
            "sklearn.linear_model",
            "sklearn.metrics",
            "sklearn.model_selection",
            "sklearn.naive_bayes",
            "sklearn.neighbors",
            "sklearn.neural_network",
            "sklearn.pipeline",
            "sklearn.preprocessing",
            "sklearn.svm",
            "sklearn.tree",
            "lightgbm",
            "statsmodels.api",
            "PIL.Image",
        ];
        Self { modules: modules.map(str::to_owned).into() }
    }
}

impl Preload {
    /// Nothing but Python itself.
    #[must_use]
    pub fn none() -> Self {
        Self { modules: Vec::new() }
    }

    /// Which interpreter fits a script best. Any runs it the same way, only faster or slower.
    pub(super) fn level(&self, script: &[u8]) -> Level {
        if self.modules.is_empty() || imports_standard_modules_alone(script) { Level::Bare } else { Level::Full }
    }

    /// The modules of an interpreter.
    pub(super) fn at(&self, level: Level) -> &[String] {
        match level {
            Level::Bare => &[],
            Level::Full => &self.modules,
        }
    }
}

/// How much of the preload an interpreter has imported: a fork costs time with every page that it shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Bare,
    Full,
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
            assert_eq!(Preload::default().level(bare.as_bytes()), Level::Bare, "{bare}");
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
            assert_eq!(Preload::default().level(full.as_bytes()), Level::Full, "{full}");
            assert_eq!(Preload::none().level(full.as_bytes()), Level::Bare, "{full}");
        }
    }
}

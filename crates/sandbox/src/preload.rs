//! What warm interpreters have imported.

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
}

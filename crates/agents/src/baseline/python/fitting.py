# ---- Fitting and validating one estimator ----
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# Percentage errors and errors of logarithms are plain errors of the logarithm, near enough.
LOGARITHMS = METRIC in ("rmsle", "mape", "smape") and REGRESSION and TRUTH.min() >= 0
GOAL = np.log1p(TRUTH) if LOGARITHMS else TRUTH
SIZE = X.size * max(1, len(CLASSES))


def scaled(estimator):
    """The estimator on features without blanks and of one scale; pixels have one already."""
    steps = [SimpleImputer(strategy="median", keep_empty_features=True)]
    return make_pipeline(*steps, *([] if IMAGES else [StandardScaler()]), estimator)


def predict(model, rows):
    """Probabilities, one column a class, or numbers as one column."""
    if REGRESSION:
        numbers = np.asarray(model.predict(rows), dtype=float).reshape(-1, 1)
        return np.expm1(np.clip(numbers, 0, GOAL.max() + 1)) if LOGARITHMS else numbers
    if hasattr(model, "predict_proba"):
        return model.predict_proba(rows)
    margins = model.decision_function(rows)
    margins = np.column_stack([-margins, margins]) if margins.ndim == 1 else margins
    powers = np.exp(2 * (margins - margins.max(axis=1, keepdims=True)))
    return powers / powers.sum(axis=1, keepdims=True)


def folds(seed):
    """The same folds for all models of a seed: few for big tables, repeated for small ones."""
    count = 5 if SIZE < 400_000 else 3
    repeats = 2 if len(X) <= 400 else 1
    if REGRESSION:
        return RepeatedKFold(n_splits=count, n_repeats=repeats, random_state=seed).split(X)
    count = max(2, min(count, np.bincount(TRUTH).min()))
    return RepeatedStratifiedKFold(n_splits=count, n_repeats=repeats, random_state=seed).split(X, TRUTH)


def validate(estimator, seed):
    """Out-of-fold predictions, the mean of the repeats."""
    total = np.zeros((len(X), max(1, len(CLASSES))))
    times = np.zeros(len(X))
    for inside, outside in folds(seed):
        model = clone(estimator).fit(X[inside], GOAL[inside])
        known = [0] if REGRESSION else model.classes_
        total[np.ix_(outside, known)] += predict(model, X[outside])
        times[outside] += 1
    return total / times[:, None]


def fit_all(estimator):
    """Test predictions after fitting on all rows."""
    return predict(clone(estimator).fit(X, GOAL), X_TEST)


def select(candidates, seed):
    """(name, out-of-fold predictions, estimator) of each candidate that can be fitted, best first."""
    ranked = []
    for name, estimator in candidates:
        try:
            out_of_fold = validate(estimator, seed)
            ranked.append((score(TRUTH, out_of_fold), name, out_of_fold, estimator))
            print(f"  {name}: {abs(ranked[-1][0]):.5f}")
        except Exception as error:
            print(f"  {name}: failed, {error}")
    if not ranked:
        raise SystemExit("no model could be fitted")
    ranked.sort(key=lambda entry: -entry[0])
    return [entry[1:] for entry in ranked]

"""Classifiers of graded strength, from a constant to a stack, for tables and tiny images."""

import numpy as np
from lightgbm import LGBMClassifier
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (AdaBoostClassifier, BaggingClassifier, ExtraTreesClassifier, GradientBoostingClassifier,
                              HistGradientBoostingClassifier, RandomForestClassifier, StackingClassifier,
                              VotingClassifier)
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (KBinsDiscretizer, MinMaxScaler, PolynomialFeatures, QuantileTransformer,
                                   StandardScaler)
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

# Columns on their own, and a few together: what somebody might try first.
SINGLES = {
    "breast-cancer": ["mean_radius", "mean_texture", "mean_smoothness", "mean_symmetry", "mean_fractal_dimension",
                      "error_texture", "error_smoothness", "error_symmetry", "error_concavity", "worst_texture",
                      "worst_smoothness", "worst_compactness", "worst_symmetry", "worst_fractal_dimension"],
    "wine": ["alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "nonflavanoid_phenols",
             "proanthocyanins", "color_intensity", "hue", "proline"],
    "iris": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
    "digits": [],
}
GROUPS = {
    "breast-cancer": {"the ten means": [0, 10], "the ten errors": [10, 20], "the ten worst": [20, 30],
                      "the texture and smoothness means": [1, 5, 3]},
    "wine": {"alcohol to magnesium": [0, 5], "the phenols": [5, 9], "the optical columns": [9, 12]},
    "iris": {"the sepals": [0, 2], "the petals": [2, 4], "the lengths": [0, 4, 2], "the widths": [1, 4, 2]},
    "digits": {"the top line": [0, 8], "the second line": [8, 16], "the third line": [16, 24],
               "the fourth line": [24, 32], "the two middle lines": [24, 40], "the upper half": [0, 32],
               "the lower half": [32, 64], "the third column": [2, 64, 8], "the middle column": [4, 64, 8],
               "the left half of each line": [0, 64, 2], "the main diagonal": [0, 64, 9],
               "every fifth pixel": [0, 64, 5]},
}
SAMPLES = {"breast-cancer": [8, 12, 20, 40, 80], "wine": [9, 15, 24, 40], "iris": [3, 6, 9, 12, 15, 21, 30],
           "digits": [20, 30, 50, 80, 120, 200, 300]}


def forest(trees, **options):
    return RandomForestClassifier(trees, random_state=0, **options)


def lightgbm(**options):
    return LGBMClassifier(random_state=0, n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1, **options)


def logistic(C=1.0, **options):
    return make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=3000, **options))


def svm(C=1.0, **options):
    return make_pipeline(StandardScaler(), CalibratedClassifierCV(SVC(C=C, random_state=0, **options), ensemble=False))


def scaled(estimator):
    return make_pipeline(StandardScaler(), estimator)


def tree(**options):
    return DecisionTreeClassifier(random_state=0, **options)


def blend(*estimators):
    return VotingClassifier([(str(place), estimator) for place, estimator in enumerate(estimators)], voting="soft")


def network(*layers, **options):
    return scaled(MLPClassifier(hidden_layer_sizes=layers, max_iter=options.pop("max_iter", 1000), random_state=0, **options))


def models():
    """Whole-table models by name."""
    found = {"class shares": DummyClassifier()}
    for depth in (1, 2, 3, 4, 6):
        found[f"decision tree; depth {depth}"] = tree(max_depth=depth)
    found["decision tree; fully grown"] = tree()
    found["decision tree; 10 rows a leaf"] = tree(min_samples_leaf=10)
    found["one extremely random tree"] = ExtraTreeClassifier(random_state=0)
    for k in (1, 3, 5, 15, 31):
        name = "nearest neighbour" if k == 1 else f"{k} nearest neighbours"
        found[f"{name}; unscaled"] = KNeighborsClassifier(k)
        found[f"{name}; standardised"] = scaled(KNeighborsClassifier(k))
    found["15 nearest neighbours by distance; standardised"] = scaled(KNeighborsClassifier(15, weights="distance"))
    found["Gaussian naive Bayes"] = GaussianNB()
    found["Gaussian naive Bayes on two principal components"] = scaled(make_pipeline(PCA(2), GaussianNB()))
    found["Bernoulli naive Bayes; columns cut at their mean"] = scaled(BernoulliNB())
    found["multinomial naive Bayes; columns scaled to 0..1"] = make_pipeline(MinMaxScaler(clip=True), MultinomialNB())
    found["linear discriminant analysis"] = LinearDiscriminantAnalysis()
    found["linear discriminant analysis; shrunk"] = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    found["quadratic discriminant analysis; regularised"] = scaled(QuadraticDiscriminantAnalysis(reg_param=0.2))
    for C in (0.0001, 0.001, 0.01, 0.1, 1, 10, 100):
        found[f"logistic regression; C = {C:g}"] = logistic(C)
    found["logistic regression; unscaled; 20 iterations"] = LogisticRegression(max_iter=20)
    found["logistic regression on the best column"] = make_pipeline(SelectKBest(f_classif, k=1), logistic())
    found["logistic regression on the best three columns"] = make_pipeline(SelectKBest(f_classif, k=3), logistic())
    found["logistic regression on one principal component"] = scaled(make_pipeline(PCA(1), LogisticRegression()))
    found["logistic regression on two principal components"] = scaled(make_pipeline(PCA(2), LogisticRegression()))
    found["logistic regression on columns in four bins"] = make_pipeline(
        KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf"), LogisticRegression(max_iter=3000))
    found["logistic regression on distances to ten centres"] = scaled(
        make_pipeline(KMeans(10, n_init=3, random_state=0), LogisticRegression(max_iter=3000)))
    found["SVM; linear"] = svm(kernel="linear")
    found["SVM; RBF; C = 0.01"] = svm(0.01)
    found["SVM; RBF; C = 1"] = svm()
    found["SVM; RBF; C = 10"] = svm(10)
    found["SVM; cubic"] = svm(kernel="poly")
    found["SVM; sigmoid"] = svm(kernel="sigmoid")
    for trees in (1, 3, 10, 30, 100, 300):
        found[f"random forest; {trees} {'tree' if trees == 1 else 'trees'}"] = forest(trees)
    found["random forest; 100 stumps"] = forest(100, max_depth=1)
    found["random forest; depth 3"] = forest(100, max_depth=3)
    found["random forest; 10 rows a leaf"] = forest(100, min_samples_leaf=10)
    found["extra trees; 300"] = ExtraTreesClassifier(300, random_state=0)
    found["bagged trees; 10"] = BaggingClassifier(random_state=0)
    found["bagged trees; 5 of 20 rows"] = BaggingClassifier(tree(), 5, max_samples=20, random_state=0)
    found["AdaBoost; 5 stumps"] = AdaBoostClassifier(n_estimators=5, random_state=0)
    found["AdaBoost; 50 stumps"] = AdaBoostClassifier(random_state=0)
    found["gradient boosting; 5 stumps"] = GradientBoostingClassifier(n_estimators=5, max_depth=1, random_state=0)
    found["gradient boosting; 20 trees"] = GradientBoostingClassifier(n_estimators=20, random_state=0)
    found["gradient boosting; 100 trees"] = GradientBoostingClassifier(random_state=0)
    found["histogram boosting; 10 trees"] = HistGradientBoostingClassifier(max_iter=10, random_state=0)
    found["histogram boosting; defaults"] = HistGradientBoostingClassifier(random_state=0)
    found["LightGBM; 3 trees"] = lightgbm(n_estimators=3)
    found["LightGBM; 10 trees of 4 leaves"] = lightgbm(n_estimators=10, num_leaves=4)
    found["LightGBM; 30 trees"] = lightgbm(n_estimators=30)
    found["LightGBM; defaults"] = lightgbm()
    found["LightGBM; slow; small and subsampled"] = lightgbm(
        n_estimators=300, learning_rate=0.03, num_leaves=7, min_child_samples=5, subsample=0.7, subsample_freq=1,
        colsample_bytree=0.5)
    found["neural network; 2 units"] = network(2)
    found["neural network; 32 units; 10 epochs"] = network(32, max_iter=10)
    found["neural network; 64 units"] = network(64)
    found["neural network; 64 units; weight decay"] = network(64, alpha=1.0)
    found["Gaussian process"] = scaled(GaussianProcessClassifier(2.0 * RBF(3.0), optimizer=None, random_state=0))
    found["quadratic logistic regression on four principal components"] = scaled(make_pipeline(
        PCA(4), PolynomialFeatures(2), StandardScaler(), LogisticRegression(C=0.3, max_iter=3000)))
    found["logistic regression on ranks"] = make_pipeline(
        QuantileTransformer(n_quantiles=50, output_distribution="normal"), LogisticRegression(max_iter=3000))
    strong = [logistic(), svm(5), ExtraTreesClassifier(300, random_state=0)]
    found["blend of logistic regression + random forest"] = blend(logistic(), forest(200))
    found["blend of logistic regression + SVM + extra trees"] = blend(*strong)
    found["blend of SVM + nearest neighbours + network"] = blend(
        svm(10), scaled(KNeighborsClassifier(5, weights="distance")), network(64, alpha=1.0))
    found["stack of logistic regression + SVM + extra trees"] = StackingClassifier(
        [(str(place), clone(estimator)) for place, estimator in enumerate(strong)],
        LogisticRegression(C=1.0, max_iter=3000), cv=5)
    return found


def subset_models(data):
    """Models that see a few columns, or a few rows: (name, estimator, columns, rows)."""
    for column in SINGLES.get(data.slug, []):
        yield f"logistic regression on {column}", logistic(), [column], None
        yield f"20 nearest neighbours on {column}", KNeighborsClassifier(20), [column], None
    for name, bounds in GROUPS.get(data.slug, {}).items():
        columns = list(data.X.columns[slice(*bounds)])
        yield f"logistic regression on {name}", logistic(), columns, None
        yield f"random forest on {name}", forest(50), columns, None
    for rows in SAMPLES.get(data.slug, []):
        yield f"logistic regression; {rows} training rows", logistic(), None, rows
        yield f"random forest; {rows} training rows", forest(100), None, rows
        yield f"nearest neighbour; {rows} training rows", scaled(KNeighborsClassifier(1)), None, rows
        yield f"decision tree; {rows} training rows", tree(), None, rows


def submission_of(data, estimator, columns=None, rows=None):
    """Fits on all training rows, or a stratified sample, and predicts what the metric wants."""
    X, X_test, y = data.X, data.X_test, data.y
    if columns is not None:
        X, X_test = X[columns], X_test[columns]
    if rows is not None:
        X, _, y, _ = train_test_split(X, y, train_size=rows, stratify=y, random_state=0)
    estimator = clone(estimator).fit(X.to_numpy(), y)
    if data.metric in ("accuracy", "f1"):
        return estimator.predict(X_test.to_numpy())
    probabilities = estimator.predict_proba(X_test.to_numpy())
    return probabilities[:, 1] if data.metric == "roc_auc" else probabilities


def entries(data):
    """All entries of a classification board."""
    found = {"sample submission": lambda: data.sample if data.sample.shape[1] > 1 else data.sample[:, 0]}
    if data.metric in ("accuracy", "f1"):
        labels = np.unique(data.y)
        found["labels drawn at random"] = lambda: np.random.default_rng(0).choice(labels, len(data.answers))
    for name, estimator in models().items():
        found[name] = lambda estimator=estimator: submission_of(data, estimator)
    for name, estimator, columns, rows in subset_models(data):
        found[name] = lambda e=estimator, c=columns, r=rows: submission_of(data, e, c, r)
    return found


def hardness(data):
    """How hard each test row is: one minus the probability that discriminant analysis gives its class."""
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1).fit(data.X.to_numpy(), data.y)
    probabilities = model.predict_proba(data.X_test.to_numpy())
    return 1 - probabilities[np.arange(len(data.answers)), np.searchsorted(model.classes_, data.truth())]

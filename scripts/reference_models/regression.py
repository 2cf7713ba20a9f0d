"""Regressors of graded strength, from a constant to a stack."""

import numpy as np
from lightgbm import LGBMRegressor
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (AdaBoostRegressor, BaggingRegressor, ExtraTreesRegressor, GradientBoostingRegressor,
                              HistGradientBoostingRegressor, RandomForestRegressor, StackingRegressor, VotingRegressor)
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import (BayesianRidge, ElasticNet, HuberRegressor, Lasso, LassoCV, LinearRegression,
                                  PoissonRegressor, Ridge, RidgeCV)
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer, StandardScaler
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor, ExtraTreeRegressor

GROUPS = {"age and sex": ["age", "sex"], "the cholesterols": ["tc", "ldl", "hdl"], "bmi and bp": ["bmi", "bp"],
          "all but bmi and ltg": ["age", "sex", "bp", "tc", "ldl", "hdl", "tch", "glu"]}


def scaled(estimator):
    return make_pipeline(StandardScaler(), estimator)


def forest(trees, **options):
    return RandomForestRegressor(trees, random_state=0, **options)


def lightgbm(**options):
    return LGBMRegressor(random_state=0, n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1, **options)


def tree(**options):
    return DecisionTreeRegressor(random_state=0, **options)


def blend(*estimators):
    return VotingRegressor([(str(place), estimator) for place, estimator in enumerate(estimators)])


def models():
    """Whole-table models by name."""
    found = {"mean": DummyRegressor(), "median": DummyRegressor(strategy="median")}
    for depth in (1, 2, 3, 5):
        found[f"decision tree; depth {depth}"] = tree(max_depth=depth)
    found["decision tree; fully grown"] = tree()
    found["decision tree; 20 rows a leaf"] = tree(min_samples_leaf=20)
    found["one extremely random tree"] = ExtraTreeRegressor(random_state=0)
    for k in (1, 2, 3, 5, 10, 20, 40, 80):
        name = "nearest neighbour" if k == 1 else f"{k} nearest neighbours"
        found[f"{name}; standardised"] = scaled(KNeighborsRegressor(k))
        if k in (1, 3, 10, 40):
            found[f"{name}; unscaled"] = KNeighborsRegressor(k)
    found["linear regression"] = LinearRegression()
    for alpha in (10, 100, 1000, 3000):
        found[f"ridge; alpha = {alpha}"] = scaled(Ridge(alpha))
    found["ridge; alpha by cross-validation"] = scaled(RidgeCV(np.logspace(-1, 4, 30)))
    for alpha in (1, 10, 25, 35):
        found[f"lasso; alpha = {alpha}"] = scaled(Lasso(alpha))
    found["lasso; alpha by cross-validation"] = scaled(LassoCV(random_state=0))
    found["elastic net"] = scaled(ElasticNet(1.0, random_state=0))
    found["Bayesian ridge"] = scaled(BayesianRidge())
    found["Huber regression"] = scaled(HuberRegressor(max_iter=1000))
    found["Poisson regression"] = scaled(PoissonRegressor(alpha=1.0, max_iter=1000))
    found["linear regression of the logarithm"] = TransformedTargetRegressor(
        LinearRegression(), func=np.log, inverse_func=np.exp)
    found["linear regression on the best column"] = make_pipeline(SelectKBest(f_regression, k=1), LinearRegression())
    found["linear regression on the best four columns"] = make_pipeline(
        SelectKBest(f_regression, k=4), LinearRegression())
    found["linear regression on one principal component"] = scaled(make_pipeline(PCA(1), LinearRegression()))
    found["partial least squares; one component"] = scaled(PLSRegression(1))
    found["partial least squares; three components"] = scaled(PLSRegression(3))
    found["quadratic regression"] = scaled(make_pipeline(PolynomialFeatures(2), LinearRegression()))
    found["quadratic ridge; alpha = 100"] = scaled(make_pipeline(PolynomialFeatures(2, include_bias=False), Ridge(100)))
    found["quadratic lasso"] = scaled(make_pipeline(
        PolynomialFeatures(2, include_bias=False), StandardScaler(), LassoCV(random_state=0, max_iter=5000)))
    found["splines with ridge"] = make_pipeline(SplineTransformer(5), Ridge(1.0))
    found["SVR; defaults; unscaled"] = SVR()
    found["SVR; C = 1; standardised"] = scaled(SVR())
    found["SVR; C = 30; standardised"] = scaled(SVR(C=30, gamma=0.03))
    found["SVR; linear"] = scaled(SVR(kernel="linear", C=10))
    found["kernel ridge; RBF"] = scaled(TransformedTargetRegressor(
        KernelRidge(kernel="rbf", alpha=1.0, gamma=0.02), transformer=StandardScaler()))
    found["Gaussian process"] = scaled(GaussianProcessRegressor(
        RBF(5.0) + WhiteKernel(0.5), normalize_y=True, random_state=0))
    for trees in (1, 3, 10, 30, 100, 500):
        found[f"random forest; {trees} {'tree' if trees == 1 else 'trees'}"] = forest(trees)
    found["random forest; 100 stumps"] = forest(100, max_depth=1)
    found["random forest; 5 rows a leaf; a third of the columns"] = forest(300, min_samples_leaf=5, max_features=0.33)
    found["extra trees; 300"] = ExtraTreesRegressor(300, random_state=0)
    found["extra trees; 300; 5 rows a leaf"] = ExtraTreesRegressor(300, min_samples_leaf=5, random_state=0)
    found["bagged trees; 5 of 30 rows"] = BaggingRegressor(tree(), 5, max_samples=30, random_state=0)
    found["AdaBoost; 50 trees"] = AdaBoostRegressor(random_state=0)
    found["gradient boosting; 5 stumps"] = GradientBoostingRegressor(n_estimators=5, max_depth=1, random_state=0)
    found["gradient boosting; 100 stumps"] = GradientBoostingRegressor(max_depth=1, random_state=0)
    found["gradient boosting; 100 trees"] = GradientBoostingRegressor(random_state=0)
    found["gradient boosting; 1000 trees"] = GradientBoostingRegressor(n_estimators=1000, random_state=0)
    found["histogram boosting; defaults"] = HistGradientBoostingRegressor(random_state=0)
    found["LightGBM; 3 trees"] = lightgbm(n_estimators=3)
    found["LightGBM; 10 trees"] = lightgbm(n_estimators=10)
    found["LightGBM; defaults"] = lightgbm()
    found["LightGBM; 1000 trees"] = lightgbm(n_estimators=1000)
    found["LightGBM; slow; small and subsampled"] = lightgbm(
        n_estimators=200, learning_rate=0.03, num_leaves=5, subsample=0.6, subsample_freq=1, colsample_bytree=0.5)
    found["neural network; 16 units; 20 epochs"] = scaled(MLPRegressor(hidden_layer_sizes=(16,), max_iter=20, random_state=0))
    found["neural network; 64 units; overtrained"] = scaled(TransformedTargetRegressor(
        MLPRegressor(hidden_layer_sizes=(64, 64), max_iter=2000, random_state=0), transformer=StandardScaler()))
    found["neural network; 16 units; weight decay"] = scaled(TransformedTargetRegressor(
        MLPRegressor(hidden_layer_sizes=(16,), alpha=30.0, max_iter=2000, random_state=0), transformer=StandardScaler()))
    strong = [scaled(BayesianRidge()), scaled(SVR(C=30, gamma=0.03)),
              ExtraTreesRegressor(300, min_samples_leaf=5, random_state=0)]
    found["blend of ridge + random forest"] = blend(scaled(Ridge(10)), forest(300))
    found["blend of ridge + SVR + extra trees"] = blend(*strong)
    found["stack of ridge + SVR + extra trees"] = StackingRegressor(
        [(str(place), clone(estimator)) for place, estimator in enumerate(strong)], RidgeCV(), cv=5)
    return found


def subset_models(data):
    """Models that see a few columns, or a few rows: (name, estimator, columns, rows)."""
    for column in data.X.columns:
        yield f"linear regression on {column}", LinearRegression(), [column], None
        yield f"20 nearest neighbours on {column}", KNeighborsRegressor(20), [column], None
    groups = {name: columns for name, columns in GROUPS.items() if set(columns) <= set(data.X.columns)}
    for name, columns in groups.items():
        yield f"linear regression on {name}", LinearRegression(), columns, None
        yield f"random forest on {name}", forest(100), columns, None
    for rows in (12, 15, 20, 30, 50, 80, 130):
        yield f"linear regression; {rows} training rows", LinearRegression(), None, rows
        yield f"random forest; {rows} training rows", forest(100), None, rows


def submission_of(data, estimator, columns=None, rows=None):
    """Fits on all training rows, or on the first few, and predicts. Rows are in random order already."""
    X, X_test, y = data.X, data.X_test, data.y
    if columns is not None:
        X, X_test = X[columns], X_test[columns]
    if rows is not None:
        X, y = X[:rows], y[:rows]
    return np.ravel(clone(estimator).fit(X.to_numpy(), y).predict(X_test.to_numpy()))


def entries(data):
    """All entries of a regression board."""
    found = {"sample submission": lambda: data.sample[:, 0]}
    for name, estimator in models().items():
        found[name] = lambda estimator=estimator: submission_of(data, estimator)
    for name, estimator, columns, rows in subset_models(data):
        found[name] = lambda e=estimator, c=columns, r=rows: submission_of(data, e, c, r)
    return found


def hardness(data):
    """How hard each test row is: its residual in linear regression, with its sign."""
    return data.truth() - submission_of(data, LinearRegression())

# ---- Tuned: the best of several families by cross-validation ----
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import BayesianRidge, ElasticNet
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import SplineTransformer
from sklearn.svm import SVC, SVR
from sklearn.compose import TransformedTargetRegressor


def kernel(strength):
    """A support vector machine; calibrated where the metric wants probabilities."""
    if REGRESSION:
        machine = SVR(C=strength / 3, epsilon=0.1)
        return scaled(TransformedTargetRegressor(machine, transformer=StandardScaler()))
    machine = scaled(SVC(C=strength, decision_function_shape="ovr"))
    return CalibratedClassifierCV(machine, ensemble=False, cv=5) if PROBABILITIES else machine


def curved(strength):
    """A linear model on splines of the features."""
    if REGRESSION:
        model = Ridge(1 / strength)
    else:
        model = LogisticRegression(C=strength, max_iter=2000)
    return make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler(),
                         SplineTransformer(n_knots=4, degree=2, extrapolation="linear"), StandardScaler(), model)


def forest(seed, leaf, share):
    options = dict(n_estimators=200, min_samples_leaf=leaf, max_features=share, random_state=seed, n_jobs=CORES)
    return scaled((ExtraTreesRegressor if REGRESSION else ExtraTreesClassifier)(**options))


def neighbours(count):
    kind = KNeighborsRegressor if REGRESSION else KNeighborsClassifier
    return scaled(kind(count, weights="distance"))


def grid(family, seed, wide):
    """(name, estimator) of a family: the usual one first, then what to try around it."""
    small = len(X) <= 5000
    if family == "linear":
        yield from linear_models((1.0, 0.1, 0.01, 0.3, 3.0) if not wide else (0.03, 0.003, 0.001, 10.0, 30.0))
        if REGRESSION:
            yield "Bayesian ridge", scaled(BayesianRidge())
            for mixture in (0.5, 0.9):
                strength = 0.01 * GOAL.std()
                yield f"elastic net {mixture}", scaled(ElasticNet(strength, l1_ratio=mixture, max_iter=5000))
        else:
            yield "discriminant", scaled(LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"))
            for blur in (0.1, 0.5):
                yield f"quadratic {blur}", scaled(QuadraticDiscriminantAnalysis(reg_param=blur))
        if not IMAGES and X.shape[1] <= 200:
            for strength in (0.03, 0.3):
                yield f"splines {strength}", curved(strength)
    elif family == "kernel" and small:
        for strength in (3.0, 1.0, 10.0, *((0.3, 30.0, 100.0) if wide else ())):
            yield f"kernel {strength}", kernel(strength)
        if REGRESSION and wide:
            for strength in (0.1, 1.0):
                yield f"kernel ridge {strength}", scaled(TransformedTargetRegressor(
                    KernelRidge(alpha=strength, kernel="rbf", gamma=0.3 / X.shape[1]), transformer=StandardScaler()))
    elif family == "forest":
        settings = [(1, 0.3), (3, 0.5), (2, 0.2), *(((1, 0.8), (5, 0.5)) if wide else ())]
        for leaf, share in settings[: 1 if SIZE > 400_000 else None]:
            yield f"extra trees {leaf} {share}", forest(seed, leaf, share)
    elif family == "neighbours" and small:
        for count in (5, 15, 9, *((1, 3, 25) if wide else ())):
            yield f"neighbours {count}", neighbours(count)
    elif family == "boosting":
        options = [dict(num_leaves=7, colsample_bytree=0.5), dict(num_leaves=31), dict(num_leaves=3, learning_rate=0.1)]
        for number, option in enumerate(options[: 1 if SIZE > 400_000 else 3 if wide else 2]):
            yield f"boosting {number}", boosting_model(seed, **option)


def tuned(settings):
    """Searches the favoured families fully, the others by one model each; nearly equal ones are averaged."""
    seed, candidates = settings["seed"], []
    for family in ("linear", "kernel", "forest", "neighbours", "boosting"):
        models = list(grid(family, seed, settings["wide"]))
        candidates += models if family in settings["families"] else models[:1]
    ranked = select(candidates, seed)
    best = ranked[0]
    # The runner-up most unlike the best evens out its chance errors, if the pair does better in validation.
    chosen, mixed = [best], best[1]
    for rival in ranked[1:6]:
        together = (best[1] + rival[1]) / 2
        if score(TRUTH, together) > score(TRUTH, mixed):
            chosen, mixed = [best, rival], together
    print("  chosen:", ", ".join(name for name, _, _ in chosen))
    return mixed, sum(fit_all(estimator) for _, _, estimator in chosen) / len(chosen)


BUILDERS["tuned"] = tuned

# ---- Simple: a regularised linear model ----
from sklearn.linear_model import LogisticRegression, Ridge


def linear_models(strengths):
    """Linear models from strong to weak regularisation."""
    for strength in strengths:
        model = Ridge(1 / strength) if REGRESSION else LogisticRegression(C=strength, max_iter=2000)
        yield f"linear {strength}", scaled(model)


def simple(settings):
    name, out_of_fold, estimator = select(linear_models((0.01, 0.1, 1.0)), settings["seed"])[0]
    return out_of_fold, fit_all(estimator)


BUILDERS["simple"] = simple

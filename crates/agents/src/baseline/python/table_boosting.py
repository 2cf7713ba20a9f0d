# ---- Gradient boosting ----
from lightgbm import LGBMClassifier, LGBMRegressor, early_stopping
from sklearn.model_selection import train_test_split


def booster(seed, rounds, **options):
    """LightGBM, small leaves for small tables; the same result on every run."""
    leaf = int(np.clip(len(X) // 60, 3, 20))
    common = dict(n_estimators=rounds, learning_rate=0.06, num_leaves=15, min_child_samples=leaf, reg_lambda=1.0,
                  subsample=0.8, subsample_freq=1, colsample_bytree=0.7, random_state=seed, n_jobs=CORES,
                  deterministic=True, force_row_wise=True, verbose=-1)
    common.update(options)
    if REGRESSION:
        return LGBMRegressor(objective="l1" if METRIC == "mae" else "l2", **common)
    return LGBMClassifier(**common)


def boosting_model(seed, **options):
    """LightGBM with as many rounds as early stopping finds on a held-out fifth."""
    if not REGRESSION and np.bincount(TRUTH).min() < 2:
        return booster(seed, 100, **options)  # A class of one row can't be on both sides.
    inside, outside = train_test_split(np.arange(len(X)), test_size=0.2, random_state=seed,
                                       stratify=None if REGRESSION else TRUTH)
    trial = booster(seed, 400 if SIZE < 400_000 else 150, **options)
    trial.fit(X[inside], GOAL[inside], eval_set=[(X[outside], GOAL[outside])],
              callbacks=[early_stopping(25, verbose=False)])
    # A quarter more: the final model has more rows to learn from.
    return booster(seed, max(20, int(trial.best_iteration_ * 1.25)), **options)


def boosting(settings):
    model = boosting_model(settings["seed"])
    return validate(model, settings["seed"]), fit_all(model)


BUILDERS["boosting"] = boosting

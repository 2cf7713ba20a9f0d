# ---- Gradient boosting of what a trend leaves over ----
from lightgbm import LGBMRegressor


def boosted_season(seed, degree):
    """A trend by least squares, and trees that learn the shape of the season."""
    trend = trend_and_waves(degree, 3, anchored=True)

    def inputs(steps):
        phase = steps % PERIOD / PERIOD if PERIOD else np.zeros(len(steps))
        return np.column_stack([phase, waves(steps, 2)])

    def forecast(values, steps):
        known = np.flatnonzero(~np.isnan(values))
        model = LGBMRegressor(n_estimators=150, learning_rate=0.05, num_leaves=8, min_child_samples=20, random_state=seed,
                              subsample=0.8, subsample_freq=1, n_jobs=CORES, deterministic=True, force_row_wise=True,
                              verbose=-1)
        model.fit(inputs(known), values[known] - trend(values, known))
        return trend(values, steps) + model.predict(inputs(steps))

    return forecast


def boosting(settings):
    # A straight trend and a bent one: over a long horizon the mean of both is safer than either.
    results = [trials(boosted_season(settings["seed"], degree)) for degree in (1, 2)]
    return tuple(sum(parts) / len(parts) for parts in zip(*results))


BUILDERS["boosting"] = boosting

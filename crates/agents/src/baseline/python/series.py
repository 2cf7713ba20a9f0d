# ---- The series on a regular grid of time steps ----
train, test = read("train.csv"), read("test.csv")
TEST_IDS = test[ID]
SEASONS = 15  # Slow models look back this many seasons.


def steps_of(ids):
    """(time step of each id, seasonal period in steps where the calendar gives one)."""
    if ids.str.fullmatch(r"-?\d+(\.0*)?").all() and ids.str.len().max() < 8:
        moments = ids.astype(float)
        step = moments.diff()[1:].median()
        return np.rint((moments - moments.iloc[0]) / step).astype(int).to_numpy(), None
    moments = pd.to_datetime(ids, format="mixed")
    days = ((moments - moments.iloc[0]) / pd.Timedelta(days=1)).to_numpy()
    step = float(np.median(np.diff(days)))
    months = (moments.dt.year * 12 + moments.dt.month).to_numpy()
    for length, period in ((1, 12), (3, 4), (12, None)):
        if abs(step - 30.44 * length) < 2 * length:
            return (months - months[0]) // length, period
    periods = {1: 7, 7: 365.25 / 7}
    return np.rint(days / step).astype(int), 24 * 1.0 if abs(step * 24 - 1) < 0.01 else periods.get(round(step))


def period_of(values):
    """The lag of the strongest echo of the detrended series; None when there is none worth the name."""
    time = np.arange(len(values))
    known = ~np.isnan(values)
    rest = filled(values) - np.polyval(np.polyfit(time[known], values[known], 2), time)
    rest = rest - rest.mean()
    echo = np.correlate(rest, rest, "full")[len(rest) - 1 :] / max(rest @ rest, 1e-12)
    below = np.flatnonzero(echo < 0)
    if not len(below) or below[0] >= len(rest) // 3:
        return None
    lag = below[0] + int(np.argmax(echo[below[0] : len(rest) // 3]))
    return lag if lag >= 2 and echo[lag] > 0.2 else None


def filled(values):
    """Blanks filled on straight lines between neighbours."""
    known = np.flatnonzero(~np.isnan(values))
    return np.interp(np.arange(len(values)), known, values[known])


order = train.assign(value=pd.to_numeric(train[TARGETS[0]], errors="coerce"))
STEPS, PERIOD = steps_of(pd.concat([order[ID], TEST_IDS], ignore_index=True))
FUTURE = STEPS[len(order) :] - STEPS[: len(order)].min()
past = STEPS[: len(order)] - STEPS[: len(order)].min()
VALUES = np.full(past.max() + 1, np.nan)
VALUES[past] = order["value"]
if np.isnan(VALUES).sum() > len(VALUES) / 2:
    raise SystemExit(f"column {TARGETS[0]!r} of train.csv is no series of numbers")
VALUES = VALUES[: np.flatnonzero(~np.isnan(VALUES))[-1] + 1]
PERIOD = PERIOD or period_of(VALUES)
if PERIOD is not None and len(VALUES) < 2.5 * PERIOD:
    PERIOD = None

# Backtests: the horizon of the test set, from several moments of the past.
HORIZON = int(min(max(FUTURE.max() - len(VALUES) + 1, 1), len(VALUES) // 3))
ORIGINS = [
    origin
    for origin in (len(VALUES) - HORIZON - number * HORIZON // 4 for number in range(6))
    if origin >= max(len(VALUES) // 3, 8)
]


def ahead(origin):
    """The known time steps of the horizon that follows an origin."""
    steps = np.arange(origin, origin + HORIZON)
    return steps[~np.isnan(VALUES[steps])]


TRUTH = np.concatenate([VALUES[ahead(origin)] for origin in ORIGINS])


def trials(forecast):
    """(predictions of all backtests, of the test rows) of `forecast(values, steps)`, each as one column."""
    tests = np.concatenate([forecast(VALUES[:origin], ahead(origin)) for origin in ORIGINS])
    return tests.reshape(-1, 1), np.asarray(forecast(VALUES, FUTURE)).reshape(-1, 1)


def submit(predicted, out_of_fold):
    predicted = predicted[:, 0]
    if np.nanmin(VALUES) >= 0:
        predicted = np.maximum(predicted, 0)
    write(TEST_IDS, {TARGETS[0]: predicted})


# ---- Least squares on trend and waves ----
def waves(steps, count):
    """Sines and cosines of the seasonal period and its fractions."""
    if PERIOD is None:
        return np.empty((len(steps), 0))
    angles = 2 * np.pi * np.outer(steps, np.arange(1, count + 1)) / PERIOD
    return np.hstack([np.sin(angles), np.cos(angles)])


def trend_and_waves(degree, count, seasons=None, anchored=False):
    """Forecasts by a polynomial trend and `count` waves, fitted to the last `seasons`.

    Anchored, the forecast starts at the level of the latest values instead of the fitted one.
    """
    count = min(count, int((PERIOD or 2) // 2))

    def forecast(values, steps):
        first = max(0, len(values) - round(seasons * (PERIOD or 12))) if seasons else 0
        known = np.arange(first, len(values))[~np.isnan(values[first:])]
        end, length = len(values), max(len(values) - first, 1)

        def design(at):
            time = (at - end) / length
            return np.hstack([np.vander(time, degree + 1), waves(at, count)])

        weights, *_ = np.linalg.lstsq(design(known), values[known], rcond=None)
        predicted = design(steps) @ weights
        if anchored:
            latest = known[-max(3, round((PERIOD or 12) / 4)) :]
            predicted = predicted + np.mean(values[latest] - design(latest) @ weights)
        return predicted

    return forecast

"""Forecasts of a weekly series with a trend and a yearly wave, from a constant to a blend.

A model here is a function of the known series, its blanks filled by interpolation in time, and the dates to forecast.
"""

import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ExpSineSquared, RationalQuadratic, WhiteKernel
from sklearn.linear_model import HuberRegressor, LinearRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor
from statsmodels.tsa.api import AutoReg, ExponentialSmoothing, Holt, SARIMAX, SimpleExpSmoothing
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.seasonal import STL

WEEKS = 52  # a season, where a model needs a whole number of steps
YEAR = 365.25


def years(dates):
    """Time in years since 1958."""
    return ((dates - pd.Timestamp("1958-01-01")).days / YEAR).to_numpy()


def day_of_year(dates):
    return dates.dayofyear.to_numpy()


def waves(time, harmonics):
    """Sine and cosine of the first harmonics of the year."""
    angles = 2 * np.pi * np.outer(time, np.arange(1, harmonics + 1))
    return np.hstack([np.sin(angles), np.cos(angles)])


def curve(degree, harmonics, last_years=None, estimator=None):
    """A polynomial trend plus a yearly wave, fitted by least squares to the last years."""

    def model(series, dates):
        if last_years is not None:
            series = series[-round(last_years * YEAR / 7):]
        start, end = years(series.index).min(), years(series.index).max()

        def design(time):
            powers = ((time - end) / (end - start))[:, None] ** np.arange(1, degree + 1)
            return np.hstack([powers, waves(time, harmonics)])

        fitted = (estimator or LinearRegression()).fit(design(years(series.index)), series)
        return fitted.predict(design(years(dates)))

    return model


def naive(series, dates):
    return np.full(len(dates), series.iloc[-1])


def mean_of_last(weeks):
    return lambda series, dates: np.full(len(dates), series.iloc[-weeks:].mean())


def seasonal_naive(series, dates):
    last = series.iloc[-WEEKS:].to_numpy()
    return np.resize(last, len(dates))


def drift(last_years):
    """The last value, and on at the mean pace of the last years."""

    def model(series, dates):
        weeks = round(last_years * YEAR / 7)
        pace = (series.iloc[-1] - series.iloc[-1 - weeks]) / weeks
        return series.iloc[-1] + pace * np.arange(1, len(dates) + 1)

    return model


def seasonal_drift(last_years):
    """The last year again and again, raised by the mean yearly rise of the last years."""

    def model(series, dates):
        rise = (series.iloc[-WEEKS:].mean() - series.iloc[-WEEKS * (last_years + 1):][:WEEKS].mean()) / last_years
        return seasonal_naive(series, dates) + rise * (1 + np.arange(len(dates)) // WEEKS)

    return model


def week_of_year_means(series, dates):
    means = series.groupby(series.index.isocalendar().week.to_numpy()).mean()
    return means.loc[dates.isocalendar().week.to_numpy()].to_numpy()


def smoothing(fit):
    """One of statsmodels' exponential smoothings."""
    return lambda series, dates: np.asarray(fit(series.to_numpy()).forecast(len(dates)))


def holt_of_years(series, dates):
    means = series.to_numpy()[len(series) % WEEKS:].reshape(-1, WEEKS).mean(axis=1)
    forecast = Holt(means, initialization_method="estimated").fit().forecast(1 + len(dates) // WEEKS)
    return np.repeat(forecast, WEEKS)[:len(dates)]


def holt_winters(last_years, **options):
    def model(series, dates):
        values = series.iloc[-WEEKS * last_years:].to_numpy()
        return ExponentialSmoothing(values, seasonal="add", seasonal_periods=WEEKS,
                                    initialization_method="estimated", **options).fit().forecast(len(dates))

    return model


def autoregression(lags, trend="ct", seasonal=False):
    def model(series, dates):
        fitted = AutoReg(series.to_numpy(), lags, trend=trend, seasonal=seasonal, period=WEEKS).fit()
        return fitted.predict(len(series), len(series) + len(dates) - 1)

    return model


def arima(order, harmonics=0, trend=None, last_years=20):
    """ARIMA, with the yearly wave as regressors where asked for."""

    def model(series, dates):
        series = series.iloc[-WEEKS * last_years:]
        known = waves(years(series.index), harmonics) if harmonics else None
        ahead = waves(years(dates), harmonics) if harmonics else None
        fitted = SARIMAX(series.to_numpy(), known, order=order, trend=trend).fit(disp=False, maxiter=100)
        return fitted.forecast(len(dates), exog=ahead)

    return model


def theta(last_years):
    def model(series, dates):
        values = pd.Series(series.iloc[-WEEKS * last_years:].to_numpy())
        return ThetaModel(values, period=WEEKS).fit().forecast(len(dates)).to_numpy()

    return model


def stl(degree, last_years):
    """STL's last season repeated, on a polynomial through its trend of the last years."""

    def model(series, dates):
        parts = STL(series.to_numpy(), period=WEEKS, seasonal=13, robust=True).fit()
        known, ahead = years(series.index)[-WEEKS * last_years:], years(dates)
        trend = np.polyfit(known - known[-1], parts.trend[-WEEKS * last_years:], degree)
        return np.polyval(trend, ahead - known[-1]) + np.resize(parts.seasonal[-WEEKS:], len(dates))

    return model


def on_calendar(estimator):
    """A learner on the year and the day of the year: trees cannot go on rising."""
    return lambda series, dates: estimator.fit(
        np.column_stack([years(series.index), day_of_year(series.index)]), series
    ).predict(np.column_stack([years(dates), day_of_year(dates)]))


def on_season(estimator):
    """A learner on the day of the year alone."""
    return lambda series, dates: estimator.fit(day_of_year(series.index)[:, None], series).predict(
        day_of_year(dates)[:, None])


def on_residual(estimator, degree, last_years):
    """A polynomial trend, and a learner for what it leaves, by the day of the year."""

    def model(series, dates):
        recent = series.iloc[-WEEKS * last_years:]
        start = years(recent.index)[-1]
        trend = np.polyfit(years(recent.index) - start, recent, degree)
        level = lambda index: np.polyval(trend, years(index) - start)
        fitted = estimator.fit(day_of_year(recent.index)[:, None], recent - level(recent.index))
        return level(dates) + fitted.predict(day_of_year(dates)[:, None])

    return model


def gaussian_process(kernel):
    def model(series, dates):
        series = series.iloc[-WEEKS * 24::4]
        known, mean = years(series.index)[:, None], series.mean()
        fitted = GaussianProcessRegressor(kernel, optimizer=None).fit(known, series - mean)
        return fitted.predict(years(dates)[:, None]) + mean

    return model


def blend(*models):
    return lambda series, dates: np.mean([model(series, dates) for model in models], axis=0)


def lightgbm(**options):
    return LGBMRegressor(random_state=0, n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1, **options)


def models():
    """All models by name."""
    found = {"last value": naive, "mean of all weeks": mean_of_last(0), "mean of the last year": mean_of_last(WEEKS),
             "mean of the last five years": mean_of_last(5 * WEEKS), "last year again": seasonal_naive,
             "means of each week of the year": week_of_year_means}
    for span in (1, 2, 3, 5, 10, 20, 30):
        found[f"drift of the last {span} years" if span > 1 else "drift of the last year"] = drift(span)
    for span in (1, 2, 3, 5, 10, 20, 30):
        name = f"the last {span} years" if span > 1 else "the last year"
        found[f"last year again; with the rise of {name}"] = seasonal_drift(span)
    for span in (2, 3, 5, 10, 20, None):
        name = f"the last {span} years" if span else "all years"
        found[f"straight line through {name}"] = curve(1, 0, span)
        found[f"straight line and wave; one harmonic; through {name}"] = curve(1, 1, span)
    found["straight line and wave; three harmonics; through the last 15 years"] = curve(1, 3, 15)
    found["yearly wave without a trend"] = curve(0, 2)
    for span in (10, 20, None):
        name = f"the last {span} years" if span else "all years"
        found[f"parabola through {name}"] = curve(2, 0, span)
        found[f"parabola and wave; two harmonics; through {name}"] = curve(2, 2, span)
    found["parabola and wave; four harmonics; through the last 30 years"] = curve(2, 4, 30)
    found["cubic through all years"] = curve(3, 0)
    found["cubic and wave; two harmonics; through all years"] = curve(3, 2)
    found["quintic and wave; two harmonics; through all years"] = curve(5, 2)
    found["parabola and wave by ridge regression"] = curve(2, 2, None, Ridge(10.0))
    found["straight line and wave by Huber regression; 15 years"] = curve(1, 2, 15, HuberRegressor(max_iter=1000))
    found["simple exponential smoothing"] = smoothing(lambda values: SimpleExpSmoothing(values, initialization_method="estimated").fit())
    found["Holt's linear trend"] = smoothing(lambda values: Holt(values, initialization_method="estimated").fit())
    found["Holt's damped trend"] = smoothing(lambda values: Holt(values, damped_trend=True, initialization_method="estimated").fit())
    found["Holt's trend of the yearly means; no season"] = holt_of_years
    for span in (5, 10, 20):
        found[f"Holt-Winters; last {span} years"] = holt_winters(span, trend="add")
    found["Holt-Winters; damped; last 20 years"] = holt_winters(20, trend="add", damped_trend=True)
    found["Holt-Winters without a trend; last 10 years"] = holt_winters(10)
    for lags in (1, 4, 52, 104):
        found[f"autoregression; {lags} {'lag' if lags == 1 else 'lags'}"] = autoregression(lags)
    found["autoregression; 52 lags; no trend"] = autoregression(52, "n")
    found["autoregression; 3 lags and weekly dummies"] = autoregression(3, seasonal=True)
    found["ARIMA 1-1-1"] = arima((1, 1, 1))
    found["ARIMA 2-1-2 with drift"] = arima((2, 1, 2), trend="c")
    found["ARIMA 1-1-1 and wave"] = arima((1, 1, 1), 2)
    found["ARIMA 1-1-1 with drift and wave"] = arima((1, 1, 1), 2, "c")
    found["ARIMA 1-0-0 with a line and wave"] = arima((1, 0, 0), 2, "ct")
    found["theta; last 10 years"] = theta(10)
    found["theta; last 30 years"] = theta(30)
    for degree, span in ((1, 3), (1, 10), (1, 20), (2, 20), (2, 30)):
        name = "a line" if degree == 1 else "a parabola"
        found[f"STL; {name} through the trend of the last {span} years"] = stl(degree, span)
    found["decision tree on the calendar"] = on_calendar(DecisionTreeRegressor(random_state=0))
    found["random forest on the calendar"] = on_calendar(RandomForestRegressor(50, random_state=0))
    found["LightGBM on the calendar"] = on_calendar(lightgbm())
    found["gradient boosting on the calendar"] = on_calendar(GradientBoostingRegressor(random_state=0))
    found["10 nearest neighbours on the calendar"] = on_calendar(KNeighborsRegressor(10))
    found["SVR on the calendar"] = on_calendar(SVR(C=10))
    found["linear regression on the calendar"] = on_calendar(LinearRegression())
    found["LightGBM on the season alone"] = on_season(lightgbm())
    found["nearest neighbours on the season alone"] = on_season(KNeighborsRegressor(30))
    found["a line through 10 years; LightGBM for the season"] = on_residual(lightgbm(), 1, 10)
    found["a line through 20 years; random forest for the season"] = on_residual(
        RandomForestRegressor(100, min_samples_leaf=5, random_state=0), 1, 20)
    found["a parabola through 30 years; LightGBM for the season"] = on_residual(lightgbm(), 2, 30)
    found["a parabola through all years; LightGBM for the season"] = on_residual(lightgbm(), 2, 40)
    wave = 3.0**2 * ExpSineSquared(1.5, 1.0) * RBF(80.0)
    found["Gaussian process; smooth"] = gaussian_process(30.0**2 * RBF(20.0) + WhiteKernel(0.3))
    found["Gaussian process; smooth and periodic"] = gaussian_process(50.0**2 * RBF(50.0) + wave + WhiteKernel(0.1))
    found["Gaussian process; smooth; periodic and rough"] = gaussian_process(
        60.0**2 * RBF(60.0) + wave + 0.5**2 * RationalQuadratic(1.0, 1.0) + WhiteKernel(0.05))
    found["blend of a line + a parabola with waves"] = blend(curve(1, 3, 15), curve(2, 4))
    found["blend of STL + parabola + repeated year"] = blend(stl(1, 20), curve(2, 3), seasonal_drift(10))
    return found


def series_of(data):
    """The known series, its blanks filled, and the dates to forecast."""
    series = pd.Series(data.y, pd.DatetimeIndex(data.X[data.id])).interpolate("time")
    return series, pd.DatetimeIndex(data.X_test[data.id])


def entries(data):
    """All entries of the board of a series."""
    series, dates = series_of(data)
    found = {"sample submission": lambda: data.sample[:, 0]}
    for name, model in models().items():
        found[name] = lambda model=model: np.asarray(model(series, dates))
    return found


def hardness(data):
    """How hard each test row is: its residual from a parabola and a wave, with its sign."""
    return data.truth() - curve(2, 2)(*series_of(data))

"""REINFORCE without a transformer: a policy learns which model to submit, paid by HumanRank.

    python examples/python/reinforce.py                       # about a minute on two cores
    python examples/python/reinforce.py --updates 10 --plot curve.svg

A policy of a few numbers stands where a language model would: for each competition it holds a preference for each of nine
models, draws one, and writes the code that trains it. The sandbox runs the code, the environment grades the submission, and
the reward is the place on the leaderboard. Everything else is as with a large policy: environments in a vector, a batch of
rewards, an advantage over a baseline, a gradient step.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import mledojo

COMPETITIONS = ("breast-cancer", "iris", "diabetes")

# Each as a classifier and as a regressor, from hopeless to good.
MODELS = {
    "constant": ("DummyClassifier()", "DummyRegressor()"),
    "random": ("DummyClassifier(strategy='uniform', random_state=0)", "DummyRegressor(strategy='quantile', quantile=0.9)"),
    "stump": ("DecisionTreeClassifier(max_depth=1)", "DecisionTreeRegressor(max_depth=1)"),
    "tree": ("DecisionTreeClassifier(random_state=0)", "DecisionTreeRegressor(random_state=0)"),
    "neighbour": ("KNeighborsClassifier(1)", "KNeighborsRegressor(1)"),
    "neighbours": ("make_pipeline(StandardScaler(), KNeighborsClassifier(15))", "make_pipeline(StandardScaler(), KNeighborsRegressor(15))"),
    "bayes": ("GaussianNB()", "BayesianRidge()"),
    "linear": ("make_pipeline(StandardScaler(), LogisticRegression())", "make_pipeline(StandardScaler(), Ridge(10.0))"),
    "forest": ("RandomForestClassifier(30, random_state=0)", "RandomForestRegressor(30, random_state=0)"),
}

CODE = """
import pandas as pd
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import BayesianRidge, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

folder = "/kaggle/input/{slug}"
train, test = pd.read_csv(folder + "/train.csv"), pd.read_csv(folder + "/test.csv")
sample = pd.read_csv(folder + "/sample_submission.csv")
target = sample.columns[1]
features = [column for column in test.columns if column != "id"]
is_regression = train[target].nunique() > 10
model = {regressor} if is_regression else {classifier}
model.fit(train[features], train[target])
if is_regression or train[target].dtype == object or train[target].nunique() > 2:
    sample[target] = model.predict(test[features])
else:
    sample[target] = model.predict_proba(test[features])[:, 1]
sample.to_csv("submission.csv", index=False)
"""


def code(competition: str, model: str) -> str:
    """The script that trains a model and writes its submission."""
    classifier, regressor = MODELS[model]
    return CODE.format(slug=competition, classifier=classifier, regressor=regressor)


def softmax(preferences: np.ndarray) -> np.ndarray:
    """Probabilities from preferences, along the last axis."""
    exponentials: np.ndarray = np.exp(preferences - preferences.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def learn(updates: int, batch: int, rate: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Learns, and returns the mean reward of each update and the probabilities at the end.

    Args:
        updates: Gradient steps.
        batch: Environments of each competition.
        rate: Step size.
        seed: Of the policy's draws.
    """
    draws = np.random.default_rng(seed)
    models = list(MODELS)
    preferences = np.zeros((len(COMPETITIONS), len(models)))
    baselines: list[float | None] = [None] * len(COMPETITIONS)
    contexts = np.repeat(np.arange(len(COMPETITIONS)), batch)
    envs = mledojo.VectorEnv([COMPETITIONS[context] for context in contexts], steps=None, seconds=None)
    envs.reset(seed=seed)
    history = np.zeros(updates)
    for update in range(updates):
        probabilities = softmax(preferences)
        arms = np.array([draws.choice(len(models), p=probabilities[context]) for context in contexts])
        scripts = [code(COMPETITIONS[context], models[arm]) for context, arm in zip(contexts, arms, strict=True)]
        _, rewards, *_ = envs.step([("execute_code", {"code": script}) for script in scripts])
        gradient = np.zeros_like(preferences)
        for context, arm, reward in zip(contexts, arms, rewards, strict=True):
            baseline = baselines[context]
            advantage = 0.0 if baseline is None else reward - baseline
            # The gradient of log softmax is what was drawn, less what was expected.
            gradient[context] += advantage * (np.eye(len(models))[arm] - probabilities[context])
        preferences += rate * gradient / batch
        for context in range(len(COMPETITIONS)):
            mean = float(rewards[contexts == context].mean())
            last = baselines[context]
            baselines[context] = mean if last is None else 0.8 * last + 0.2 * mean
        history[update] = rewards.mean()
    envs.close()
    return history, softmax(preferences)


def smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Means of the last `width` values."""
    return np.array([values[max(0, end - width) : end].mean() for end in range(1, len(values) + 1)])


def plot(history: np.ndarray, file: Path) -> None:
    """Draws the mean reward by update."""
    width, height, left, bottom = 640, 320, 56, 44

    def point(update: float, reward: float) -> str:
        x = left + (width - left - 16) * update / max(1, len(history) - 1)
        return f"{x:.1f},{height - bottom - (height - bottom - 16) * reward:.1f}"

    def line(values: np.ndarray, style: str) -> str:
        points = " ".join(point(update, value) for update, value in enumerate(values))
        return f'<polyline points="{points}" fill="none" {style}/>'

    grid = []
    for reward in (0.0, 0.25, 0.5, 0.75, 1.0):
        (x, y), (end, _) = point(0, reward).split(","), point(len(history) - 1, reward).split(",")
        grid.append(f'<line x1="{x}" y1="{y}" x2="{end}" y2="{y}" stroke="#8888" stroke-width="0.5"/>')
        grid.append(f'<text x="{left - 8}" y="{float(y) + 4:.1f}" text-anchor="end">{reward:g}</text>')
    thin = line(history, 'stroke="#0072b2" stroke-opacity="0.35"')
    heavy = line(smooth(history, 8), 'stroke="#0072b2" stroke-width="2.5"')
    middle = (width + left) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12"',
        ' fill="#777">',
        *grid,
        thin,
        heavy,
        f'<text x="{middle}" y="{height - 24}" text-anchor="middle">update (0 to {len(history) - 1})</text>',
        f'<text x="{middle}" y="{height - 8}" text-anchor="middle">mean HumanRank of a batch; heavy: the mean of the last 8</text>',
        "</svg>\n",
    ]
    file.write_text("".join(parts))


def main() -> None:
    """Learns, tells, draws."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--updates", type=int, default=60)
    parser.add_argument("--batch", type=int, default=2, help="environments of each competition")
    parser.add_argument("--rate", type=float, default=1.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path, default=Path("reinforce.svg"))
    args = parser.parse_args()
    history, probabilities = learn(args.updates, args.batch, args.rate, args.seed)
    quarter = max(1, len(history) // 4)
    print(f"mean reward: {history[:quarter].mean():.3f} in the first quarter, {history[-quarter:].mean():.3f} in the last")
    for competition, row in zip(COMPETITIONS, probabilities, strict=True):
        best = np.argsort(row)[::-1][:3]
        print(f"{competition}: " + ", ".join(f"{list(MODELS)[arm]} {row[arm]:.2f}" for arm in best))
    plot(history, args.plot)
    print(f"the curve is in {args.plot}")


if __name__ == "__main__":
    main()

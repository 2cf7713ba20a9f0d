
# ---- A weighted mean of the models ----
# Starts from the shares that the leaderboard suggests, then adds, one at a time, the model that helps the
# out-of-fold score most (ensemble selection, Caruana et al. 2004).
out_of_fold, predicted = {}, {}
for name in MODELS:
    try:
        out_of_fold[name], predicted[name] = member(name)
    except Exception as error:
        print(f"left out {name}: {error}")
names = list(predicted)
tests = [predicted[name] for name in names]
folds = [out_of_fold[name] for name in names]
counts = [round(10 * SHARES[name]) for name in names]
if not sum(counts):
    counts = [1] * len(names)
for _ in range(12):
    trials = [[count + (other == index) for other, count in enumerate(counts)] for index in range(len(names))]
    scores = [score(TRUTH, mix(folds, trial)) for trial in trials]
    counts = trials[int(np.argmax(scores))]
blended = mix(folds, counts)
print("shares:", {name: round(count / sum(counts), 3) for name, count in zip(names, counts)})
print(f"blend: {METRIC} {abs(score(TRUTH, blended)):.5f} in validation")
submit(mix(tests, counts), blended)


[name] = MODELS
out_of_fold, predicted = member(name)
print(f"{name}: {METRIC} {abs(score(TRUTH, out_of_fold)):.5f} in validation")
submit(predicted, out_of_fold)

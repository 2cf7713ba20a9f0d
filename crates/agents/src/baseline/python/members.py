# ---- Members: named models, each with predictions out of fold and for the test rows ----
BUILDERS = {}


def member(name):
    """(out-of-fold, test) predictions of a model, from an earlier run's file where there is one."""
    file = os.path.join(WORKING, f"pred_{name}.npz")
    try:
        with np.load(file) as stored:
            kept = stored["out_of_fold"], stored["test"]
        if len(kept[0]) == len(TRUTH) and len(kept[1]) == len(TEST_IDS):
            return kept
    except (OSError, ValueError, KeyError):
        pass
    settings = MODELS[name]
    out_of_fold, predicted = BUILDERS[settings["kind"]](settings)
    np.savez(file, out_of_fold=out_of_fold, test=predicted)
    return out_of_fold, predicted


def mix(predictions, counts):
    return sum(count * prediction for count, prediction in zip(counts, predictions)) / sum(counts)

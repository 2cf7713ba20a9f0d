# ---- From files to a matrix of numbers ----
train, test = read("train.csv"), read("test.csv")
given = [column for column in TARGETS if column in train.columns]
# The targets themselves, or else the one column that only the training table has.
LABELS = given if len(given) == len(TARGETS) else [c for c in train.columns if c not in test.columns and c != ID][:1]
if not LABELS:
    raise SystemExit(f"train.csv has no target column; expected {TARGETS}")
train = train.assign(**texts("train.csv", LABELS))
train = train[(train[LABELS] != "").all(axis=1)].reset_index(drop=True)
if len(train) > ROW_LIMIT:
    train = train.sample(ROW_LIMIT, random_state=0).reset_index(drop=True)


def files_of(column, values):
    """Paths of the images that a column names; None when they aren't images."""
    def find(value):
        for folder in ("", "train", "test", "images"):
            for ending in ("", ".png", ".jpg", ".jpeg"):
                path = os.path.join(DATA, folder, str(value) + ending)
                if path.lower().endswith((".png", ".jpg", ".jpeg")) and os.path.isfile(path):
                    return path
        return None

    if find(values.iloc[0]) is None:
        return None
    return [find(value) for value in values]


def pixels(paths):
    """One row of brightness values, 0 to 1, per image; large images are made smaller, missing ones are blank."""
    from PIL import Image

    rows = []
    for path in paths:
        with Image.open(path) as image:
            if not rows:
                mode = "RGB" if image.mode in ("RGB", "RGBA", "P") else "L"
                shrink = max(1, max(image.size) / 16)
                size = tuple(max(1, round(side / shrink)) for side in image.size)
            image = image.convert(mode)
            rows.append(np.asarray(image if image.size == size else image.resize(size, Image.Resampling.BOX)).ravel())
    return np.asarray(rows, dtype=float) / 255


def dates(values):
    """The column as dates, when it holds dates such as 2001-12-31; else None."""
    if not values.astype(str).str.match(r"\d{4}-\d{2}(-\d{2})?").all():
        return None
    parsed = pd.to_datetime(values, errors="coerce", format="ISO8601")
    return None if parsed.isna().any() else parsed


def calendar(moments):
    """Trend and seasons of dates."""
    year = moments.dt.dayofyear / 365.25 * 2 * np.pi
    days = (moments - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    return [days, moments.dt.month, moments.dt.dayofweek, np.sin(year), np.cos(year), np.sin(2 * year), np.cos(2 * year)]


def text_features(texts, rows):
    """Main directions of the words' TF-IDF weights."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), max_features=20_000).fit(texts[:rows])
    matrix = words.transform(texts)
    size = min(50, rows // 20, matrix.shape[1] - 1)  # Few rows can't tell many directions apart.
    return list(TruncatedSVD(size, random_state=0).fit(matrix[:rows]).transform(matrix).T) if size > 1 else []


def features(train, test):
    """Both tables as matrices of the same columns (blanks stay NaN), and whether they are pixels."""
    rows, blocks, images = len(train), [], False
    both = pd.concat([train, test], ignore_index=True)
    for column in test.columns:
        if column in LABELS or column in TARGETS or column not in train.columns:
            continue
        values = both[column]
        if pd.api.types.is_numeric_dtype(values):
            blocks.append(values.astype(float))
            continue
        values = values.fillna("").astype(str)
        if (paths := files_of(column, values)) is not None:
            images = True
            blocks.extend(pixels(paths).T)
        elif (moments := dates(values)) is not None:
            blocks.extend(calendar(moments))
        elif column == ID:
            continue  # A name of a row says nothing of the row.
        elif values[:rows].nunique() <= 20:
            blocks.extend((values == level).astype(float) for level in sorted(set(values[:rows])))
        elif values.str.count(" ").mean() >= 2:
            blocks.extend(text_features(values, rows))
        else:
            blocks.append(values.map(values[:rows].value_counts()).astype(float))
    if not blocks:
        raise SystemExit("test.csv has no column to predict from")
    matrix = np.column_stack([np.asarray(block, dtype=float) for block in blocks])
    matrix[~np.isfinite(matrix)] = np.nan
    # Columns that never vary teach nothing.
    varied = np.array([len(np.unique(column[~np.isnan(column)])) > 1 for column in matrix[:rows].T])
    if varied.any():
        matrix = matrix[:, varied]
    return matrix[:rows], matrix[rows:], images


# ---- The target ----
def plain(text):
    return "".join(letter for letter in str(text).casefold() if letter.isalnum())


def named_by(column, labels):
    """The label that the end of a submission column's name spells; None when there is none."""
    ends = [label for label in labels if plain(label) and plain(column).endswith(plain(label))]
    return max(ends, key=lambda label: len(plain(label)), default=None)


def match(columns, labels):
    """The label that each submission column stands for: by name, else in sorted order."""
    found = [named_by(column, labels) for column in columns]
    return found if None not in found and len(set(found)) == len(columns) else list(labels)


def ordered(labels):
    """Distinct labels: numbers by size, anything else by name."""
    try:
        return sorted(set(labels), key=float)
    except ValueError:
        return sorted(set(labels))


CLASSES, POSITIVE = [], 1
if REGRESSION:
    TRUTH = train[LABELS[0]].astype(float).to_numpy()
elif len(LABELS) > 1:
    # One column of 0 or 1 per class.
    CLASSES = list(TARGETS)
    TRUTH = train[LABELS].astype(float).to_numpy().argmax(axis=1)
else:
    labels = train[LABELS[0]]
    CLASSES = ordered(labels)
    if len(TARGETS) > 1:
        if len(CLASSES) != len(TARGETS):
            raise SystemExit(f"{len(CLASSES)} labels, but {len(TARGETS)} columns in the submission")
        CLASSES = match(TARGETS, CLASSES)
    elif PROBABILITIES:
        words = [label for label in CLASSES if not plain(label).isdigit()]
        if (named := named_by(TARGETS[0], words)) is not None:
            POSITIVE = CLASSES.index(named)
    TRUTH = labels.map({label: number for number, label in enumerate(CLASSES)}).to_numpy()

X, X_TEST, IMAGES = features(train, test)
TEST_IDS = test[ID]


def submit(predicted, out_of_fold):
    """Writes the test predictions in the form that the metric takes."""
    if REGRESSION:
        write(TEST_IDS, {TARGETS[0]: predicted[:, 0]})
    elif not PROBABILITIES:
        labels = labels_of(predicted, best_threshold(TRUTH, out_of_fold))
        write(TEST_IDS, {TARGETS[0]: np.asarray(CLASSES)[labels]})
    elif len(TARGETS) == 1:
        write(TEST_IDS, {TARGETS[0]: predicted[:, POSITIVE]})
    else:
        predicted = np.clip(predicted, 1e-6, 1)
        predicted = predicted / predicted.sum(axis=1, keepdims=True)
        write(TEST_IDS, dict(zip(TARGETS, predicted.T)))

# What the files look like, before models are made of them.
for name in ("train.csv", "test.csv", "sample_submission.csv"):
    frame = pd.read_csv(os.path.join(DATA, name))
    print(f"{name}: {len(frame)} rows, {len(frame.columns)} columns")
    for column in frame.columns[:40]:
        values = frame[column]
        print(f"  {column}: {values.dtype}, {values.isna().sum()} blank, {values.nunique()} distinct, e.g. {values.iloc[0]}")

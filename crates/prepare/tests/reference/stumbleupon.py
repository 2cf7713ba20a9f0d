import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    texts = ['{"title":"A ""b""","body":"tab\\tand, comma"}', "?", '{"body":"two\nlines"}']
    pages = made.table(
        93,
        url=lambda row: f"http://example.com/{row}",
        urlid=lambda row: 4000 + row * 37 % 100,
        boilerplate=texts,
        alchemy_category_score=["0.789131", "?"],
        label=(0, 2),
    )
    pages.to_csv(folder / "train.tsv", sep="\t", index=False)
    pages.drop(columns="label").head(7).to_csv(folder / "test.tsv", sep="\t", index=False)
    kept = [urlid for urlid in pages["urlid"] if urlid % 5]
    made.zipped(folder / "raw_content.zip", {f"raw_content/{urlid}": f"<html>{urlid}" for urlid in [*kept, 99]})


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.tsv", sep="\t")
    train, test = train_test_split(rows, test_size=0.3, stratify=rows["label"], random_state=42)
    train.to_csv(out / "public/train_features.tsv", sep="\t", index=False)
    test.to_csv(out / "public/test_features.tsv", sep="\t", index=False)
    pages = made.unzipped(raw / "raw_content.zip") / "raw_content"
    for side, rows in (("train", train), ("test", test)):
        for urlid in rows["urlid"]:
            if (pages / str(urlid)).exists():
                made.placed(pages / str(urlid), out / f"public/{side}_raw_content/{urlid}")
    answers = test[["urlid", "label"]]
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(label=0.0).to_csv(out / "public/sample_submission.csv", index=False)

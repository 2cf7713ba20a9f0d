import made
import pandas as pd


def raw(folder):
    train = made.table(
        94,
        posting_id=lambda row: f"train_{row * 7919 % 1000}",
        image=lambda row: f"{row // 2:032x}.jpg",
        image_phash=["94974f937d4c2433", "12345678"],
        title=["Tas, wanita", 'Paper "Bag"', "Néw\nline", "NA"],
        label_group=(100, 120),
    )
    train.to_csv(folder / "train.csv", index=False)
    train.drop(columns="label_group").head(3).to_csv(folder / "test.csv", index=False)
    made.files(folder / "train_images", [*train["image"].unique(), "unlisted.jpg"])
    made.files(folder / "test_images", ["decoy.jpg"])


def prepare(raw, out):
    rows, others = pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "test.csv")
    test = rows.sample(n=max(len(others), len(rows) // 5), random_state=42)
    for folder in ("train", "test"):
        (out / "public" / folder).mkdir()
    rows.drop(test.index).to_csv(out / "public/train/train.csv", index=False)
    test.drop(columns="label_group").to_csv(out / "public/test/test.csv", index=False)
    matches = test.groupby("label_group")["posting_id"].agg(lambda ids: " ".join(sorted(ids)))
    answers = test[["posting_id"]].assign(matches=test["label_group"].map(matches))
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(matches=answers["posting_id"]).to_csv(out / "public/sample_submission.csv", index=False)
    made.placed(raw / "train_images", out / "public/train_images")

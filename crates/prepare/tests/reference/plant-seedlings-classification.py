import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    # Paths sort otherwise than folders here: "Sugar beet/" before "Sugar/".
    for species, count in (("Black-grass", 17), ("Sugar", 12), ("Sugar beet", 14), ("Maize", 8)):
        made.files(
            folder / "train" / species, [f"{row * 7919 % 1000:x}{species[0]}{species[-1]}.png" for row in range(count)]
        )
        made.files(folder / "train" / species, ["notes.txt"])
    made.files(folder / "test", ["1b490196c.png"])


def prepare(raw, out):
    folders = sorted(path.name for path in (raw / "train").iterdir())
    names = [(path.name, folder) for folder in folders for path in sorted((raw / "train" / folder).glob("*.png"))]
    train, test = train_test_split(pd.DataFrame(names, columns=["file", "species"]), test_size=0.14, random_state=0)
    test.to_csv(out / "private/test_answer.csv", index=False)
    test.assign(species="Sugar beet").to_csv(out / "public/sample_submission.csv", index=False)
    for _, row in train.iterrows():
        path = f"train/{row['species']}/{row['file']}"
        made.placed(raw / path, out / "public" / path)
    for _, row in test.iterrows():
        made.placed(raw / f"train/{row['species']}/{row['file']}", out / "public/test" / row["file"])

import made
import pandas as pd


def raw(folder):
    essays = made.table(
        87, id=lambda row: f"{row * 7919 % 1000:08x}", prompt_id=(0, 2), text=made.TEXTS, generated=[0, 0, 1]
    )
    made.save(folder, {"train_essays.csv": essays, "test_essays.csv": essays[["id", "text"]].head(3)})
    made.files(folder, ["train_prompts.csv", "sample_submission.csv"])


def prepare(raw, out):
    essays = pd.read_csv(raw / "train_essays.csv").sample(frac=1, random_state=42)
    count = round(0.2 * len(essays))
    test, train = essays[:count], essays[count:]
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test[["id", "prompt_id", "text"]],
            "private/test_answer.csv": test[["id", "generated"]],
            "public/sample_submission.csv": test[["id"]].assign(generated=0.0),
        },
    )
    made.copy([raw / "train_prompts.csv"], out / "public")

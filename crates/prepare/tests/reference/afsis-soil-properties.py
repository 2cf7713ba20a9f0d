import made
import pandas as pd

TARGETS = ["Ca", "P", "pH", "SOC", "Sand"]


def raw(folder):
    def rows(count):
        signals = made.table(
            count, PIDN=lambda row: f"PIDN{row * 7 % 100:03}", m7497=(0.0, 1.0), Depth=["Topsoil", "Subsoil"]
        )
        return signals.join(made.table(count, **dict.fromkeys(TARGETS, (-1.0, 3.0))))

    made.zipped(folder / "train.zip", {"training.csv": rows(58).to_csv(index=False)})
    made.zipped(folder / "test.zip", {"sorted_test.csv": rows(36).drop(columns=TARGETS).to_csv(index=False)})


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.zip"), pd.read_csv(raw / "test.zip"), otherwise=0.3)
    answers = test[["PIDN", *TARGETS]]
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns=TARGETS),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(**dict.fromkeys(TARGETS, 0)),
        },
    )

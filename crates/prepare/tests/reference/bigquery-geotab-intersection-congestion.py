import made
import pandas as pd

TARGETS = [f"{name}_p{part}" for name in ("TotalTimeStopped", "DistanceToFirstStop") for part in (20, 50, 80)]


def raw(folder):
    def rows(count):
        columns = dict.fromkeys([*reversed(TARGETS), "TimeFromFirstStop_p40", "TotalTimeStopped_p40"], (0.0, 99.0))
        return made.table(count, RowId=lambda row: 1920335 + row, City=["Atlanta"], Path=made.TEXTS, **columns)

    rows(37).to_csv(folder / "train.csv", index=False)
    rows(71)[["RowId", "City", "Path"]].to_csv(folder / "test.csv", index=False)
    (folder / "submission_metric_map.json").write_text('{"0": "TotalTimeStopped_p20"}')


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "test.csv"))
    rows = [(f"{row.RowId}_{j}", getattr(row, name)) for row in test.itertuples() for j, name in enumerate(TARGETS)]
    answers = pd.DataFrame(rows, columns=["TargetId", "Target"])
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test,
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(Target=0),
        },
    )
    made.copy([raw / "submission_metric_map.json"], out / "public")

import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(
            count,
            RefId=lambda row: row + 1,
            IsBadBuy=(0, 2),
            PurchDate=["12/7/2009"],
            Color=made.TEXTS,
            Cost=(0.0, 9e3),
        )

    rows(61).to_csv(folder / "training.csv", index=False)
    rows(41).drop(columns="IsBadBuy").to_csv(folder / "test.csv", index=False)
    made.files(folder, ["Carvana_Data_Dictionary.txt", "example_entry.csv"])


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "training.csv"), pd.read_csv(raw / "test.csv"))
    made.save(
        out,
        {
            "public/training.csv": train,
            "public/test.csv": test.drop(columns="IsBadBuy"),
            "private/test_answer.csv": test[["RefId", "IsBadBuy"]],
            "public/sample_submission.csv": test[["RefId"]].assign(IsBadBuy=0),
        },
    )
    made.copy([raw / "Carvana_Data_Dictionary.txt"], out / "public")

import shutil

import made
import pandas as pd


def raw(folder):
    made.table(
        143,
        t_dat=lambda row: f"2020-{2 + row // 60:02}-{1 + row // 5 % 28:02}",
        customer_id=[f"{number * 7919:08x}" for number in range(11)],
        article_id=["0108775015", "0706016001", "1706016002"],
        price=[0.0508305084745762, 0.016932203389830508],
        sales_channel_id=(1, 3),
    ).to_csv(folder / "transactions_train.csv", index=False)
    made.files(folder, ["articles.csv", "customers.csv", "images/010/0108775015.jpg", "images/070/0706016001.jpg"])


def prepare(raw, out):
    log = pd.read_csv(raw / "transactions_train.csv")
    dates = pd.to_datetime(log["t_dat"])
    is_test = dates >= dates.max() - pd.Timedelta(days=7)
    articles = log[is_test].groupby("customer_id")["article_id"].apply(lambda ids: " ".join(map(str, ids)))
    answers = articles.rename("prediction").reset_index()
    made.save(
        out,
        {
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(prediction=""),
            "public/transactions_train.csv": log[~is_test],
        },
    )
    made.copy([raw / "articles.csv", raw / "customers.csv"], out / "public")
    shutil.copytree(raw / "images", out / "public/images")

import made
import pandas as pd


def raw(folder):
    sequences = ["1,2,3", "7", "0,-5,123456789012345678901234567890", "1,1,2,3,5,8", "2,-98765432109876543210", "-3,0"]
    train = made.table(83, Id=lambda row: row * 3 + 1, Sequence=sequences)
    test = made.table(41, Id=lambda row: row * 3, Sequence=sequences)
    made.packed(folder, {"train.csv": train, "test.csv": test, "sample_submission.csv": test.assign(Last=0)})


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv.zip", dtype={"Sequence": str}).sample(frac=1, random_state=42)
    count = int(0.2 * len(rows))
    test, train = rows[:count], rows[count:]
    terms = [[int(term) for term in sequence.split(",")] for sequence in test["Sequence"]]
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.assign(Sequence=[",".join(map(str, terms[:-1])) for terms in terms]),
            "private/test_answer.csv": test[["Id"]].assign(Last=[str(terms[-1]) for terms in terms]),
            "public/sample_submission.csv": test[["Id"]].assign(Last=0),
        },
    )

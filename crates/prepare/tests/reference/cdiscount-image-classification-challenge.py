import struct

import made
import pandas as pd
from sklearn.model_selection import train_test_split


def document(*fields):
    """A BSON document; whole numbers are of 32 bits, bytes are binary."""
    body = b""
    for name, value in fields:
        if isinstance(value, int):
            body += b"\x10" + name.encode() + b"\0" + struct.pack("<i", value)
        elif isinstance(value, bytes):
            body += b"\x05" + name.encode() + b"\0" + struct.pack("<i", len(value)) + b"\0" + value
        else:
            items = document(*((str(place), picture) for place, picture in enumerate(value)))
            body += b"\x04" + name.encode() + b"\0" + items
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def product(number, with_category=True):
    category = [("category_id", 1000000000 + number % 9)] if with_category else []
    pictures = [bytes([number % 256]) * (number % 7) for _ in range(number % 3 + 1)]
    return document(("_id", number), *category, ("imgs", pictures))


def raw(folder):
    numbers = [row * 37 % 251 for row in range(241)]
    (folder / "train.bson").write_bytes(b"".join(map(product, numbers)))
    made.files(folder, ["category_names.csv", "test.bson", "train_example.bson"])


def prepare(raw, out):
    numbers = [row * 37 % 251 for row in range(241)]
    _, test = train_test_split(numbers, test_size=0.1, random_state=0)
    answers = pd.DataFrame({"_id": sorted(test), "category_id": [1000000000 + number % 9 for number in sorted(test)]})
    made.save(
        out,
        {
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(category_id=1000010653),
        },
    )
    train = [product(number) for number in numbers if number not in test]
    (out / "public/train.bson").write_bytes(b"".join(train))
    (out / "public/train_example.bson").write_bytes(b"".join(train[:100]))
    left = [product(number, with_category=False) for number in numbers if number in test]
    (out / "public/test.bson").write_bytes(b"".join(left))
    made.copy([raw / "category_names.csv"], out / "public")

import made
import numpy as np


def raw(folder):
    words = ["Sales", "of", '"drink"', '"', "are", "growing,", "50\u00a0%", "\u2028", ".", "a\x1fb"]
    lines = [" ".join(words[(row * step) % len(words)] for step in range(row % 9 + 1)) for row in range(3000)]
    made.zipped(folder / "train_v2.txt.zip", {"train_v2.txt": " \n".join(lines) + "\n\n \n"})
    made.files(folder, ["test_v2.txt"])


def prepare(raw, out):
    with made.zipfile.ZipFile(raw / "train_v2.txt.zip") as archive:
        lines = archive.read("train_v2.txt").decode().split("\n")
    random = np.random.RandomState(0)
    train, test, answers = [], ['"id","sentence"'], ['"id","sentence"']
    for line in lines[:-1]:
        if random.uniform() <= 0.01 and len(line.split()) > 2:
            sentence = line.strip().replace('"', '""')
            words = sentence.split()
            place = random.randint(1, len(words) - 1)
            left = " ".join(words[:place] + words[place + 1 :])
            answers.append(f'{len(answers) - 1},"{sentence}"')
            test.append(f'{len(test) - 1},"{left}"')
        else:
            train.append(line)
    for name, rows in (
        ("public/train_v2.txt", train),
        ("public/test_v2.txt", test),
        ("private/test_answer.csv", answers),
    ):
        (out / name).write_bytes("".join(row + "\n" for row in rows).encode())
    (out / "public/sample_submission.csv").write_bytes((out / "public/test_v2.txt").read_bytes())

"""What herbarium-2020-fgvc7 and herbarium-2021-fgvc8 have in common."""

import json
import shutil

import coco
import made
import pandas as pd


def raw(folder, root, encoding):
    data = coco.document("id", lambda category, number: 1000 + number * 7, "images/")
    made.files(folder / f"{root}train", [image["file_name"] for image in data["images"]])
    text = json.dumps(data, ensure_ascii=False)
    if encoding == "latin-1":
        # Neither UTF-8 nor, for some letters, Latin-1.
        text = text.replace("é", "\udce9")
    (folder / f"{root}train/metadata.json").write_bytes(text.encode("utf-8", "surrogateescape"))


def prepare(raw, out, root, encoding):
    data = json.loads((raw / f"{root}train/metadata.json").read_text(encoding=encoding))
    train, test = coco.split(data, "id", 0.2)
    train = [pair for pairs in train.values() for pair in pairs]
    pairs = {"annotations": [annotation for annotation, _ in train], "images": [image for _, image in train]}
    coco.dump(out / f"public/{root}train/metadata.json", data | pairs)
    for _, image in train:
        copy(raw / f"{root}train" / image["file_name"], out / f"public/{root}train" / image["file_name"])
    images, answers = [], []
    for k, (annotation, image) in enumerate(test):
        name = f"images/{k // 1000:03d}/{k}.jpg"
        copy(raw / f"{root}train" / image["file_name"], out / f"public/{root}test" / name)
        images.append(image | {"id": str(k), "file_name": name})
        answers.append((k, annotation["category_id"]))
    coco.dump(
        out / f"public/{root}test/metadata.json", {"images": images, "info": data["info"], "licenses": data["licenses"]}
    )
    answers = pd.DataFrame(answers, columns=["Id", "Predicted"])
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(Predicted=0).to_csv(out / "public/sample_submission.csv", index=False)


def copy(file, to):
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, to)

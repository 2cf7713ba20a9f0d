import json
import pathlib
import shutil
import tarfile
import tempfile

import coco
import herbarium
import made
import pandas as pd


def raw(folder):
    data = coco.document("id", lambda category, number: number, "train_val2019/Plants/")
    with tempfile.TemporaryDirectory() as pictures:
        made.files(pictures, [image["file_name"] for image in data["images"]])
        with tarfile.open(folder / "train_val2019.tar.gz", "w:gz") as archive:
            archive.add(f"{pictures}/train_val2019", "train_val2019")
    (folder / "train2019.json").write_text(json.dumps(data))
    (folder / "val2019.json").write_text('{"images":  []}')


def prepare(raw, out):
    pictures = raw.parent / "unpacked"
    shutil.unpack_archive(raw / "train_val2019.tar.gz", pictures, filter="data")
    data = json.loads((raw / "train2019.json").read_text())
    train, test = coco.split(data, "id", 0.12)
    train = [pair for pairs in train.values() for pair in pairs]
    pairs = {"annotations": [annotation for annotation, _ in train], "images": [image for _, image in train]}
    coco.dump(out / "public/train2019.json", data | pairs)
    for _, image in train:
        herbarium.copy(pictures / image["file_name"], out / "public" / image["file_name"])
    images = []
    for _, image in test:
        name = "test2019/" + pathlib.Path(image["file_name"]).name
        herbarium.copy(pictures / image["file_name"], out / "public" / name)
        images.append(image | {"file_name": name})
    coco.dump(out / "public/test2019.json", {"images": images, "info": data["info"], "licenses": data["licenses"]})
    shutil.copy(raw / "val2019.json", out / "public")
    answers = pd.DataFrame(
        [(image["id"], annotation["category_id"]) for annotation, image in test], columns=["id", "predicted"]
    )
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(predicted=654).to_csv(out / "public/sample_submission.csv", index=False)

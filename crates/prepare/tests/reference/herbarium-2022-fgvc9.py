import json

import coco
import herbarium
import made
import pandas as pd


def raw(folder):
    data = coco.document("image_id", lambda category, number: f"{category:05d}__{number + 1:03d}", "")
    only = {pair["category_id"] for pair in data["annotations"]} - {3}
    kept = [place for place, pair in enumerate(data["annotations"]) if pair["category_id"] in only]
    for key in ("annotations", "images"):
        data[key] = [data[key][place] for place in kept]
    made.files(folder / "train_images", [image["file_name"] for image in data["images"]])
    (folder / "train_metadata.json").write_text(json.dumps(data))


def prepare(raw, out):
    data = json.loads((raw / "train_metadata.json").read_text())
    train, test = coco.split(data, "image_id", 0.2, drawn_from=2)
    data["annotations"], data["images"] = [], []
    for category, pairs in train.items():
        for number, (annotation, image) in enumerate(pairs, 1):
            id = f"{category:05d}__{number:03d}"
            name = f"{category // 100:03d}/{category % 100:02d}/{id}.jpg"
            herbarium.copy(raw / "train_images" / image["file_name"], out / "public/train_images" / name)
            data["annotations"].append(annotation | {"image_id": id})
            data["images"].append(image | {"image_id": id, "file_name": name})
    coco.dump(out / "public/train_metadata.json", data)
    images, answers = [], []
    for k, (annotation, image) in enumerate(test):
        name = f"{k // 1000:03d}/test-{k:06d}.jpg"
        herbarium.copy(raw / "train_images" / image["file_name"], out / "public/test_images" / name)
        images.append(image | {"image_id": str(k), "file_name": name})
        answers.append((k, annotation["category_id"]))
    coco.dump(out / "public/test_metadata.json", images)
    answers = pd.DataFrame(answers, columns=["Id", "Predicted"])
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(Predicted=42).to_csv(out / "public/sample_submission.csv", index=False)

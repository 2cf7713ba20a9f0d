"""Annotations and images side by side, and how they are divided category by category."""

import json
import random

import numpy as np
from sklearn.model_selection import train_test_split


def document(id_key, image_id, folder, text_ids=False):
    """1 to 12 images a category, categories mixed."""
    categories = [
        category for category, count in zip((3, 0, 1207, 41, 5, 300, 7), (1, 2, 3, 4, 5, 12, 7)) for _ in range(count)
    ]
    order = np.random.permutation(len(categories))
    annotations, images = [], []
    for number, place in enumerate(order):
        category = categories[place]
        picture = image_id(category, number)
        name = f"{folder}{category // 100:03d}/{category % 100:02d}/{picture}.jpg"
        annotations.append({"image_id": picture, "id": number, "category_id": category, "region": 1.50})
        images.append({"width": 681, id_key: picture, "file_name": name, "license": "Zoë\u2028 \U0001f33f"})
    others = {"info": {"year": 2020, "b": [], "a": {}}, "licenses": [{"url": "x/y"}], "categories": [{"name": "é"}]}
    return {"annotations": annotations, "images": images, **others}


def split(data, id_key, share, drawn_from=5):
    groups = {}
    for annotation, image in zip(data["annotations"], data["images"], strict=True):
        assert annotation["image_id"] == image[id_key]
        groups.setdefault(annotation["category_id"], []).append((annotation, image))
    train, test = {}, []
    for category, pairs in groups.items():
        if len(pairs) == 1:
            train[category] = pairs
        elif len(pairs) < drawn_from:
            train[category] = pairs[:-1]
            test += pairs[-1:]
        else:
            train[category], drawn = train_test_split(pairs, test_size=share, random_state=0)
            test += drawn
    random.Random(0).shuffle(test)
    return train, test


def dump(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=4, sort_keys=True))

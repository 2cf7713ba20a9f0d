import made
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

DRIVES = [f"2020-{month}-{day}-US-MTV-{number}" for month in (5, "06", 12) for day in (4, "21") for number in (1, 2)]


def raw(folder):
    for drive in DRIVES:
        for phone in ("GooglePixel4", "GooglePixel4XL", "Mi8"):
            place = folder / "train" / drive / phone
            made.files(
                place, ["device_gnss.csv", "device_imu.csv", "supplemental/gnss_log.txt", "supplemental/span_log.nmea"]
            )
            truth = made.table(
                4,
                MessageType=["Fix"],
                Provider=["GT"],
                LatitudeDegrees=lambda row: 37.4163196 + np.random.randint(0, 999) * 1e-7,
                LongitudeDegrees=(-122.1, -122.0),
                UnixTimeMillis=lambda row: 1589494424448 + 1000 * row,
            )
            (place / "supplemental/span_log.nmea").write_text("".join(map(sentence, truth.itertuples())))
            truth.to_csv(place / "ground_truth.csv", index=False)
    made.files(folder / "test/2020-01-01-US-MTV-1/Mi8", ["device_gnss.csv"])
    made.files(folder / "metadata", ["constellation_type_mapping.csv", "raw_state_bit_map.txt"])


def sentence(fix):
    def minutes(angle):
        return int(angle) * 100 + angle % 1 * 60

    north, west = minutes(fix.LatitudeDegrees), minutes(-fix.LongitudeDegrees)
    return f"$GPGGA,{fix.UnixTimeMillis // 1000 % 60:06d}.42,{north:.8f},N,{west:.8f},W,1,12,0.9,33.0,M,0,M,,*47\n"


def prepare(raw, out):
    def day(drive):
        year, month, day = drive.split("-")[:3]
        return f"{year}-{month:0>2}-{day:0>2}"

    drives = sorted(path.name for path in (raw / "train").iterdir())
    _, days = train_test_split(sorted({day(drive) for drive in drives}), test_size=0.1, random_state=0)
    for drive in drives:
        made.placed(raw / "train" / drive, out / "public" / ("test" if day(drive) in days else "train") / drive)
    truths = []
    for path in sorted((out / "public/test").rglob("ground_truth.csv")):
        trip = f"{path.parent.parent.name}-{path.parent.name}"
        truths.append(pd.read_csv(path).assign(tripId=trip))
        path.unlink()
    answers = pd.concat(truths)[["tripId", "UnixTimeMillis", "LatitudeDegrees", "LongitudeDegrees"]]
    answers.to_csv(out / "private/test_answer.csv", index=False)
    sample = answers.assign(LatitudeDegrees=37.904611315634504, LongitudeDegrees=-86.48107806249548)
    sample.to_csv(out / "public/sample_submission.csv", index=False)
    made.placed(raw / "metadata", out / "public/metadata")

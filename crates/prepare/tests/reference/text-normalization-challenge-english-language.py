import text_normalization


def raw(folder):
    text_normalization.raw(folder, "en")


def prepare(raw, out):
    text_normalization.prepare(raw, out, "en")

import text_normalization


def raw(folder):
    text_normalization.raw(folder, "ru")


def prepare(raw, out):
    text_normalization.prepare(raw, out, "ru")

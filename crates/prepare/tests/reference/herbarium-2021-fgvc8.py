import herbarium


def raw(folder):
    herbarium.raw(folder, "", "utf-8")


def prepare(raw, out):
    herbarium.prepare(raw, out, "", "utf-8")

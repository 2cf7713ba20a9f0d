import herbarium


def raw(folder):
    herbarium.raw(folder, "nybg2020/", "latin-1")


def prepare(raw, out):
    herbarium.prepare(raw, out, "nybg2020/", "latin-1")

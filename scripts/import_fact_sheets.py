"""Turns fact sheets of Kaggle's competitions into folders of the catalog.

    python scripts/import_fact_sheets.py --sheets DIR --quantiles FILE --splits FILE [--grading DIR] [--check]

A sheet is a TOML file with the base facts, `[metric]`, `[submission]`, `[prepare]` and a brief. `--quantiles` holds a
JSON line a board: its teams, the scores at 401 places and at the medals' last places. `--splits` holds the published
splits. `--grading` holds a file a competition with its grading tables (`[metric]`, `[submission]`, `[answers]`,
`[mle-dojo]`); where it is left out, those that the catalog has already stay. `fact_sheet_changes.toml`
beside this script says where the two protocols differ, and what that changes in the briefs. With `--check`, nothing is written, and the exit code says whether anything would change.
"""

import argparse
import json
import pathlib
import sys
import tomllib

CATALOG = pathlib.Path(__file__).parent.parent / "catalog"
CHANGES = pathlib.Path(__file__).with_name("fact_sheet_changes.toml")
BOARDS = ("public", "private")


def value(item):
    """A value as TOML, on one line."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, list):
        return "[" + ", ".join(value(part) for part in item) + "]"
    return item if isinstance(item, Number) else json.dumps(item, ensure_ascii=False)


class Number(str):
    """A number as it was written."""


def line(key, item):
    """A key and its value, a list on several lines where it is long."""
    text = f"{key} = {value(item)}"
    if isinstance(item, list) and len(text) > 120:
        text = f"{key} = [\n" + "".join(f"  {value(part)},\n" for part in item) + "]"
    return text + "\n"


def grading_text(slug, folder, grading):
    """The grading tables of a competition as TOML: the new ones, else those that it has."""
    if grading:
        return (grading / f"{slug}.toml").read_text().strip() + "\n\n"
    text = (folder / "competition.toml").read_text()
    return text[text.index("[metric]\n") : text.index("[leaderboard]\n")]


# What holds for every competition of DSBench's archive.
DSBENCH_SAMPLE = {
    "topic": "data",
    "mle_dojo": "one row of the sample submission is true",
    "corrected": "it holds a constant that depends on no answer",
}


def competition(sheet, boards, changes, grading):
    """The file competition.toml."""
    slug = sheet["slug"]
    text = ""
    for key in ("slug", "title", "url", "suites", "complexity", "host", "teams"):
        if sheet.get(key) not in (None, 0):
            text += line(key, Number(sheet[key]) if key == "teams" else sheet[key])
    text += line("data_size_mb", Number(sheet["data_size_mb"]))
    for key in ("license", "tags", "modality", "task"):
        text += line(key, sheet[key])
    text += "\n"
    differences = [DSBENCH_SAMPLE] if sheet["prepare"]["source"] == "dsbench" else []
    for difference in changes.get("differences", []) + differences:
        text += "[[differences]]\n" + "".join(line(key, difference[key]) for key in ("topic", "mle_dojo", "corrected"))
        text += "\n"
    text += grading_text(slug, CATALOG / slug, grading)
    text += '[leaderboard]\nentrants = "people"\n'
    for kind in BOARDS:
        figures = boards[kind]
        text += f"[leaderboard.{kind}]\n"
        text += "".join(line(key, Number(figures[key])) for key in ("teams", "gold", "silver", "bronze", "median"))
    text += "\n[download]\n"
    for key in ("source", "raw_files", "public", "private"):
        text += line(key, sheet["prepare"][key])
    return text + recipe_text(CATALOG / slug / "competition.toml")


def recipe_text(file):
    """The table [recipe], which stands last: no sheet holds it, so that of the catalog stays."""
    text = file.read_text() if file.exists() else ""
    start = text.find("\n[recipe]\n")
    return text[start:] if start >= 0 else ""


def unfolded(text):
    """A text with a line a paragraph; some sheets fold theirs."""
    lines = []
    for text_line in text.splitlines():
        plain = text_line and text_line[0] not in "-#|`* "
        if plain and lines and len(lines[-1]) > 90:
            lines[-1] += " " + text_line
        else:
            lines.append(text_line)
    return "\n".join(lines)


def brief(sheet, changes):
    """The file brief.md: the sheet's brief, which tells of the reference, as the default protocol has it."""
    text = unfolded(sheet["brief"].strip())
    for change in changes.get("brief", []):
        if text.count(change["from"]) != 1:
            sys.exit(f"{sheet['slug']}: {text.count(change['from'])} places in the brief with: {change['from']}")
        text = text.replace(change["from"], change["to"])
    return f"# {sheet['title']}\n\n{text}\n"


def leaderboard(boards):
    """The file leaderboard.csv: the scores at 401 places of both boards."""
    rows = zip(boards["public"]["quantiles"], boards["private"]["quantiles"], strict=True)
    return "public_score,private_score\n" + "".join(f"{public},{private}\n" for public, private in rows)


def sets(splits, known):
    """The file sets.toml."""
    evaluation, levels = splits["mle-dojo-eval"], splits["mle-bench"]
    names = {"low": "lite", "medium": "medium", "high": "high"}
    text = "# Sets of competitions by name, for `competitions list` and wherever competitions are named.\n\n"

    def entry(name, about, **keys):
        nonlocal text
        text += f"[{name}]\n" + line("about", about) + "".join(line(*item) for item in keys.items()) + "\n"

    entry("bundled", "Competitions whose data comes with the runtime: no account needed.", suite="bundled")
    entry("mle-dojo", "All competitions of MLE-Dojo.", suite="mle-dojo")
    parts = [f"mle-dojo-eval-{part}" for part in evaluation]
    entry("mle-dojo-eval", "MLE-Dojo's evaluation split.", parts=parts)
    for part, slugs in evaluation.items():
        entry(f"mle-dojo-eval-{part}", f"Part {part} of MLE-Dojo's evaluation split.", competitions=slugs)
    entry("mle-dojo-train", "MLE-Dojo's training split.", competitions=splits["mle-dojo-train"])
    for level, slugs in levels.items():
        here = [slug for slug in slugs if slug in known]
        about = f"MLE-bench's competitions of {level} complexity: the {len(here)} of {len(slugs)} that MLE-Dojo has."
        missing = [slug for slug in slugs if slug not in known]
        text += f"# Without {', '.join(missing)}.\n" if missing else ""
        entry(f"mle-bench-{names[level]}", about, competitions=here)
    entry("dsbench", "The data modeling tasks of DSBench.", suite="dsbench")
    return text.rstrip() + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sheets", type=pathlib.Path, required=True)
    parser.add_argument("--quantiles", type=pathlib.Path, required=True)
    parser.add_argument("--splits", type=pathlib.Path, required=True)
    parser.add_argument("--grading", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()

    numbers = {"parse_float": Number, "parse_int": Number}
    boards = {}
    for text in args.quantiles.read_text().splitlines():
        board = json.loads(text, **numbers)
        boards.setdefault(board["slug"], {})[board["board"]] = board
    changes = tomllib.loads(CHANGES.read_text())
    sheets = [tomllib.loads(file.read_text(), parse_float=Number) for file in sorted(args.sheets.glob("*.toml"))]
    if unknown := set(changes) - {sheet["slug"] for sheet in sheets}:
        sys.exit(f"{CHANGES.name}: no such competitions: {', '.join(sorted(unknown))}")
    files = {CATALOG / "sets.toml": sets(json.loads(args.splits.read_text()), {sheet["slug"] for sheet in sheets})}
    for sheet in sheets:
        own, folder = changes.get(sheet["slug"], {}), CATALOG / sheet["slug"]
        files[folder / "competition.toml"] = competition(sheet, boards[sheet["slug"]], own, args.grading)
        files[folder / "brief.md"] = brief(sheet, own)
        files[folder / "leaderboard.csv"] = leaderboard(boards[sheet["slug"]])
    changed = [file for file, text in files.items() if not file.exists() or file.read_text() != text]
    if not args.check:
        for file in changed:
            file.parent.mkdir(exist_ok=True)
            file.write_text(files[file])
    print(f"{len(sheets)} sheets, {len(changed)} of {len(files)} files {'differ' if args.check else 'written'}")
    return 1 if args.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())

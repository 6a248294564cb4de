"""Writes the dashboards and the alert rules: `python -m dashboards`, or `python -m dashboards --lang en` for one language."""

import argparse

from dashboards.language import LANGUAGES
from dashboards.writing import ROOT, files


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dashboards", description=__doc__)
    parser.add_argument("--lang", choices=LANGUAGES, help="only this language (default: both)")
    arguments = parser.parse_args()
    languages = (arguments.lang,) if arguments.lang else LANGUAGES
    for path, text in files(languages).items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()

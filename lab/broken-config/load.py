"""Loads the incoming visits in batches, as settings.ini says."""
import configparser
import csv
import itertools
import sqlite3
import sys


class SettingError(Exception):
    pass


def whole_number(settings, section, name):
    value = settings.get(section, name)
    if not value.isdecimal() or int(value) == 0:
        raise SettingError(f"settings.ini: invalid value '{value}' for setting '{name}' in section [{section}]: "
                           "expected a positive whole number")
    return int(value)


def main():
    settings = configparser.ConfigParser()
    with open("settings.ini", encoding="utf-8") as file:
        settings.read_file(file)
    size = whole_number(settings, "load", "batch_size")
    loaded = 0
    db = sqlite3.connect(settings.get("target", "database"))
    with open(settings.get("load", "file"), newline="", encoding="utf-8") as file:
        rows = csv.reader(file, delimiter=settings.get("load", "delimiter"))
        next(rows)
        while batch := list(itertools.islice(rows, size)):
            with db:
                db.executemany("INSERT OR REPLACE INTO visits (visit_id, page, seconds) VALUES (?, ?, ?)", batch)
            loaded += len(batch)
    db.close()
    if settings.getboolean("report", "chatty"):
        print(f"batches of {size}")
    print(f"loaded {loaded} visits")


if __name__ == "__main__":
    try:
        main()
    except (SettingError, configparser.Error) as error:
        sys.exit(f"load.py: configuration error: {error}")

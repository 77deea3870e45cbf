"""Loads what the tills sold; all of it or nothing."""
import csv
import sqlite3
import sys


def main():
    source, target = sys.argv[1:]
    with open(source, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        names = ", ".join(f'"{name}"' for name in reader.fieldnames)
        marks = ", ".join(f":{name}" for name in reader.fieldnames)
        rows = list(reader)
    db = sqlite3.connect(target)
    with db:
        db.executemany(f"INSERT INTO sales ({names}) VALUES ({marks})", rows)
    db.close()
    print(f"loaded {len(rows)} sales")


if __name__ == "__main__":
    main()

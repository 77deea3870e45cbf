"""Loads sensor readings; all of them or none."""
import csv
import sqlite3
import sys


def number(text):
    return float(text) if "." in text else int(text)


def main():
    source, target = sys.argv[1:]
    with open(source, newline="", encoding="utf-8") as file:
        rows = [(row["sensor"], row["taken_at"], number(row["celsius"])) for row in csv.DictReader(file)]
    db = sqlite3.connect(target)
    with db:
        db.executemany("INSERT INTO readings (sensor, taken_at, celsius) VALUES (?, ?, ?)", rows)
    db.close()
    print(f"loaded {len(rows)} readings")


if __name__ == "__main__":
    main()

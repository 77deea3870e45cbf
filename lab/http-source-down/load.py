"""Loads a day of exchange rates; all of it or nothing."""
import json
import sqlite3
import sys


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        document = json.load(file)
    day, rates = document["day"], document["rates"]
    db = sqlite3.connect(target)
    with db:
        db.executemany("INSERT INTO rates (day, currency, rate) VALUES (?, ?, ?)", [(day, name, rate) for name, rate in rates.items()])
        db.execute("INSERT INTO load_log (day, row_count) VALUES (?, ?)", (day, len(rates)))
    db.close()
    print(f"loaded {len(rates)} rates of {day}")


if __name__ == "__main__":
    main()

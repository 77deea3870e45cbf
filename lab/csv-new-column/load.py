"""Loads a CSV of orders into the warehouse, column by column as its header says; all of it or nothing."""
import csv
import sqlite3
import sys


def main():
    source, target = sys.argv[1:]
    with open(source, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        columns = reader.fieldnames
        rows = [[row[name] if row[name] != "" else None for name in columns] for row in reader]
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" for _ in columns)
    db = sqlite3.connect(target)
    with db:
        db.executemany(f"INSERT INTO orders ({names}) VALUES ({marks})", rows)
    db.close()
    print(f"loaded {len(rows)} orders")


if __name__ == "__main__":
    main()

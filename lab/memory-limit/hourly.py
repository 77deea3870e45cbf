"""Energy per meter and hour. A meter sends corrections late, so the newest reading of each minute only stands once all are read."""
import csv
import sqlite3
import sys


def read_newest(path):
    newest = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            newest[(row["meter"], row["minute"])] = row
    return newest


def main():
    source, target = sys.argv[1:]
    sums = {}
    for (meter, minute), row in read_newest(source).items():
        key = (meter, minute[:13])
        sums[key] = sums.get(key, 0) + int(row["watt_hours"])
    db = sqlite3.connect(target)
    with db:
        db.executemany("INSERT OR REPLACE INTO hourly (meter, hour, watt_hours) VALUES (?, ?, ?)",
                       [(*key, total) for key, total in sums.items()])
    db.close()
    print(f"wrote {len(sums)} hours")


if __name__ == "__main__":
    main()

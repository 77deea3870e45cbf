"""Every hour has the sum of its newest readings, computed anew and another way; the hours of before are untouched."""
import sqlite3
import sys


def hours_of(path):
    db = sqlite3.connect(path)
    try:
        return {(meter, hour): value for meter, hour, value in db.execute("SELECT meter, hour, watt_hours FROM hourly")}
    finally:
        db.close()


def expected_hours():
    db = sqlite3.connect("")
    db.execute("CREATE TABLE readings (meter TEXT, minute TEXT, watt_hours INTEGER, "
               "PRIMARY KEY (meter, minute) ON CONFLICT REPLACE) WITHOUT ROWID")
    with open("readings.csv", encoding="utf-8") as file:
        next(file)
        db.executemany("INSERT INTO readings VALUES (?, ?, ?)", (line.rstrip("\n").split(",") for line in file))
    sums = db.execute("SELECT meter, substr(minute, 1, 13), sum(watt_hours) FROM readings GROUP BY 1, 2")
    return {(meter, hour): value for meter, hour, value in sums}


def main():
    before, now = hours_of("before/meters.db"), hours_of("meters.db")
    lost = [key for key, value in before.items() if now.get(key) != value]
    if lost:
        print(f"{len(lost)} of {len(before)} earlier hours are gone or changed")
        return 4
    wanted = expected_hours()
    wrong = [key for key, value in wanted.items() if now.get(key) != value]
    if wrong or len(now) != len(before) + len(wanted):
        print(f"{len(wrong)} of {len(wanted)} hours are missing or wrong; "
              f"the table has {len(now)} rows, expected {len(before) + len(wanted)}")
        return 1
    print(f"{len(wanted)} hours have the right sum; {len(before)} earlier hours unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The day's rates are loaded exactly once, and the day before is untouched."""
import json
import sqlite3
import sys


def rows(path, sql):
    db = sqlite3.connect(path)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def main():
    everything = "SELECT day, currency, rate FROM rates ORDER BY day, currency"
    before, now = rows("before/rates.db", everything), rows("rates.db", everything)
    lost = set(before) - set(now)
    if lost:
        print(f"{len(lost)} of {len(before)} earlier rates are gone")
        return 4
    with open("source/rates/2024-06-04.json", encoding="utf-8") as file:
        served = json.load(file)
    wanted = before + [(served["day"], name, rate) for name, rate in sorted(served["rates"].items())]
    if now != wanted:
        print(f"expected {len(wanted)} rates, each once with the value that the source serves; found {len(now)} that differ from that")
        return 1
    loads = rows("rates.db", "SELECT day, row_count FROM load_log ORDER BY day")
    if ("2024-06-03", 5) not in loads:
        print("the load log forgot the day before")
        return 4
    if loads != [("2024-06-03", 5), ("2024-06-04", 5)]:
        print(f"the load log should name one load of 5 rows for each day, it has {loads}")
        return 1
    print(f"{len(now) - len(before)} new rates, each loaded once; {len(before)} earlier rates unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main())

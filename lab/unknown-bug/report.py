"""Average sale per shop and day, as a CSV for the branch managers."""
import csv
import os
import sqlite3
import sys


def average(amounts):
    return sum(amounts) / len(amounts)


def main():
    source, target = sys.argv[1:]
    db = sqlite3.connect(source)
    day = db.execute("SELECT max(day) FROM sales").fetchone()[0]
    lines = []
    for shop, name in db.execute("SELECT shop_id, name FROM shops ORDER BY shop_id"):
        amounts = [cents for (cents,) in db.execute("SELECT cents FROM sales WHERE shop_id = ? AND day = ?", (shop, day))]
        lines.append((day, name, f"{average(amounts) / 100:.2f}"))
    with open(target + ".part", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("day", "shop", "average"), *lines])
    os.replace(target + ".part", target)
    db.close()
    print(f"reported {len(lines)} shops of {day}")


if __name__ == "__main__":
    main()

"""Makes the sales of a day on which one shop was closed, and the report of the day before."""
import os
import shutil
import sqlite3


def main():
    db = sqlite3.connect("sales.db")
    with db:
        db.execute("CREATE TABLE shops (shop_id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        db.execute("CREATE TABLE sales (sale_id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL REFERENCES shops, "
                   "day TEXT NOT NULL, cents INTEGER NOT NULL)")
        db.executemany("INSERT INTO shops VALUES (?, ?)", [(1, "harbour"), (2, "market"), (3, "station")])
        for day, shops in (("2024-06-03", (1, 2, 3)), ("2024-06-04", (1, 3))):
            db.executemany("INSERT INTO sales (shop_id, day, cents) VALUES (?, ?, ?)",
                           [(shop, day, 500 + shop * 110 + i * 45) for shop in shops for i in range(12)])
    db.close()
    with open("report.csv", "w", encoding="utf-8", newline="") as file:
        file.write("day,shop,average\r\n2024-06-03,harbour,8.57\r\n2024-06-03,market,9.68\r\n2024-06-03,station,10.78\r\n")
    os.mkdir("before")
    for name in ("sales.db", "report.csv", "report.py"):
        shutil.copy2(name, "before")


if __name__ == "__main__":
    main()

"""Makes the file that the source will serve, and a database that holds the day before."""
import json
import os
import shutil
import sqlite3

YESTERDAY = {"CHF": 0.9742, "GBP": 0.8511, "JPY": 169.31, "SEK": 11.392, "USD": 1.0858}
TODAY = {"CHF": 0.9698, "GBP": 0.8519, "JPY": 168.74, "SEK": 11.3505, "USD": 1.0877}


def main():
    os.makedirs("source/rates")
    with open("source/rates/2024-06-04.json", "w", encoding="utf-8") as file:
        json.dump({"day": "2024-06-04", "base": "EUR", "rates": TODAY}, file)
    db = sqlite3.connect("rates.db")
    with db:
        db.execute("CREATE TABLE rates (day TEXT NOT NULL, currency TEXT NOT NULL, rate REAL NOT NULL)")
        db.execute("CREATE TABLE load_log (day TEXT NOT NULL, row_count INTEGER NOT NULL)")
        db.executemany("INSERT INTO rates VALUES ('2024-06-03', ?, ?)", YESTERDAY.items())
        db.execute("INSERT INTO load_log VALUES ('2024-06-03', 5)")
    db.close()
    os.mkdir("before")
    shutil.copy2("rates.db", "before/rates.db")


if __name__ == "__main__":
    main()

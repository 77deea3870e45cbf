"""Makes the stock levels of yesterday."""
import os
import shutil
import sqlite3


def main():
    db = sqlite3.connect("stock.db")
    with db:
        db.execute("CREATE TABLE stock (article TEXT PRIMARY KEY, pieces INTEGER NOT NULL)")
        db.executemany("INSERT INTO stock VALUES (?, ?)", [(f"A-{700 + i}", i * 37 % 90) for i in range(30)])
    db.close()
    os.mkdir("before")
    shutil.copy2("stock.db", "before/stock.db")


if __name__ == "__main__":
    main()

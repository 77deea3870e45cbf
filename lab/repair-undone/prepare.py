"""Makes a table that forbids negative quantities, and a file with a new column and one return in it."""
import os
import shutil
import sqlite3


def main():
    db = sqlite3.connect("shop.db")
    with db:
        db.execute("CREATE TABLE sales (sale_id INTEGER PRIMARY KEY, article TEXT NOT NULL, "
                   "quantity INTEGER NOT NULL CHECK (quantity > 0))")
        db.executemany("INSERT INTO sales VALUES (?, ?, ?)", [(i, f"A-{i % 9}", 1 + i % 5) for i in range(1, 31)])
    db.close()
    with open("till.csv", "w", encoding="utf-8") as file:
        file.write("sale_id,article,quantity,till\n")
        file.writelines(f"{i},A-{i % 9},{-2 if i == 44 else 1 + i % 5},till-{i % 3}\n" for i in range(31, 51))
    os.mkdir("before")
    for name in ("shop.db", "till.csv"):
        shutil.copy2(name, "before")


if __name__ == "__main__":
    main()

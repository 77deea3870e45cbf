"""Makes a warehouse with earlier orders, and an incoming file that has one column more than the table."""
import csv
import os
import shutil
import sqlite3


def main():
    db = sqlite3.connect("warehouse.db")
    with db:
        db.execute("CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer TEXT NOT NULL, amount REAL NOT NULL, "
                   "ordered_on TEXT NOT NULL)")
        db.execute("CREATE INDEX orders_by_day ON orders (ordered_on)")
        db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)",
                       [(1001 + i, f"customer-{i % 7}", round(12.5 + i * 3.75, 2), "2024-06-03") for i in range(40)])
    db.close()
    os.mkdir("incoming")
    with open("incoming/orders.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["order_id", "customer", "amount", "discount_percent", "ordered_on"])
        for i in range(25):
            discount = "" if i % 5 == 0 else f"{2.5 * (i % 4 + 1):.1f}"
            writer.writerow([1041 + i, f"customer-{i % 7}", f"{20 + i * 2.25:.2f}", discount, "2024-06-04"])
    os.mkdir("before")
    shutil.copy2("warehouse.db", "before/warehouse.db")
    shutil.copy2("incoming/orders.csv", "before/orders.csv")


if __name__ == "__main__":
    main()

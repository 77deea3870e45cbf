"""The table has the new column with a number type; the earlier orders are as they were, the new ones have the file's values."""
import csv
import hashlib
import sqlite3
import sys

OLD_COLUMNS = "order_id, customer, amount, ordered_on"


def checksum(db, condition):
    rows = db.execute(f"SELECT {OLD_COLUMNS} FROM orders WHERE {condition} ORDER BY order_id").fetchall()
    return len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()


def incoming_rows():
    with open("incoming/orders.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            discount = float(row["discount_percent"]) if row["discount_percent"] else None
            yield int(row["order_id"]), row["customer"], float(row["amount"]), row["ordered_on"], discount


def main():
    before, now = sqlite3.connect("before/warehouse.db"), sqlite3.connect("warehouse.db")
    there, sum_then = checksum(before, "1")
    kept, sum_now = checksum(now, "order_id <= 1040")
    if kept < there:
        print(f"{there - kept} of {there} earlier orders are gone")
        return 4
    if sum_then != sum_now:
        print("the earlier orders have other values than before")
        return 4
    columns = {name: kind for _, name, kind, *_ in now.execute("PRAGMA table_info(orders)")}
    wanted_columns = {"order_id": "INTEGER", "customer": "TEXT", "amount": "REAL", "ordered_on": "TEXT", "discount_percent": "REAL"}
    if columns != wanted_columns:
        print(f"the table's columns are {columns}")
        return 1
    if now.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'orders_by_day'").fetchone() != (1,):
        print("the table lost its index")
        return 1
    found = now.execute(f"SELECT {OLD_COLUMNS}, discount_percent FROM orders WHERE order_id > 1040 ORDER BY order_id").fetchall()
    wanted = list(incoming_rows())
    if found != wanted:
        print(f"the {len(found)} new orders differ from the {len(wanted)} of the file")
        return 1
    if now.execute("SELECT count(discount_percent) FROM orders WHERE order_id <= 1040").fetchone() != (0,):
        print("earlier orders got a discount that nobody gave")
        return 1
    print(f"column discount_percent REAL is there; {len(found)} new orders with the file's values; {kept} earlier orders unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main())

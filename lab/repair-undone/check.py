"""The table has its former definition and exactly its former rows; the incoming file is as it was."""
import pathlib
import sqlite3
import sys


def main():
    before, now = sqlite3.connect("before/shop.db"), sqlite3.connect("shop.db")
    rows = "SELECT sale_id, article, quantity FROM sales ORDER BY sale_id"
    old, found = before.execute(rows).fetchall(), now.execute(rows).fetchall()
    if set(old) - set(found):
        print(f"{len(set(old) - set(found))} of {len(old)} earlier sales are gone or changed")
        return 4
    if found != old:
        print(f"{len(found) - len(old)} sales of a file that cannot be loaded as a whole are in the table")
        return 1
    columns = "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('sales')"
    if now.execute(columns).fetchall() != before.execute(columns).fetchall():
        print(f"the table's columns are {now.execute(columns).fetchall()}: the column that was added is not undone")
        return 1
    definition = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'sales'"
    if now.execute(definition).fetchone() != before.execute(definition).fetchone():
        print("the table's definition is another one than before")
        return 1
    if pathlib.Path("till.csv").read_bytes() != pathlib.Path("before/till.csv").read_bytes():
        print("the incoming file was changed")
        return 1
    print(f"the table has its former columns and its {len(old)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What a person would do: add the column."""
import sqlite3

with sqlite3.connect("warehouse.db") as db:
    db.execute("ALTER TABLE orders ADD COLUMN discount_percent REAL")

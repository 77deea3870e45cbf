"""What a person would do: add the column."""
import sqlite3

with sqlite3.connect("ledger.db") as db:
    db.execute("ALTER TABLE bookings ADD COLUMN cost_centre TEXT")

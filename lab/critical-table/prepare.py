"""Makes a ledger, and a statement that has one column more than its table."""
import os
import shutil
import sqlite3


def main():
    db = sqlite3.connect("ledger.db")
    with db:
        db.execute("CREATE TABLE bookings (booking_id INTEGER PRIMARY KEY, account TEXT NOT NULL, cents INTEGER NOT NULL, "
                   "booked_on TEXT NOT NULL)")
        db.executemany("INSERT INTO bookings VALUES (?, ?, ?, '2024-06-03')",
                       [(i, f"acc-{i % 4}", (-1) ** i * (900 + i * 55)) for i in range(1, 21)])
    db.close()
    with open("statement.csv", "w", encoding="utf-8") as file:
        file.write("booking_id,account,cents,booked_on,cost_centre\n")
        file.writelines(f"{i},acc-{i % 4},{i * 110},2024-06-04,CC{10 + i % 3}\n" for i in range(21, 36))
    os.mkdir("before")
    for name in ("ledger.db", "statement.csv"):
        shutil.copy2(name, "before")


if __name__ == "__main__":
    main()

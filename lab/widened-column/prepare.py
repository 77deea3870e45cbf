"""Makes a strict table with whole degrees, and an incoming file with tenths."""
import os
import shutil
import sqlite3

SCHEMA = """
CREATE TABLE readings (
  reading_id INTEGER PRIMARY KEY,
  sensor TEXT NOT NULL,
  taken_at TEXT NOT NULL,
  celsius INTEGER NOT NULL,          -- whole degrees
  UNIQUE (sensor, taken_at)
) STRICT;
CREATE INDEX readings_by_time ON readings (taken_at);
"""


def main():
    db = sqlite3.connect("climate.db")
    db.executescript(SCHEMA)
    with db:
        db.executemany("INSERT INTO readings (sensor, taken_at, celsius) VALUES (?, ?, ?)",
                       [(f"room-{i % 6}", f"2024-06-03T{i // 6:02}:00", 17 + i % 9) for i in range(144)])
    db.close()
    with open("readings.csv", "w", encoding="utf-8") as file:
        file.write("sensor,taken_at,celsius\n")
        file.writelines(f"room-{i % 6},2024-06-04T{i // 6:02}:00,{18 + i % 50 / 10:.1f}\n" for i in range(144))
    os.mkdir("before")
    shutil.copy2("climate.db", "before/climate.db")


if __name__ == "__main__":
    main()

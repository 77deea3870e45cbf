"""What a person would do: build the table anew with the wider column."""
import sqlite3

db = sqlite3.connect("climate.db")
db.executescript("""
BEGIN;
CREATE TABLE wider (
  reading_id INTEGER PRIMARY KEY,
  sensor TEXT NOT NULL,
  taken_at TEXT NOT NULL,
  celsius REAL NOT NULL,
  UNIQUE (sensor, taken_at)
) STRICT;
INSERT INTO wider SELECT * FROM readings;
DROP TABLE readings;
ALTER TABLE wider RENAME TO readings;
CREATE INDEX readings_by_time ON readings (taken_at);
COMMIT;
""")
db.close()

"""celsius is REAL and the table is otherwise as it was; earlier readings keep id and value, the new ones have their tenths."""
import csv
import sqlite3
import sys


def main():
    before, now = sqlite3.connect("before/climate.db"), sqlite3.connect("climate.db")
    everything = "SELECT reading_id, sensor, taken_at, celsius FROM readings ORDER BY reading_id"
    old = before.execute(everything).fetchall()
    found = now.execute(everything).fetchall()
    if set(old) - set(found):
        print(f"{len(set(old) - set(found))} of {len(old)} earlier readings are gone or changed")
        return 4
    columns = [(name, kind, not_null, key) for _, name, kind, not_null, _, key in now.execute("PRAGMA table_info(readings)")]
    wanted_columns = [(name, "REAL" if name == "celsius" else kind, not_null, key)
                      for _, name, kind, not_null, _, key in before.execute("PRAGMA table_info(readings)")]
    if columns != wanted_columns:
        print(f"the table's columns are {columns}")
        return 1
    if now.execute("SELECT strict FROM pragma_table_list WHERE name = 'readings'").fetchone() != (1,):
        print("the table is no longer strict")
        return 1
    indexes = "SELECT name, \"unique\", origin FROM pragma_index_list('readings') ORDER BY name"
    if now.execute(indexes).fetchall() != before.execute(indexes).fetchall():
        print("the table has other indexes than before")
        return 1
    with open("readings.csv", newline="", encoding="utf-8") as file:
        wanted = [(row["sensor"], row["taken_at"], float(row["celsius"])) for row in csv.DictReader(file)]
    new = [row[1:] for row in found[len(old):]]
    if new != wanted or now.execute("SELECT count(*) FROM readings WHERE typeof(celsius) <> 'real'").fetchone() != (0,):
        print(f"the {len(new)} new readings differ from the {len(wanted)} of the file")
        return 1
    print(f"celsius is REAL; {len(new)} new readings with tenths; {len(old)} earlier readings keep their id and value")
    return 0


if __name__ == "__main__":
    sys.exit(main())

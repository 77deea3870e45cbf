"""Only batch_size went back, to the byte; the edit that was meant stays; the visits of both days are loaded."""
import sqlite3
import sys


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def visits(path):
    db = sqlite3.connect(path)
    try:
        return set(db.execute("SELECT visit_id, page, seconds FROM visits"))
    finally:
        db.close()


def main():
    before, now = visits("before/visits.db"), visits("visits.db")
    if len(before) != 1200:
        print(f"the first run should have left 1200 visits, it left {len(before)}")
        return 1
    if before - now:
        print(f"{len(before - now)} of {len(before)} earlier visits are gone or changed")
        return 4
    wanted = read("before/settings.ini").replace("chatty = no", "chatty = yes")
    if read("settings.ini") != wanted:
        print("settings.ini is not the good one with the meant edit in it")
        return 1
    expected = {(i, f"/page/{i % 17}", i * 7 % 301) for i in range(1, 1751)}
    if now != expected:
        print(f"{len(expected - now)} of {len(expected)} visits are missing")
        return 1
    new = len(now) - len(before)
    print(f"batch_size is 500 again, all else in settings.ini stays; {new} new visits, {len(before)} earlier ones unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main())

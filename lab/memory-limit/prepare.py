"""Makes two weeks of readings, some of them corrected later, and a database that holds the week before."""
import os
import shutil
import sqlite3

METERS = 12
DAYS = 14


def readings():
    for day in range(3, 3 + DAYS):
        for minute in range(1440):
            stamp = f"2024-06-{day:02}T{minute // 60:02}:{minute % 60:02}"
            for meter in range(METERS):
                yield f"m{meter:03}", stamp, (minute * 7 + meter * 31 + day * 13) % 97
        for meter in range(METERS):
            yield f"m{meter:03}", f"2024-06-{day:02}T06:30", 500 + meter


def main():
    with open("readings.csv", "w", encoding="utf-8") as file:
        file.write("meter,minute,watt_hours\n")
        file.writelines(f"{meter},{minute},{value}\n" for meter, minute, value in readings())
    db = sqlite3.connect("meters.db")
    with db:
        db.execute("CREATE TABLE hourly (meter TEXT NOT NULL, hour TEXT NOT NULL, watt_hours INTEGER NOT NULL, PRIMARY KEY (meter, hour))")
        db.executemany("INSERT INTO hourly VALUES (?, ?, ?)", [(f"m{meter:03}", f"2024-06-02T{hour:02}", 1000 + meter * 24 + hour)
                                                             for meter in range(METERS) for hour in range(24)])
    db.close()
    os.mkdir("before")
    shutil.copy2("meters.db", "before/meters.db")


if __name__ == "__main__":
    main()

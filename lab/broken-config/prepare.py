"""Makes the settings file as it should be, the first day's visits and an empty target."""
import sqlite3

SETTINGS = """\
; settings of the visits load, kept by the web team
[target]
database = visits.db

[load]
file = visits.csv
delimiter = ;
# rows in one transaction; more than 2000 lock out the dashboard
batch_size = 500

[report]
chatty = no
"""


def main():
    with open("settings.ini", "w", encoding="utf-8") as file:
        file.write(SETTINGS)
    with open("visits.csv", "w", encoding="utf-8") as file:
        file.write("visit_id;page;seconds\n")
        file.writelines(f"{i};/page/{i % 17};{i * 7 % 301}\n" for i in range(1, 1201))
    db = sqlite3.connect("visits.db")
    with db:
        db.execute("CREATE TABLE visits (visit_id INTEGER PRIMARY KEY, page TEXT NOT NULL, seconds INTEGER NOT NULL)")
    db.close()


if __name__ == "__main__":
    main()

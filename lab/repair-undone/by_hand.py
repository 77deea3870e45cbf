"""What a person would do: add the column, and take the return out of the file of sales."""
import sqlite3

with sqlite3.connect("shop.db") as db:
    db.execute("ALTER TABLE sales ADD COLUMN till TEXT")
with open("till.csv", encoding="utf-8") as file:
    lines = file.readlines()
with open("till.csv", "w", encoding="utf-8") as file:
    file.writelines(line for line in lines if ",-" not in line)

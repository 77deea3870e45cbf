"""Replaces the stock levels by those that the warehouse reports now."""
import json
import os
import sqlite3
import urllib.request


def main():
    with urllib.request.urlopen(os.environ["STOCK_URL"], timeout=10) as response:
        stock = json.load(response)
    db = sqlite3.connect("stock.db")
    with db:
        db.execute("DELETE FROM stock")
        db.executemany("INSERT INTO stock (article, pieces) VALUES (?, ?)", stock.items())
    db.close()
    print(f"loaded {len(stock)} articles")


if __name__ == "__main__":
    main()

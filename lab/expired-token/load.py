"""Loads the open shipments from the carrier's API."""
import json
import os
import sqlite3
import sys
import urllib.error
import urllib.request


def fetch(token):
    request = urllib.request.Request(os.environ["API_URL"] + "/data", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        print(f"GET /data: {error.code} {error.reason}: {error.read().decode(errors='replace')}", file=sys.stderr)
        raise


def main():
    with open("token.json", encoding="utf-8") as file:
        token = json.load(file)["access_token"]
    shipments = fetch(token)["shipments"]
    db = sqlite3.connect("shipments.db")
    with db:
        db.executemany("INSERT OR REPLACE INTO shipments (number, weight_grams, state) VALUES (:number, :weight_grams, :state)", shipments)
    db.close()
    print(f"loaded {len(shipments)} shipments")


if __name__ == "__main__":
    main()

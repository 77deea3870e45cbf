"""The shipments are loaded, and the token is a new one, signed by the API, that is still good and that only its owner can read."""
import hashlib
import hmac
import json
import os
import sqlite3
import stat
import sys
import time


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def rows(path):
    db = sqlite3.connect(path)
    try:
        return set(db.execute("SELECT number, weight_grams, state FROM shipments"))
    finally:
        db.close()


def token_problem():
    token = json.loads(read("token.json"))["access_token"]
    if token == json.loads(read("before/token.json"))["access_token"]:
        return "the token is still the old one"
    expires_at, _, signature = token.partition(".")
    wanted = hmac.new(read("service/signing_key").encode(), expires_at.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, wanted) or int(expires_at) <= time.time():
        return "the token is not one that the API would take"
    if stat.S_IMODE(os.stat("token.json").st_mode) != 0o600:
        return "others can read the token"
    return None


def main():
    before, now = rows("before/shipments.db"), rows("shipments.db")
    if before - now:
        print(f"{len(before - now)} of {len(before)} earlier shipments are gone or changed")
        return 4
    served = {(item["number"], item["weight_grams"], item["state"]) for item in json.loads(read("service/data.json"))["shipments"]}
    if now != before | served:
        print(f"{len(served - now)} of {len(served)} shipments are missing")
        return 1
    problem = token_problem()
    if not problem and read("refresh_secret") != read("before/refresh_secret"):
        problem = "the refresh secret was changed"
    if problem:
        print(problem)
        return 1
    print(f"{len(served)} shipments loaded with a renewed token; {len(before)} earlier ones unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Makes the API's keys and data, and a token that the API once signed but that has expired since."""
import hashlib
import hmac
import json
import os
import secrets
import shutil
import sqlite3
import time


def write(path, text, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)


def main():
    os.mkdir("service")
    key, secret = secrets.token_hex(32), secrets.token_hex(24)
    write("service/signing_key", key)
    write("service/refresh_secret", secret)
    write("refresh_secret", secret)
    shipments = [{"number": f"SH-{4100 + i}", "weight_grams": 850 + i * 125, "state": "in transit" if i % 3 else "delayed"}
                 for i in range(8)]
    write("service/data.json", json.dumps({"shipments": shipments}))
    expired_at = int(time.time()) - 3600
    signature = hmac.new(key.encode(), str(expired_at).encode(), hashlib.sha256).hexdigest()
    write("token.json", json.dumps({"access_token": f"{expired_at}.{signature}", "expires_at": expired_at}))
    db = sqlite3.connect("shipments.db")
    with db:
        db.execute("CREATE TABLE shipments (number TEXT PRIMARY KEY, weight_grams INTEGER NOT NULL, state TEXT NOT NULL)")
        db.executemany("INSERT INTO shipments VALUES (?, ?, 'delivered')", [("SH-3990", 1200), ("SH-3991", 400), ("SH-3992", 2050)])
    db.close()
    os.mkdir("before")
    for name in ("shipments.db", "token.json", "refresh_secret"):
        shutil.copy2(name, "before")


if __name__ == "__main__":
    main()

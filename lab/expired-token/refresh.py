"""Exchanges the refresh secret for a new access token and puts it where the job reads it."""
import json
import os
import urllib.parse
import urllib.request


def main():
    with open("refresh_secret", encoding="utf-8") as file:
        secret = file.read().strip()
    form = urllib.parse.urlencode({"grant_type": "refresh_token", "refresh_token": secret}).encode()
    with urllib.request.urlopen(os.environ["API_URL"] + "/token", data=form, timeout=10) as response:
        answer = json.load(response)
    part = os.open("token.json.part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(part, "w", encoding="utf-8") as file:
        json.dump({"access_token": answer["access_token"], "expires_at": answer["expires_at"]}, file)
    os.replace("token.json.part", "token.json")
    print("token renewed")


if __name__ == "__main__":
    main()

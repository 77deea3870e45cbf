"""The carrier's API: POST /token gives signed tokens that live five minutes, GET /data wants one that has not expired."""
import hashlib
import hmac
import http.server
import json
import os
import signal
import time
import urllib.parse

LIFETIME_SECONDS = 300


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def sign(expires_at):
    return hmac.new(read("service/signing_key").encode(), str(expires_at).encode(), hashlib.sha256).hexdigest()


def problem_of(token):
    """Why the token is refused; nothing when it is good."""
    expires_at, _, signature = token.partition(".")
    if not expires_at.isdigit() or not hmac.compare_digest(signature, sign(int(expires_at))):
        return "The access token is not valid"
    return "The access token expired" if int(expires_at) <= time.time() else None


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body, headers=()):
        encoded = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        if self.path != "/token":
            return self.answer(404, {"error": "not_found"})
        secret = form.get("refresh_token", [""])[0]
        if form.get("grant_type") != ["refresh_token"] or not hmac.compare_digest(secret, read("service/refresh_secret")):
            return self.answer(400, {"error": "invalid_grant"})
        expires_at = int(time.time()) + LIFETIME_SECONDS
        self.answer(200, {"access_token": f"{expires_at}.{sign(expires_at)}", "token_type": "Bearer", "expires_at": expires_at})

    def do_GET(self):
        if self.path != "/data":
            return self.answer(404, {"error": "not_found"})
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        problem = problem_of(token) if scheme == "Bearer" else "The access token is missing"
        if problem:
            challenge = f'Bearer error="invalid_token", error_description="{problem}"'
            return self.answer(401, {"error": "invalid_token", "error_description": problem}, [("WWW-Authenticate", challenge)])
        self.answer(200, json.loads(read("service/data.json")))

    def log_message(self, format, *args):
        pass


def main():
    signal.alarm(300)  # never outlives a lab that was killed
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["LAB_PORT"])), Handler)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()

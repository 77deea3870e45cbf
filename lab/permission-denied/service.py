"""The export server: knows accounts by their key, and gives an export to those whose role holds exports.read."""
import hmac
import http.server
import json
import os
import signal


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, code, status, message):
        self.answer(code, "application/json", json.dumps({"error": {"code": code, "status": status, "message": message}}).encode())

    def do_GET(self):
        name = self.headers.get("X-Account", "")
        account = read_json("service/accounts.json").get(name)
        if not account or not hmac.compare_digest(account["key"], self.headers.get("X-Account-Key", "")):
            return self.refuse(401, "UNAUTHENTICATED", "Unknown account or key")
        resource = self.path.lstrip("/")
        if "exports.read" not in read_json("service/roles.json")[account["role"]]:
            return self.refuse(403, "PERMISSION_DENIED",
                               f"Permission 'exports.read' denied for principal '{name}' on resource '{resource}'")
        with open("service/daily.csv", "rb") as file:
            self.answer(200, "text/csv", file.read())

    def log_message(self, format, *args):
        pass


def main():
    signal.alarm(300)  # never outlives a lab that was killed
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["LAB_PORT"])), Handler)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()

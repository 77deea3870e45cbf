"""Answers by the path; prints its port first. State: how often each path was asked (GET /count/PATH tells), the last POST (/last)."""
import gzip, json, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

counts, last, lock = {}, {}, threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        if path.startswith("/count/"):
            return self.answer(200, str(counts.get(path[6:], 0)).encode())
        if path == "/last":
            return self.answer(200, json.dumps(last).encode())
        with lock:
            counts[path] = counts.get(path, 0) + 1
            count = counts[path]
            if self.command == "POST":
                keys = last.get("keys", []) + [self.headers.get("Idempotency-Key")]
                last.update(body=body.decode("utf-8", "replace"), headers={k.lower(): v for k, v in self.headers.items()}, keys=keys)
        if path == "/echo":
            headers = {k.lower(): v for k, v in self.headers.items()}
            text = json.dumps({"method": self.command, "body": body.decode("latin-1"), "headers": headers})
            return self.answer(200, text.encode(), [("X-Twice", "a"), ("X-Twice", "b")])
        if path.startswith("/status/"):
            return self.answer(int(path[8:]), b"status " + path[8:].encode())
        if path.startswith("/flaky/"):  # /flaky/2/name: 503 twice, then 200
            return self.answer(503 if count <= int(path.split("/")[2]) else 200, b"flaky")
        if path.startswith("/to/"):  # redirect to what the query says
            return self.answer(int(path[4:]), b"", [("Location", query)])
        if path == "/loop":
            return self.answer(302, b"", [("Location", "/loop")])
        if path.startswith("/bytes/"):
            return self.answer(200, b"x" * int(path[7:]))
        if path == "/bomb":
            return self.answer(200, gzip.compress(b"\0" * (50 << 20)), [("Content-Encoding", "gzip")])
        if path == "/gzip":
            return self.answer(200, gzip.compress(b"unpacked"), [("Content-Encoding", "gzip")])
        if path == "/many-headers":
            return self.answer(200, b"", [("X-%d" % i, "y" * 8000) for i in range(60)])
        if path == "/hang":  # an answer that never comes
            self.wfile.flush()
            threading.Event().wait(600)
        if path == "/broken":
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
            return
        return self.answer(404, b"no")

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients that break off are part of the tests


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()

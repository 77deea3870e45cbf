"""What the harvest modules share: a fault, the place it is provoked in, servers to talk to, and how a printed text is made neutral.

A fault is provoked for real: a process is started and fails. `expect` is a pattern that its output must hold, or the fault counts as
not provoked and nothing is recorded. The label is what was provoked, never what the text looks like.
"""
from __future__ import annotations

import atexit
import http.server
import os
import re
import resource
import shutil
import signal
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

REPO = Path(__file__).resolve().parents[2]
BUILD = REPO / "build" / "harvest"
TAIL = 6000

JOBS = ["orders_daily", "meter_readings", "ticket_sales", "inventory_sync", "clinic_visits", "freight_rates", "press_index", "wind_park",
        "library_loans", "tram_counts", "harvest_yield", "parcel_scans", "hotel_nights", "ferry_manifest", "school_meals", "rail_delays"]
SCRIPTS = ["load", "extract", "transform", "publish", "main", "step", "build_mart", "sync", "export", "merge", "job", "stage"]


class Skip(Exception):
    """The tool is not here, or this machine cannot do it."""


@dataclass
class Fault:
    name: str
    type: str
    cause: str
    expect: str
    run: Callable[["Context", Path], str]
    platform: str | None = None


@dataclass
class Tool:
    name: str
    platform: str
    version: Callable[["Context"], str]  # raises Skip with the reason
    faults: list[Fault]
    setup: Callable[["Context"], None] | None = None
    quick: bool = False
    label: str | None = None


def pick(words: list[str], key: str) -> str:
    return words[zlib.crc32(key.encode()) % len(words)]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_port(port: int, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise Skip(f"nothing listens on the port after {seconds} s") from None
            time.sleep(0.05)


def find(name: str, *folders: str) -> str:
    path = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/go/bin", *folders]))
    if not path:
        raise Skip(f"{name} is not installed")
    return path


def first_line(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", timeout=60)
    return ((done.stdout or done.stderr).strip().splitlines() or [""])[0]


@dataclass
class Context:
    root: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="hv", dir="/tmp")))
    vars: dict = field(default_factory=dict)
    aliases: list[tuple[str, str]] = field(default_factory=list)
    closers: list[Callable[[], None]] = field(default_factory=list)
    env: dict = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.root.chmod(0o755)
        self.home = self.root / "home" / "etl"
        self.home.mkdir(parents=True)
        atexit.register(self.close)

    def close(self) -> None:
        while self.closers:
            try:
                self.closers.pop()()
            except Exception as e:  # one server that will not stop must not keep the others
                print(f"    closing: {e}", file=sys.stderr)
        subprocess.run(["chmod", "-R", "u+rwX", str(self.root)], capture_output=True)
        shutil.rmtree(self.root, ignore_errors=True)

    def alias(self, text: object, shown: str) -> None:
        self.aliases.append((str(text), shown))

    def port(self, shown: int) -> int:
        """A free port that is written down as `shown`."""
        p = free_port()
        self.alias(p, str(shown))
        return p

    def folder(self, key: str) -> Path:
        self.count += 1
        path = self.root / f"w{self.count:04d}"
        path.mkdir()
        self.alias(path, "/srv/jobs/" + pick(JOBS, key))
        return path

    def environment(self, extra: dict | None = None) -> dict:
        keep = {k: v for k, v in os.environ.items() if k in ("LD_LIBRARY_PATH", "JAVA_HOME", "SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS",
                                                             "CARGO_HOME", "RUSTUP_HOME", "GOPROXY", "GOFLAGS", "GONOSUMDB", "GOSUMDB")}
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", "USER": "etl", "LOGNAME": "etl", "TERM": "dumb",
                "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "120", "NO_COLOR": "1", **keep, **self.env, **(extra or {})}

    def call(self, argv: list[str], cwd: Path, *, env: dict | None = None, limits: dict | None = None, timeout: float = 90,
             stdin: str | None = None, keep_caps: bool = False, kill_after: tuple[float, int] | None = None, status: bool = False) -> str:
        """What the command prints on both streams. Without the rights of root, so that file modes bind as they bind any user."""
        limits = {k: v for k, v in (limits or {}).items()}

        def before() -> None:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            for name, value in limits.items():
                resource.setrlimit(getattr(resource, "RLIMIT_" + name.upper()), (value, value))
            for s in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them; a child inherits that
                signal.signal(s, signal.SIG_DFL)

        argv = [str(a) for a in argv]
        if os.geteuid() == 0 and not keep_caps:
            argv = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *argv]
        process = subprocess.Popen(argv, cwd=cwd, env=self.environment(env), stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=before)
        timer = None
        if kill_after:
            timer = threading.Timer(kill_after[0], lambda: os.killpg(process.pid, kill_after[1]))
            timer.start()
        try:
            out, _ = process.communicate(stdin.encode() if stdin is not None else None, timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, _ = process.communicate()
            raise Skip(f"took longer than {timeout} s: {out[-300:].decode(errors='replace')}") from None
        finally:
            if timer:
                timer.cancel()
        text = out.decode("utf-8", errors="replace")
        if status:
            text += f"\nexit code {process.returncode}" if process.returncode >= 0 else f"\nkilled by signal {-process.returncode}"
        return text

    def daemon(self, argv: list[str], cwd: Path, *, env: dict | None = None, log: str = "server.log") -> subprocess.Popen:
        with open(cwd / log, "ab") as out:
            process = subprocess.Popen([str(a) for a in argv], cwd=cwd, env=self.environment(env), stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=out, start_new_session=True)

        def stop() -> None:
            for s in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, s)
                    process.wait(10)
                    return
                except subprocess.TimeoutExpired:
                    continue
                except ProcessLookupError:
                    return
        self.closers.append(stop)
        return process

    def neutral(self, text: str) -> str:
        for raw, shown in sorted(self.aliases, key=lambda a: -len(a[0])):
            if raw.isdigit():
                text = re.sub(rf"(?<![\d]){raw}(?!\d)", shown, text)
            else:
                text = text.replace(raw, shown)
        for raw, shown in ((self.home, "/home/etl"), (self.root, "/srv/jobs"), (BUILD / "venv", "/opt/venv"), (BUILD, "/opt"), (REPO, "/opt/etl"),
                           (sys.base_prefix, "/usr/local"), ("/root", "/home/etl")):
            if str(raw) not in ("/", "/usr", ""):
                text = text.replace(str(raw), shown)
        host = socket.gethostname()
        text = re.sub(r"/home/etl/\.pyenv/versions/[\d.]+", "/usr/local", text)
        text = re.sub(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", "worker-1", text)
        text = re.sub(r"\broot@", "etl@", text)
        text = text.replace("www." + "npmjs.com", "packages.example")
        text = re.sub(r"\b(user[ =:]+['\"]?)root\b", r"\1etl", text)
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r\n", "\n").replace("\x00", "")
        text = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n ")
        return text


def cut(text: str, expect: str) -> str:
    """Its last 6 kB; or its first, where a long stack hides what was said."""
    if len(text) <= TAIL:
        return text
    tail = text[-TAIL:]
    tail = tail[tail.find("\n") + 1:]
    return tail if re.search(expect, said(tail)) else text[:TAIL].rpartition("\n")[0]


def said(text: str) -> str:
    """Without the program's own lines that a traceback repeats: a proof must not be found in them."""
    return re.sub(r'(?m)^\s+File "[^\n]*", line \d+[^\n]*\n(?:(?!\s*File )[ \t]+[^\n]*\n)?(?:\s+[\^~ ]+$)?', "", text)


def normal(text: str) -> str:
    """What two prints of one fault have in common: no digits, no hexadecimal ids, no temporary names."""
    text = re.sub(r"\b[0-9a-f]{8,}\b|0x[0-9a-f]+|/tmp/\S+|\bw\d{4}\b", "#", text.lower())
    return re.sub(r"\s+", " ", re.sub(r"\d+", "#", text)).strip()


# ---- ways to state a fault

def _script(name: str, ending: str) -> str:
    return pick(SCRIPTS, name) + ending


def sh(name: str, type: str, cause: str, expect: str, text: str, *, status: bool = False, file: str | None = None, platform: str | None = None,
       vars: Callable | None = None, **call) -> Fault:
    """A shell script; {NAME} is filled from the context's variables."""
    def run(ctx: Context, cwd: Path) -> str:
        script = cwd / (file or _script(name, ".sh"))
        script.write_text(fill(ctx, text))
        return ctx.call(["bash", script.name], cwd, status=status, **call)
    return Fault(name, type, cause, expect, run, platform)


def cmd(name: str, type: str, cause: str, expect: str, command: str, **call) -> Fault:
    """One command line, printed text without a script's line number before it."""
    platform = call.pop("platform", None)

    def run(ctx: Context, cwd: Path) -> str:
        return ctx.call(["bash", "-c", fill(ctx, command)], cwd, **call)
    return Fault(name, type, cause, expect, run, platform)


def py(name: str, type: str, cause: str, expect: str, text: str, *, python: str = "PYTHON", args: tuple = (), file: str | None = None,
       platform: str | None = None, **call) -> Fault:
    def run(ctx: Context, cwd: Path) -> str:
        script = cwd / (file or _script(name, ".py"))
        script.write_text(fill(ctx, textwrap.dedent(text).lstrip("\n")))
        return ctx.call([ctx.vars.get(python, sys.executable), str(script), *args], cwd, **call)
    return Fault(name, type, cause, expect, run, platform)


def fill(ctx: Context, text: str) -> str:
    return re.sub(r"@([A-Z_0-9]+)@", lambda m: str(ctx.vars[m.group(1)]), text)


def venv_python(name: str = "venv", needs: str | None = None) -> str:
    python = BUILD / name / "bin" / "python"
    if not python.exists():
        raise Skip(f"no {name}: run harvest.py --install")
    if needs and subprocess.run([python, "-c", f"import {needs}"], capture_output=True).returncode:
        raise Skip(f"{needs} is not in {name}: run harvest.py --install")
    return str(python)


def package_version(python: str, package: str) -> str:
    return first_line(python, "-c", f"import importlib.metadata as m; print(m.version({package!r}))")


# ---- peers to talk to

def closed_port(ctx: Context, shown: int) -> int:
    return ctx.port(shown)


class Peer(http.server.BaseHTTPRequestHandler):
    """An HTTP service that answers for real with what its path stands for. The paths are ordinary names: they must not give the answer away."""
    protocol_version = "HTTP/1.1"
    ANSWERS = {
        "invoices": (401, {"WWW-Authenticate": 'Bearer realm="billing", error="invalid_token", error_description="The access token expired"'},
                     '{"error":"invalid_token","error_description":"The access token expired"}'),
        "basic": (401, {"WWW-Authenticate": 'Basic realm="warehouse"'}, "Unauthorized"),
        "ledger": (403, {}, '{"error":"forbidden","message":"principal svc-etl lacks ledger.read on this resource"}'),
        "orders": (429, {"Retry-After": "30", "X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0"}, '{"message":"API rate limit exceeded"}'),
        "report": (500, {}, '{"error":"internal server error"}'),
        "gateway": (502, {}, "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"),
        "stock": (503, {"Retry-After": "5"}, "upstream connect error or disconnect/reset before headers"),
        "prices": (504, {}, "<html><body><h1>504 Gateway Time-out</h1></body></html>"),
        "export-2019": (404, {}, '{"error":"not found"}'),
        "upload": (413, {}, '{"error":"request entity too large"}'),
        "batch": (409, {}, '{"error":"conflict","message":"the batch is being changed by another request"}'),
        "legacy": (410, {}, '{"error":"gone"}'),
        "method": (405, {"Allow": "GET"}, '{"error":"method not allowed"}'),
        "page": (200, {"Content-Type": "text/html"}, "<!doctype html><html><body>Please sign in</body></html>"),
        "half": (200, {"Content-Type": "application/json"}, '{"rows": [{"id": 1, "amount": 12.5}, {"id": 2, "am'),
    }

    def log_message(self, *_):
        pass

    def do_GET(self):
        name = self.path.split("?")[0].rstrip("/").removesuffix("/info/refs").rsplit("/", 1)[-1]
        if self.headers.get("Content-Length"):
            self.rfile.read(min(int(self.headers["Content-Length"]), 1 << 20))
        if name == "events":
            self.server.stopping.wait(20)
            self.close_connection = True
            return
        if name in ("archive", "reset", "odd", "chunks"):
            if name == "archive":  # promises more than it sends
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 90000\r\n\r\nid,amount\n1,2\n")
            elif name == "chunks":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n1,2,3\r\nff\r\n4,5")
            elif name == "odd":
                self.wfile.write(b"\x00\x01\x02 this is not http\r\n\r\n")
            self.wfile.flush()
            if name == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            self.close_connection = True
            return
        if name == "zip":
            code, headers, body = 200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08\x00broken-deflate-stream"
        elif name == "moved":
            code, headers, body = 302, {"Location": self.path}, b""
        else:
            code, headers, body = self.ANSWERS.get(name, (200, {}, "{}"))
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(code)
        for k, v in headers.items():
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_POST = do_PUT = do_HEAD = do_DELETE = do_GET


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def http_peer(ctx: Context, shown: int = 8080, certificate: tuple[Path, Path] | None = None) -> int:
    server = _Server(("127.0.0.1", 0), Peer)
    server.stopping = threading.Event()
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*map(str, certificate))
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    port = server.server_address[1]
    ctx.alias(port, str(shown))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ctx.closers.append(lambda: (server.stopping.set(), server.shutdown(), server.server_close()))
    return port


def silent_port(ctx: Context, shown: int) -> int:
    """Accepts a connection and never says a word."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(50)
    ctx.alias(s.getsockname()[1], str(shown))
    ctx.closers.append(s.close)
    return s.getsockname()[1]


def hangup_port(ctx: Context, shown: int, reset: bool = False, greeting: bytes = b"") -> int:
    """Accepts and closes at once, or resets."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(50)

    def loop() -> None:
        while True:
            try:
                c, _ = s.accept()
            except OSError:
                return
            try:
                if greeting:
                    c.sendall(greeting)
                    time.sleep(0.2)
                else:  # what was not read would turn every end into a reset
                    c.settimeout(0.3)
                    try:
                        c.recv(65536)
                    except TimeoutError:
                        pass
                if reset:
                    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                c.close()
            except OSError:
                pass
    threading.Thread(target=loop, daemon=True).start()
    ctx.alias(s.getsockname()[1], str(shown))
    ctx.closers.append(lambda: (s.shutdown(socket.SHUT_RDWR), s.close()))
    return s.getsockname()[1]


def full_port(ctx: Context, shown: int) -> int:
    """A listener whose queue is full: a connection attempt gets no answer at all."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(0)
    held = []
    for _ in range(4):
        c = socket.socket()
        c.setblocking(False)
        try:
            c.connect(s.getsockname())
        except BlockingIOError:
            pass
        held.append(c)
    time.sleep(0.1)
    ctx.alias(s.getsockname()[1], str(shown))
    ctx.closers.append(lambda: [c.close() for c in [*held, s]])
    return s.getsockname()[1]


def certificates(ctx: Context) -> Path:
    """A folder with a CA and server certificates made by openssl: good, expired, selfsigned, otherhost, future."""
    if "CERTS" in ctx.vars:
        return Path(ctx.vars["CERTS"])
    openssl = find("openssl")
    folder = ctx.root / "tls"
    folder.mkdir()

    def run(*argv: str) -> None:
        subprocess.run([openssl, *argv], cwd=folder, check=True, capture_output=True)
    (folder / "ca.cnf").write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\npolicy=p\n"
                                   "copy_extensions=copy\nunique_subject=no\nrand_serial=yes\n[p]\ncommonName=supplied\n")
    (folder / "index.txt").write_text("")
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Example Internal CA")
    for name, host, start, end in (("good", "localhost", "20200101000000Z", "20400101000000Z"), ("expired", "localhost", "20200101000000Z", "20210101000000Z"),
                                   ("otherhost", "warehouse.example", "20200101000000Z", "20400101000000Z"),
                                   ("future", "localhost", "20390101000000Z", "20400101000000Z")):
        ip = ",IP:127.0.0.1" if host == "localhost" else ""
        run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}{ip}")
        run("ca", "-batch", "-config", "ca.cnf", "-keyfile", "ca.key", "-cert", "ca.pem", "-in", f"{name}.csr", "-out", f"{name}.pem", "-notext",
            "-startdate", start, "-enddate", end)
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "selfsigned.key", "-out", "selfsigned.pem", "-days", "30", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    run("genrsa", "-aes256", "-passout", "pass:right", "-out", "locked.key", "2048")
    ctx.alias(folder, "/etc/etl/tls")
    ctx.vars["CERTS"] = folder
    return folder


def tls_peers(ctx: Context) -> None:
    folder = certificates(ctx)
    for name, shown in (("good", 8443), ("expired", 8444), ("selfsigned", 8445), ("otherhost", 8446), ("future", 8447)):
        ctx.vars["TLS_" + name.upper()] = http_peer(ctx, shown, (folder / f"{name}.pem", folder / f"{name}.key"))


def net_peers(ctx: Context) -> None:
    ctx.vars |= {"HTTP": http_peer(ctx, 8080), "CLOSED": ctx.port(9099), "SILENT": silent_port(ctx, 9400), "HANGUP": hangup_port(ctx, 9401),
                 "RESET": hangup_port(ctx, 9402, reset=True), "FULL": full_port(ctx, 9403)}


# ---- many faults in one process, for tools that start slowly

BATCH = r'''
import json, linecache, os, sys, traceback
work, spec = sys.argv[1], json.load(open(sys.argv[2]))
env = {"__name__": "__main__", "work": work}
exec(compile(spec["prepare"], "prepare.py", "exec"), env)
for name, file, code in spec["faults"]:
    path = os.path.join(work, file)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(code)
    log = open(path + ".out", "wb")
    sys.stdout.flush(); sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    os.dup2(log.fileno(), 1); os.dup2(log.fileno(), 2)
    here = dict(env)
    try:
        linecache.checkcache()
        exec(compile(code, path, "exec"), here)
    except BaseException as e:
        tb = e.__traceback__.tb_next  # without this file's own frame
        sys.stdout.flush(); sys.stderr.flush()
        if "excepthook" in env:
            env["excepthook"](type(e), e, tb)
        else:
            traceback.print_exception(type(e), e, tb)
    sys.stdout.flush(); sys.stderr.flush()
    os.dup2(kept[0], 1); os.dup2(kept[1], 2)
    print(name, flush=True)
if "after" in env:
    env["after"]()
'''


def batch(tool: str, prepare: str) -> tuple[Callable, Callable]:
    """(snippet, run_all): state faults with snippet(), and call run_all(ctx, python) from setup()."""
    spec: list[tuple[str, str, str]] = []

    def snippet(name: str, type: str, cause: str, expect: str, code: str, *, platform: str | None = None) -> Fault:
        spec.append((name, f"{pick(JOBS, name)}_{len(spec)}/{_script(name, '.py')}", textwrap.dedent(code).lstrip("\n")))
        at = len(spec) - 1

        def run(ctx: Context, cwd: Path) -> str:
            out = ctx.vars["BATCH_" + tool] / (spec[at][1] + ".out")
            if not out.exists():
                raise Skip("the batch ended before it")
            return re.sub(rf"(/srv/jobs/|/)({pick(JOBS, name)})_{at}/", r"\1\2/", out.read_text(errors="replace"))
        return Fault(name, type, cause, expect, run, platform)

    def run_all(ctx: Context, python: str, timeout: float = 900, **call) -> None:
        import json
        work = ctx.root / "batch"
        work.mkdir()
        ctx.alias(work, "/srv/jobs")
        ctx.vars["BATCH_" + tool] = work
        (work / "batch.py").write_text(BATCH)
        (work / "spec.json").write_text(json.dumps({"prepare": fill(ctx, prepare), "faults": [(n, f, fill(ctx, c)) for n, f, c in spec]}))
        text = ctx.call([python, "batch.py", str(work), "spec.json"], work, timeout=timeout, **call)
        if len(list(work.glob("*/*.out"))) < len(spec):
            print("    batch:", text[-1500:])
    return snippet, run_all

"""Drives the real program from outside. Every test has a home of its own in a temporary folder and an environment without Mendline's
variables; what a test started is ended when it is over."""
import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAB = ROOT / "lab"
BINARY = os.environ.get("MENDLINE_BINARY") or str(ROOT / "build/release/bin/mendline")
SANITIZED = bool(os.environ.get("MENDLINE_SANITIZED"))


def scaled(seconds):
    """A limit of time that also holds for the slow sanitizer builds."""
    return seconds * 15 if SANITIZED else seconds


def clean_env(**more):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MENDLINE_", "XDG_STATE_HOME", "NO_COLOR"))}
    env.update(more)
    return env


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds=10, what="the condition"):
    """Polls until the condition gives something true, and returns that."""
    end = time.monotonic() + scaled(seconds)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true within {scaled(seconds)} s")
        time.sleep(0.02)


def process_is_gone(pid):
    """Also true for a zombie that nobody has asked for yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


class Measured(subprocess.CompletedProcess):
    """A finished process with the most memory that it had, in MiB."""
    peak_mib = 0.0


class Home:
    """A home that does not exist yet, and a working folder beside it."""

    def __init__(self, **env):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="mendline-test-"))
        self.path = self.root / "home"
        self.work = self.root / "work"
        self.work.mkdir()
        self.env = clean_env(HOME=str(self.root), **env)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        shutil.rmtree(self.root, ignore_errors=True)

    def command(self, *args):
        return [BINARY, "--home", str(self.path), *map(str, args)]

    def start(self, *args, env=None, cwd=None, **options):
        """A running process in a group of its own."""
        return subprocess.Popen(self.command(*args), env={**self.env, **(env or {})}, cwd=cwd or self.work, start_new_session=True, **options)

    def run(self, *args, input=None, env=None, timeout=60, cwd=None, text=True, preexec_fn=None):
        """A finished process. With text=False input and output are bytes."""
        return self.run_measured(*args, input=input, env=env, timeout=timeout, cwd=cwd, text=text, preexec_fn=preexec_fn)

    def run_measured(self, *args, input=None, env=None, timeout=60, cwd=None, text=True, preexec_fn=None):
        if isinstance(input, str):
            input = input.encode()
        command = self.command(*args)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
            given.write(input or b"")
            given.seek(0)
            process = subprocess.Popen(command, env={**self.env, **(env or {})}, cwd=cwd or self.work, stdin=given, stdout=out, stderr=err,
                                       start_new_session=True, preexec_fn=preexec_fn)
            late = threading.Event()

            def end_it():
                late.set()
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

            timer = threading.Timer(scaled(timeout), end_it)
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            stdout, stderr = out.read(), err.read()
        if late.is_set():
            raise AssertionError(f"{command} did not end within {scaled(timeout)} s\n{stderr[-2000:].decode(errors='replace')}")
        if text:
            stdout, stderr = stdout.decode(), stderr.decode()
        result = Measured(command, process.returncode, stdout, stderr)
        result.peak_mib = usage.ru_maxrss / 1024
        return result

    def json(self, *args, status=0, **options):
        """The JSON document that a command prints; it must end with `status`."""
        result = self.run(*args, "--json", **options)
        if result.returncode != status:
            raise AssertionError(f"{args} ended with {result.returncode}, not {status}\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}")
        return json.loads(result.stdout)

    def ingest(self, *events, status=0, **options):
        """Takes in events given as objects (or as raw lines)."""
        lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
        return self.json("ingest", "-", input="\n".join(lines) + "\n", status=status, **options)

    def incidents(self, *args):
        return self.json("incidents", "--all", *args)

    def write(self, name, text, mode=0o644):
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def script(self, name, body):
        """An executable Python program in the working folder."""
        return self.write(name, f"#!{sys.executable}\n{body}", 0o755)

    def jobs_file(self, jobs, name="mendline.yaml", **top):
        """Writes a jobs file; `jobs` is a mapping (JSON is YAML)."""
        return self.write(name, json.dumps({"version": 1, "mode": "auto", **top, "jobs": jobs}, indent=1))


class Daemon:
    """`mendline serve` while the block runs; its messages are kept."""

    def __init__(self, home, config, *args, env=None):
        self.home, self.log = home, home.root / f"serve-{time.monotonic_ns()}.log"
        with open(self.log, "wb") as log:
            self.process = home.start("serve", "--config", config, *args, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, text, seconds=15):
        def there():
            if text in self.text():
                return True
            if self.process.poll() is not None:
                raise AssertionError(f"the daemon ended with {self.process.returncode}:\n{self.text()}")
            return False
        try:
            wait_until(there, seconds, f"{text!r} from the daemon")
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{self.text()[-3000:]}") from None

    def stop(self, number=signal.SIGTERM, seconds=10):
        """The status with which it ended."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=scaled(seconds))

    def __enter__(self):
        try:
            self.wait_for("serving ")
        except AssertionError:
            self.process.kill()
            self.process.wait()
            raise
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=scaled(15))
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def failed_event(number, message, job="orders", **more):
    return {"event_id": f"e-{number}", "job_id": job, "status": "failed", "timestamp": "2026-11-24T02:00:41Z", "error_message": message, **more}


def limit_file_size(size):
    """For preexec_fn: a write beyond `size` fails with EFBIG, as on a full disk."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


class HomeTest(unittest.TestCase):
    """A test with a fresh home."""
    maxDiff = 4000

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)

    def assertStatus(self, result, status):
        self.assertEqual(result.returncode, status, f"{result.args}\n--- out\n{result.stdout[-3000:]}\n--- err\n{result.stderr[-3000:]}")

    def assertNoCrash(self, result):
        self.assertGreaterEqual(result.returncode, 0, f"{result.args} was killed by signal {-result.returncode}\n{result.stderr[-3000:]}")
        self.assertNotIn("Sanitizer", str(result.stderr))

    def assertIntact(self, home=None):
        self.assertTrue((home or self.home).json("audit", "verify")["intact"])

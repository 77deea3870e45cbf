"""`mendline run` is a wrapper that nobody notices until the job fails: what passes through, what is recorded, and what is tried again."""
import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import unittest

from mendline import SANITIZED, HomeTest, process_is_gone, scaled, wait_until

TIMEOUT_TEXT = "Connection timeout after 30 seconds"


class RunTest(HomeTest):
    def counting(self, succeed_at=None, text=TIMEOUT_TEXT, status=1):
        """A job that notes the time of each run and fails until the `succeed_at`-th one. Returns its path."""
        return self.home.script("count.py", "import os, sys, time\n"
                                "with open('runs', 'a') as file: file.write(f'{time.monotonic()} {os.environ[\"MENDLINE_ATTEMPT\"]} {os.environ[\"MENDLINE_RUN_ID\"]}\\n')\n"
                                "count = sum(1 for _ in open('runs'))\n"
                                f"if count != {succeed_at}:\n    print({text!r}, file=sys.stderr)\n    sys.exit({status})\n")

    def runs(self):
        path = self.home.work / "runs"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


class PassingThrough(RunTest):
    def test_output_is_not_changed_by_a_byte(self):
        out, err = os.urandom(300_000), os.urandom(200_000)
        self.home.write("out", out)
        self.home.write("err", err)
        result = self.home.run("run", "--job", "x", "--", "sh", "-c", "cat err >&2; cat out", text=False)
        self.assertStatus(result, 0)
        self.assertEqual(result.stdout, out)
        self.assertEqual(result.stderr, err, "Mendline said something about a job that succeeded")

    def test_quiet_says_nothing_of_a_failure_either(self):
        result = self.home.run("run", "--job", "x", "--quiet", "--", "sh", "-c", "printf a; printf b >&2; exit 4", text=False)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (4, b"a", b"b"))

    def test_what_mendline_says_can_be_told_apart(self):
        result = self.home.run("run", "--job", "x", "--", "sh", "-c", "echo mine; echo error >&2; exit 4")
        self.assertEqual(result.stdout, "mine\n")
        lines = result.stderr.splitlines()
        self.assertEqual([line for line in lines if not line.startswith("mendline: ")], ["error"])
        self.assertGreater(len(lines), 3)

    def test_exit_statuses(self):
        for status in (0, 1, 2, 3, 4, 42, 124, 126, 127, 128, 200, 255):
            with self.subTest(status):
                self.assertStatus(self.home.run("run", "--job", f"x-{status}", "--rerun", "unsafe", "--", "sh", "-c", f"exit {status}"), status)

    def test_signals(self):
        for name in ("TERM", "KILL", "INT", "SEGV", "ABRT", "HUP", "USR1", "PIPE"):
            with self.subTest(name):
                result = self.home.run("run", "--job", f"x-{name}", "--rerun", "unsafe", "--", "sh", "-c", f"ulimit -c 0; kill -{name} $$")
                self.assertStatus(result, 128 + getattr(signal, f"SIG{name}"))

    def test_standard_input(self):
        data = os.urandom(500_000)
        result = self.home.run("run", "--job", "x", "--", "cat", input=data, text=False)
        self.assertStatus(result, 0)
        self.assertEqual(result.stdout, data)

    def test_arguments(self):
        arguments = ["a b", "", "'", '"', "\\", "$HOME", "*", "--job", "--help", "-x", "--", "a=b", "ü\u2603", "line\nend", " ", "--version", ";", "`id`"]
        script = self.home.script("args.py", "import json, sys\njson.dump(sys.argv[1:], sys.stdout)\n")
        for name in (["--job", "x"], []):
            result = self.home.run("run", *name, "--", script, *arguments)
            self.assertStatus(result, 0)
            self.assertEqual(json.loads(result.stdout), arguments)

    def test_environment_and_folder(self):
        result = self.home.run("run", "--job", "x/y", "--", "sh", "-c", 'echo "$PWD|$SPECIAL|$MENDLINE_JOB|$MENDLINE_ATTEMPT|$MENDLINE_RUN_ID"', env={"SPECIAL": "a  b"})
        self.assertStatus(result, 0)
        folder, special, job, attempt, run = result.stdout.strip().split("|")
        self.assertEqual((os.path.realpath(folder), special, job, attempt), (str(self.home.work.resolve()), "a  b", "x/y", "1"))
        self.assertRegex(run, r"^run-\w+$")

    def test_no_descriptor_leaks_into_the_job(self):
        result = self.home.run("run", "--job", "x", "--", "sh", "-c", "ls /proc/self/fd")
        self.assertLessEqual(len(result.stdout.split()), 4, result.stdout)

    def test_a_reader_that_goes_away(self):
        """A terminal or pager that is closed costs what is printed, not the job."""
        script = self.home.script("talk.py", "import sys\nfor i in range(5000): sys.stdout.write('x' * 1000 + '\\n')\nsys.stdout.flush()\nopen('done', 'w').close()\nsys.exit(6)\n")
        process = self.home.start("run", "--job", "x", "--rerun", "unsafe", "--", script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            self.assertEqual(process.stdout.read(4), b"xxxx")
            process.stdout.close()
            wait_until(lambda: process.poll() is not None, 30, "the end of a job that nobody reads")
            self.assertEqual(process.returncode, 6)
            self.assertTrue((self.home.work / "done").exists())
        finally:
            process.kill()
            process.wait()

    def test_a_grandchild_that_keeps_the_output_open_does_not_hold_us(self):
        begin = time.monotonic()
        result = self.home.run("run", "--job", "x", "--", "sh", "-c", "sleep 60 & echo done", timeout=30)
        self.assertStatus(result, 0)
        self.assertEqual(result.stdout, "done\n")
        self.assertLess(time.monotonic() - begin, scaled(20))


class Terminal(RunTest):
    def on_terminal(self, *args, type_in=b"", after=b""):
        pid, terminal = pty.fork()
        if pid == 0:
            try:
                os.chdir(self.home.work)
                command = self.home.command(*args)
                os.execve(command[0], command, {**self.home.env, "TERM": "xterm"})
            finally:
                os._exit(99)
        seen, end = b"", time.monotonic() + scaled(30)
        try:
            while time.monotonic() < end:
                if not select.select([terminal], [], [], 0.1)[0]:
                    continue
                try:
                    data = os.read(terminal, 65536)
                except OSError:
                    break
                if not data:
                    break
                seen += data
                if type_in and after in seen:
                    os.write(terminal, type_in)
                    type_in = b""
            else:
                os.kill(pid, signal.SIGKILL)
                self.fail(f"did not end: {seen!r}")
        finally:
            os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode()

    def test_the_job_has_the_terminal(self):
        status, seen = self.on_terminal("run", "--job", "x", "--", "python3", "-c", "import sys; print([stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)])")
        self.assertEqual(status, 0)
        self.assertIn("[True, True, True]", seen)

    def test_without_a_terminal_the_job_has_none(self):
        result = self.home.run("run", "--job", "x", "--", "python3", "-c", "import sys; print([stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)])")
        self.assertIn("[False, False, False]", result.stdout)

    def test_a_person_can_answer_the_job(self):
        status, seen = self.on_terminal("run", "--job", "x", "--", "python3", "-c", "print('got', input('name? '))", type_in=b"Ada\n", after=b"name? ")
        self.assertEqual(status, 0)
        self.assertIn("got Ada", seen)

    def test_ctrl_c_cancels_and_is_not_healed(self):
        script = self.home.script("wait.py", "import time\nopen('runs', 'a').write('0 1 x\\n')\nprint('waiting', flush=True)\ntime.sleep(60)\n")
        status, seen = self.on_terminal("run", "--job", "x", "--", script, type_in=b"\x03", after=b"waiting")
        self.assertEqual(status, 128 + signal.SIGINT, seen)
        self.assertEqual(len(self.runs()), 1)
        self.assertEqual(self.home.incidents(), [])
        self.assertEqual(self.home.json("jobs")[0]["last_status"], "cancelled")


class Records(RunTest):
    def test_memory_and_duration(self):
        script = self.home.script("eat.py", "import os, time\nprint(os.environ['MENDLINE_RUN_ID'])\nblock = bytearray(80 * 2**20)\n"
                                  "for i in range(0, len(block), 4096): block[i] = 1\ntime.sleep(0.3)\n")
        result = self.home.run("run", "--job", "eat", "--", script)
        self.assertStatus(result, 0)
        run = self.home.json("show", result.stdout.strip())["run"]
        self.assertEqual((run["job_id"], run["exit_code"], run["signal"], run["succeeded"], run["attempt"]), ("eat", 0, None, True, 1))
        if not SANITIZED:
            self.assertGreater(run["peak_memory_bytes"], 80 * 2**20)
            self.assertLess(run["peak_memory_bytes"], 200 * 2**20)
        self.assertGreater(run["cpu_seconds"], 0)
        begin, end = (float(run[key][17:-1]) + 60 * int(run[key][14:16]) for key in ("started_at", "ended_at"))
        self.assertGreaterEqual((end - begin) % 3600, 0.3)
        [job] = self.home.json("jobs")
        self.assertEqual((job["id"], job["last_status"], job["failures"], job["open_incidents"]), ("eat", "succeeded", 0, 0))
        self.assertIn("eat.py", str(job["spec"]["command"]))
        text = self.home.run("show", result.stdout.strip()).stdout
        self.assertIn("eat", text)

    def test_a_failure(self):
        script = self.home.script("fail.py", "import os, sys\nprint(os.environ['MENDLINE_RUN_ID'])\nsys.exit('Access denied to BigQuery dataset')\n")
        result = self.home.run("run", "--job", "fail", "--", script)
        self.assertStatus(result, 1)
        run = self.home.json("show", result.stdout.strip())
        self.assertEqual((run["run"]["exit_code"], run["run"]["succeeded"]), (1, False))
        self.assertIn("Access denied to BigQuery dataset", run["run"]["error"])
        self.assertEqual(run["incident"]["state"], "escalated")
        [incident] = self.home.incidents()
        self.assertEqual((incident["error_type"], incident["last_run"]), ("permission_denied", result.stdout.strip()))

    def test_a_second_success_closes_what_was_open(self):
        self.home.run("run", "--job", "x", "--", "sh", "-c", "exit 9")
        self.assertEqual(self.home.incidents()[0]["state"], "escalated")
        self.assertStatus(self.home.run("run", "--job", "x", "--", "true"), 0)
        self.assertEqual(self.home.incidents()[0]["state"], "resolved")

    def test_a_failure_that_repeats_joins_and_is_told(self):
        command = ("run", "--job", "x", "--", "sh", "-c", "echo Access denied to BigQuery dataset >&2; exit 9")
        self.home.run(*command)
        again = self.home.run(*command)
        [incident] = self.home.incidents()
        self.assertEqual(incident["occurrences"], 2)
        self.assertIn(incident["id"], again.stderr, "the second failure was passed over in silence")
        self.assertIn("escalated", again.stderr)

    def test_two_at_once_in_one_home(self):
        script = self.home.script("both.py", "import os, sys, time\nname, other = sys.argv[1:]\nopen(name, 'w').close()\n"
                                  "end = time.monotonic() + 120\nwhile not os.path.exists(other):\n    if time.monotonic() > end: sys.exit(99)\n    time.sleep(0.01)\n"
                                  "sys.exit('Access denied to BigQuery dataset' if name == 'b' else 0)\n")
        processes = [self.home.start("run", "--job", f"job-{a}", "--", script, a, b, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                     for a, b in (("a", "b"), ("b", "a"))]
        self.assertEqual([process.wait(timeout=scaled(60)) for process in processes], [0, 1])
        self.assertEqual({job["id"]: job["last_status"] for job in self.home.json("jobs")}, {"job-a": "succeeded", "job-b": "failed"})
        self.assertIntact()

    def test_many_at_once_in_one_fresh_home(self):
        processes = [self.home.start("run", "--job", f"job-{i}", "--", "sh", "-c", f"exit {i}", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for i in range(6)]
        self.assertEqual([process.wait(timeout=scaled(60)) for process in processes], list(range(6)))
        self.assertEqual(len(self.home.json("jobs")), 6)
        self.assertIntact()


class Retrying(RunTest):
    def test_success_on_the_second_try(self):
        result = self.home.run("run", "--job", "x", "--", self.counting(succeed_at=2))
        self.assertStatus(result, 0)
        first, second = self.runs()
        self.assertGreaterEqual(float(second[0]) - float(first[0]), 1)
        self.assertEqual((first[1], second[1]), ("1", "2"))
        self.assertNotEqual(first[2], second[2])
        [incident] = self.home.incidents()
        self.assertEqual((incident["state"], incident["strategies_tried"] or ["retry_with_exponential_backoff"]), ("healed", ["retry_with_exponential_backoff"]))
        for word in ("network_timeout", "healed"):
            self.assertIn(word, result.stderr)
        self.assertEqual(self.home.json("cases")[0]["success"], True)

    def test_waits_of_1_2_and_4_seconds(self):
        begin = time.monotonic()
        result = self.home.run("run", "--job", "x", "--", self.counting())
        self.assertStatus(result, 1)
        times = [float(run[0]) for run in self.runs()]
        self.assertEqual(len(times), 4)
        for (earlier, later), wait in zip(zip(times, times[1:]), (1, 2, 4)):
            self.assertGreaterEqual(later - earlier, wait)
        self.assertLess(time.monotonic() - begin, scaled(30))
        self.assertEqual(self.home.incidents()[0]["state"], "escalated")

    def test_at_most_max_retries(self):
        for most in (0, 1, 2):
            with self.subTest(most):
                (self.home.work / "runs").unlink(missing_ok=True)
                self.assertStatus(self.home.run("run", "--job", f"x-{most}", "--max-retries", most, "--retry-delay", "10ms", "--", self.counting(status=7)), 7)
                self.assertEqual(len(self.runs()), 1 + most)

    def test_the_exit_status_is_that_of_the_last_run(self):
        script = self.home.script("worse.py", f"import os, sys\nopen('runs', 'a').write('x\\n')\nn = len(open('runs').readlines())\nprint({TIMEOUT_TEXT!r}, file=sys.stderr)\nsys.exit(10 + n)\n")
        self.assertStatus(self.home.run("run", "--job", "x", "--max-retries", "2", "--retry-delay", "10ms", "--", script), 13)

    def test_unsafe_is_never_run_again(self):
        result = self.home.run("run", "--job", "x", "--rerun", "unsafe", "--max-retries", "5", "--retry-delay", "10ms", "--", self.counting(succeed_at=2))
        self.assertStatus(result, 1)
        self.assertEqual(len(self.runs()), 1)
        self.assertEqual(self.home.incidents()[0]["state"], "escalated")

    def test_a_failure_that_waiting_does_not_help_is_not_tried_again(self):
        for text in ("Access denied to BigQuery dataset", "Column 'user_id' not found in table schema", "ZeroDivisionError: division by zero"):
            with self.subTest(text):
                (self.home.work / "runs").unlink(missing_ok=True)
                self.assertStatus(self.home.run("run", "--job", text[:6].strip(), "--retry-delay", "10ms", "--", self.counting(text=text)), 1)
                self.assertEqual(len(self.runs()), 1)

    def test_a_text_that_claims_much_gets_no_more(self):
        """What a job prints is data: it cannot order a repair, a longer wait or another command."""
        text = TIMEOUT_TEXT + "\nmendline: strategy=run_deduplication_script max_retries=20 approved=true\nRetry-After: 999999999\n{\"strategy\": \"restart_with_elevated_permissions\"}"
        self.assertStatus(self.home.run("run", "--job", "x", "--max-retries", "1", "--retry-delay", "10ms", "--", self.counting(text=text), timeout=60), 1)
        self.assertLessEqual(len(self.runs()), 2)

    def test_a_memory_failure_is_escalated_without_a_jobs_file(self):
        result = self.home.run("run", "--job", "report", "--", self.counting(text="Out of memory: Java heap space"))
        self.assertStatus(result, 1)
        self.assertEqual(len(self.runs()), 1)
        [incident] = self.home.incidents()
        self.assertEqual((incident["state"], incident["error_type"]), ("escalated", "resource_exhaustion"))
        self.assertTrue(incident["reason"])
        self.assertIn(incident["reason"], result.stderr)
        rules = {rule["rule"]: rule["effect"] for rule in self.home.json("show", incident["id"])["decisions"][-1]["rules"]}
        self.assertEqual(rules.get("job.retry_only"), "forbids")
        [file] = (self.home.path / "escalations").glob("*.json")
        told = json.loads(file.read_text())
        self.assertIn(incident["id"], json.dumps(told))
        self.assertIn("resource_exhaustion", json.dumps(told))
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)

    def test_a_repair_that_a_jobs_file_allows(self):
        script = self.home.script("hungry.py", "block = bytearray(120 * 2**20)\nprint(len(block))\n")
        path = self.home.jobs_file({"report": {"command": [str(script)], "resources": {"memory": "100MiB"}, "max_resources": {"memory": "400MiB"}}})
        result = self.home.run("run", "--config", path, "--job", "report")
        self.assertStatus(result, 0)
        self.assertEqual(result.stdout, f"{120 * 2**20}\n")
        [incident] = self.home.incidents()
        self.assertEqual(incident["state"], "healed")

    def test_observe_and_assist(self):
        for mode, state in (("observe", "observed"), ("assist", "awaiting_approval")):
            with self.subTest(mode):
                (self.home.work / "runs").unlink(missing_ok=True)
                path = self.home.jobs_file({f"x-{mode}": {"command": [str(self.counting(succeed_at=2))], "mode": mode}})
                self.assertStatus(self.home.run("run", "--config", path, "--job", f"x-{mode}"), 1)
                self.assertEqual(len(self.runs()), 1)
                self.assertEqual(self.home.json("incidents", "--job", f"x-{mode}")[0]["state"], state)

    def test_a_data_check_that_fails_is_a_failure(self):
        script = self.home.script("load.py", "import sqlite3\ndb = sqlite3.connect('w.db')\ndb.execute('CREATE TABLE IF NOT EXISTS t (x)')\ndb.commit()\n")
        check = {"name": "rows were loaded", "sqlite": "w.db", "sql": "SELECT count(*) FROM t", "expect": "> 0"}
        path = self.home.jobs_file({"load": {"command": [str(script)], "checks": [check], "max_retries": 0}})
        self.assertStatus(self.home.run("run", "--config", path, "--job", "load"), 1)
        self.assertIn("rows were loaded", self.home.incidents()[0]["error"])


class Ending(RunTest):
    def test_a_timeout(self):
        script = self.home.script("slow.py", "import os, subprocess, time\nopen('pids', 'w').write(f'{os.getpid()} {subprocess.Popen([\"sleep\", \"60\"]).pid}')\n"
                                  "open('runs', 'a').write('0 1 x\\n')\ntime.sleep(60)\n")
        begin = time.monotonic()
        result = self.home.run("run", "--job", "slow", "--timeout", "1s" if not SANITIZED else "5s", "--rerun", "unsafe", "--", script)
        self.assertEqual(result.returncode, 124)
        self.assertGreaterEqual(time.monotonic() - begin, 1)
        self.assertLess(time.monotonic() - begin, scaled(15))
        for pid in (self.home.work / "pids").read_text().split():
            wait_until(lambda: process_is_gone(pid), what="the end of the job and what it started")
        [incident] = self.home.incidents()
        self.assertIn("timed out", incident["error"])

    def test_a_job_that_does_not_listen_to_sigterm_is_killed(self):
        script = self.home.script("deaf.py", "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)\n")
        result = self.home.run("run", "--job", "deaf", "--timeout", "1s" if not SANITIZED else "5s", "--rerun", "unsafe", "--", script, timeout=40)
        self.assertIn(result.returncode, (124, 137))
        self.assertTrue(process_is_gone((self.home.work / "pid").read_text()))

    def started(self, body=""):
        """A job with a child, running; the process of Mendline and the two ids."""
        script = self.home.script("wait.py", "import os, signal, subprocess, sys, time\n"
                                  "child = subprocess.Popen(['sleep', '60'])\n" + body +
                                  "with open('pids.new', 'w') as file: file.write(f'{os.getpid()} {child.pid}')\nos.rename('pids.new', 'pids')\ntime.sleep(60)\n")
        process = self.home.start("run", "--job", "wait", "--", script, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        wait_until(lambda: (self.home.work / "pids").exists(), 20, "the job's start")
        return process, [int(pid) for pid in (self.home.work / "pids").read_text().split()]

    def assertGone(self, pids):
        for pid in pids:
            wait_until(lambda: process_is_gone(pid), 15, f"the end of {pid}")

    def test_signals_reach_the_job(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number.name):
                (self.home.work / "pids").unlink(missing_ok=True)
                process, pids = self.started(f"def told(*_):\n    print('told', flush=True); child.kill(); sys.exit(55)\nsignal.signal({int(number)}, told)\n")
                os.kill(process.pid, number)
                self.assertEqual(process.wait(timeout=scaled(20)), 55)
                self.assertEqual(process.stdout.read(), "told\n")
                self.assertGone(pids)

    def test_the_whole_group_is_gone_after_sigterm(self):
        process, pids = self.started()
        os.kill(process.pid, signal.SIGTERM)
        self.assertEqual(process.wait(timeout=scaled(20)), 128 + signal.SIGTERM)
        self.assertGone(pids)
        self.assertEqual(self.home.incidents(), [])
        self.assertEqual(self.home.json("jobs")[0]["last_status"], "cancelled")
        self.assertIntact()

    def test_the_job_does_not_outlive_a_killed_mendline(self):
        process, pids = self.started()
        process.kill()
        process.wait()
        self.assertGone(pids[:1])
        self.assertIntact()
        self.assertStatus(self.home.run("run", "--job", "wait", "--", "true"), 0)

    def test_sigterm_while_waiting_for_the_next_try(self):
        script = self.counting()
        process = self.home.start("run", "--job", "x", "--retry-delay", "60s", "--", script, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        wait_until(lambda: self.home.path.exists() and any(one["state"] in ("executing", "verifying") for one in self.home.incidents()), 20, "the wait")
        begin = time.monotonic()
        process.terminate()
        status = process.wait(timeout=scaled(20))
        self.assertNotEqual(status, 0)
        self.assertLess(time.monotonic() - begin, scaled(10))
        self.assertEqual(len(self.runs()), 1)
        self.assertIntact()


if __name__ == "__main__":
    unittest.main()

"""The daemon: schedules, reloads, stops, and heals - its own jobs' failures and those that others report."""
import os
import signal
import time
import unittest

from mendline import SANITIZED, Daemon, HomeTest, failed_event, process_is_gone, scaled, wait_until

class ServeTest(HomeTest):
    def flaky(self, succeed_at=2, text="Connection timeout after 30 seconds"):
        return str(self.home.script("flaky.py", f"import sys\nopen('runs', 'a').write('x\\n')\nif len(open('runs').readlines()) < {succeed_at}: sys.exit({text!r})\n"))

    def count(self):
        path = self.home.work / "runs"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def wait_state(self, job, state, seconds=20):
        def there():
            return [one for one in self.home.incidents("--job", job) if one["state"] == state]
        return wait_until(there, seconds, f"{job} {state}")[0]


class Serving(ServeTest):
    def test_run_now_heals(self):
        path = self.home.jobs_file({"load": {"command": [self.flaky()], "retry_delay": "50ms"}, "other": {"command": ["true"]}})
        with Daemon(self.home, path, "--run-now", "load") as daemon:
            daemon.wait_for("load succeeded", 30)
            self.assertEqual(self.wait_state("load", "healed")["error_type"], "network_timeout")
            self.assertEqual(self.count(), 2)
            self.assertEqual(daemon.stop(), 0)
        self.assertNotIn("other starts", daemon.text())
        self.assertIntact()

    def test_several_at_once(self):
        jobs = {f"job-{i}": {"command": ["sh", "-c", f"echo ran >> ran-{i}"]} for i in range(6)}
        path = self.home.jobs_file(jobs)
        with Daemon(self.home, path, *[word for name in jobs for word in ("--run-now", name)]) as daemon:
            for name in jobs:
                daemon.wait_for(f"{name} succeeded", 30)
        for i in range(6):
            self.assertEqual((self.home.work / f"ran-{i}").read_text(), "ran\n")

    def test_an_unknown_job(self):
        path = self.home.jobs_file({"load": {"command": ["true"]}})
        result = self.home.run("serve", "--config", path, "--run-now", "lode")
        self.assertStatus(result, 2)
        self.assertIn("lode", result.stderr)

    def test_the_job_s_output_is_not_mixed_in(self):
        path = self.home.jobs_file({"load": {"command": ["sh", "-c", "echo chatter; echo noise >&2"]}})
        with Daemon(self.home, path, "--run-now", "load") as daemon:
            daemon.wait_for("load succeeded", 30)
        self.assertNotIn("chatter", daemon.text())

    def test_sigterm_ends_the_running_job(self):
        script = self.home.script("long.py", "import os, subprocess, time\nchild = subprocess.Popen(['sleep', '120'])\n"
                                  "with open('pids.new', 'w') as file: file.write(f'{os.getpid()} {child.pid}')\nos.rename('pids.new', 'pids')\ntime.sleep(120)\n")
        path = self.home.jobs_file({"long": {"command": [str(script)]}})
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                (self.home.work / "pids").unlink(missing_ok=True)
                with Daemon(self.home, path, "--run-now", "long") as daemon:
                    wait_until(lambda: (self.home.work / "pids").exists(), 20, "the job's start")
                    pids = (self.home.work / "pids").read_text().split()
                    begin = time.monotonic()
                    self.assertEqual(daemon.stop(number, 20), 0)
                    self.assertLess(time.monotonic() - begin, scaled(10))
                for pid in pids:
                    wait_until(lambda: process_is_gone(pid), 10, "the end of the job and its child")
        self.assertEqual(self.home.incidents(), [], "a job that was ended with its daemon is no failure")
        self.assertIntact()

    def test_a_daemon_without_anything_to_do_stops(self):
        path = self.home.jobs_file({"load": {"command": ["true"], "schedule": "0 3 * * *"}})
        with Daemon(self.home, path) as daemon:
            self.assertTrue(self.home.json("status")["daemon"])
            daemon.wait_for("next ")
            self.assertEqual(daemon.stop(), 0)
        self.assertFalse(self.home.json("status")["daemon"])

    def killed_in_a_repair(self, retry_delay):
        path = self.home.jobs_file({"load": {"command": [self.flaky(succeed_at=2)], "retry_delay": retry_delay},
                                    "other": {"command": ["true"]}})
        with Daemon(self.home, path, "--run-now", "load") as daemon:
            wait_until(lambda: any(one["state"] in ("executing", "verifying") for one in self.home.incidents()), 20, "the repair")
            daemon.process.kill()
            daemon.process.wait()
        return path

    def test_after_a_kill_another_one_takes_over(self):
        path = self.killed_in_a_repair("3s")
        with Daemon(self.home, path):
            self.wait_state("load", "healed", 40)
        self.assertEqual(self.count(), 2)
        self.assertIntact()

    def test_a_long_repair_that_was_left_does_not_hold_the_others(self):
        path = self.killed_in_a_repair("120s")
        with Daemon(self.home, path, "--run-now", "other") as daemon:
            daemon.wait_for("other succeeded", 15)
            self.assertEqual(daemon.stop(), 0)
        self.assertIntact()


class Reloading(ServeTest):
    def test_a_new_file_is_taken(self):
        path = self.home.jobs_file({"old": {"command": ["true"]}})
        with Daemon(self.home, path) as daemon:
            self.home.jobs_file({"old": {"command": ["true"]}, "new": {"command": ["sh", "-c", "date > ran"], "schedule": "* * * * *"}})
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for("was read again: 2 jobs")
            self.assertEqual(daemon.stop(), 0)

    def test_a_broken_one_is_refused_and_says_why(self):
        path = self.home.jobs_file({"load": {"command": [self.flaky(1)]}})
        with Daemon(self.home, path, "--run-now", "load") as daemon:
            daemon.wait_for("load succeeded", 30)
            for text, wanted in (("jobs:\n  load:\n    command: [x]\n    tiemout: 5s\n", "mendline.yaml:4:"), ("jobs: [", "mendline.yaml"),
                                 ("", "mapping"), ("strategies: {nonsense: {mode: auto}}\njobs: {load: {command: [x]}}\n", "nonsense")):
                with self.subTest(text):
                    before = len(daemon.text())
                    self.home.write("mendline.yaml", text)
                    daemon.process.send_signal(signal.SIGHUP)
                    wait_until(lambda: "old one stays in force" in daemon.text()[before:] and wanted in daemon.text()[before:], 15, f"{wanted} in {daemon.text()[before:]}")
            path.unlink()
            before = len(daemon.text())
            daemon.process.send_signal(signal.SIGHUP)
            wait_until(lambda: "old one stays in force" in daemon.text()[before:], 15, "a word on the missing file")
            # The old file is really still in force: a failure of its job is still looked after.
            (self.home.work / "runs").unlink()
            self.flaky(1)
            self.home.ingest(failed_event(1, "Connection timeout after 30 seconds", job="load"))
            wait_until(lambda: self.count() == 1 or self.home.incidents("--job", "load")[0]["state"] == "healed", 20, "the old job's repair")
            self.assertEqual(daemon.stop(), 0)

    def test_the_mode_of_a_new_file_holds(self):
        path = self.home.jobs_file({"load": {"command": [self.flaky(1)], "retry_delay": "10ms"}})
        with Daemon(self.home, path, "--run-now", "load") as daemon:
            daemon.wait_for("load succeeded", 30)
            self.home.jobs_file({"load": {"command": [self.flaky(1)], "retry_delay": "10ms"}}, mode="observe")
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for("was read again")
            self.home.ingest(failed_event(1, "Connection timeout after 30 seconds", job="load"))
            self.wait_state("load", "observed")
            self.assertEqual(self.count(), 1)


class Reported(ServeTest):
    """Failures of served jobs that come in by `ingest` while the daemon runs."""

    def test_a_job_that_ran_before_is_healed(self):
        path = self.home.jobs_file({"load": {"command": [self.flaky(1)], "retry_delay": "10ms"}})
        with Daemon(self.home, path, "--run-now", "load") as daemon:
            daemon.wait_for("load succeeded", 30)
            self.home.ingest(failed_event(1, "Connection timeout after 30 seconds", job="load"))
            self.wait_state("load", "healed")
            self.assertEqual(self.count(), 2)
            self.assertEqual(daemon.stop(), 0)
        self.assertIntact()

    def test_a_job_that_never_ran_here_is_healed_as_well(self):
        path = self.home.jobs_file({"load": {"command": [self.flaky(1)], "retry_delay": "10ms"}})
        with Daemon(self.home, path):
            self.home.ingest(failed_event(1, "Connection timeout after 30 seconds", job="load"))
            self.wait_state("load", "healed")

    def test_a_job_of_others_is_escalated(self):
        path = self.home.jobs_file({"load": {"command": ["true"]}})
        with Daemon(self.home, path):
            self.home.ingest(failed_event(1, "Connection timeout after 30 seconds", job="somebody-else"))
            self.wait_state("somebody-else", "escalated")

    def test_approving_while_the_daemon_runs(self):
        path = self.home.jobs_file({"load": {"command": [self.flaky(2)], "retry_delay": "10ms", "mode": "assist"}})
        with Daemon(self.home, path, "--run-now", "load") as daemon:
            incident = self.wait_state("load", "awaiting_approval")
            self.assertEqual(self.count(), 1)
            self.assertStatus(self.home.run("approve", incident["id"]), 0)
            self.wait_state("load", "healed")
            self.assertEqual(self.count(), 2)
            self.assertStatus(self.home.run("approve", incident["id"]), 4)
            self.assertEqual(daemon.stop(), 0)

    def test_the_kill_switch_while_the_daemon_runs(self):
        path = self.home.jobs_file({"load": {"command": [self.flaky(1)], "retry_delay": "10ms"}})
        with Daemon(self.home, path, "--run-now", "load") as daemon:
            daemon.wait_for("load succeeded", 30)
            self.home.json("pause")
            self.home.ingest(failed_event(1, "Connection timeout after 30 seconds", job="load"))
            self.wait_state("load", "escalated")
            self.assertEqual(self.count(), 1)


class CheckAndInit(ServeTest):
    def test_init_check_and_serve(self):
        result = self.home.run("init")
        self.assertStatus(result, 0)
        path = self.home.work / "mendline.yaml"
        text = path.read_text()
        self.assertStatus(self.home.run("check"), 0)
        self.assertTrue(self.home.json("check")["ok"])
        again = self.home.run("init")
        self.assertNotEqual(again.returncode, 0)
        self.assertEqual(path.read_text(), text)
        path.write_text("jobs: {}\n")
        self.assertStatus(self.home.run("init", "--force"), 0)
        self.assertEqual(path.read_text(), text)
        with Daemon(self.home, path, "--run-now", "hello") as daemon:
            daemon.wait_for("hello succeeded", 30)

    def test_what_check_prints_is_a_jobs_file_that_says_the_same(self):
        path = self.home.jobs_file({"a/b": {"command": ["python3", "-c", "print('x: {y}')", "", "--", "#"], "env": {"A": "1", "B": "true", "C": "", "D": "x: y", "E": "'"},
                                            "schedule": "*/5 2-4 * * mon-fri", "time_zone": "Europe/Berlin", "timeout": "90s", "resources": {"memory": "512MiB", "open_files": 1024},
                                            "max_resources": {"memory": "1GB"}, "config_files": ["s.ini"], "credentials": {"refresh": ["./r"], "files": ["t"], "retry_delay": "3s"},
                                            "targets": [{"sqlite": "w.db", "table": "t", "source": "i.csv"}],
                                            "checks": [{"name": "n", "sqlite": "w.db", "sql": "SELECT count(*) FROM t", "expect": "> 0"}],
                                            "criticality": "high", "rerun": "unsafe", "max_retries": 5, "retry_delay": "250ms", "platform": "python", "type": "load",
                                            "environment": "production", "strategies": ["scale_compute_resources"], "mode": "assist"}},
                                   mode="assist", policy={"max_remediations_per_job_and_hour": 2}, strategies={"update_schema_and_retry": {"mode": "observe"}})
        first = self.home.run("check", path)
        self.assertStatus(first, 0)
        second = self.home.run("check", self.home.write("printed.yaml", first.stdout))
        self.assertStatus(second, 0)
        self.assertEqual(first.stdout, second.stdout)
        self.assertEqual(self.home.json("check", path)["jobs"], self.home.json("check", "printed.yaml")["jobs"])

    def test_check_warns_of_what_would_not_work_here(self):
        path = self.home.jobs_file({"a": {"command": ["no-such-program-here"]}, "b": {"command": ["true"], "folder": "nowhere"}})
        result = self.home.run("check", path)
        self.assertStatus(result, 0)
        self.assertIn("no-such-program-here", result.stderr)
        self.assertIn("nowhere", result.stderr)


class Figures(ServeTest):
    @unittest.skipIf(SANITIZED, "figures of a sanitizer build say nothing")
    def test_idle_cpu_and_memory(self):
        path = self.home.jobs_file({f"job-{i}": {"command": ["true"], "schedule": "0 3 1 1 *"} for i in range(20)})
        self.home.ingest(*(failed_event(i, f"Access denied in stage {i}", job=f"j-{i}") for i in range(50)))
        with Daemon(self.home, path) as daemon:
            pid = daemon.process.pid

            def cpu_seconds():
                with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                    fields = file.read().rpartition(")")[2].split()
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

            # Once it has begun, the time that it is watched for is the test.
            before, begin = cpu_seconds(), time.monotonic()
            time.sleep(10)
            share = (cpu_seconds() - before) / (time.monotonic() - begin)
            with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                rss = next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024
            print(f"\nidle daemon: {100 * share:.2f} % of a core, {rss:.0f} MiB")
            self.assertLess(share, 0.01)
            self.assertLess(rss, 100)


if __name__ == "__main__":
    unittest.main()

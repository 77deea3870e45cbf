"""Killed anywhere, the program loses nothing that it acknowledged, does nothing twice, and leaves nothing half-done: at every fail point of
src/base/fail_points.def, from outside, and with several processes on one home."""
import json
import os
import signal
import subprocess
import unittest

from crash_workloads import (ENDS, NETWORK, NOTE, POINTS, PYTHON, WORKLOADS, Scale, Schema, check_records, error_trials, fail_env, kill_trials,
                             lines, passed_by)
from mendline import SANITIZED, Daemon, HomeTest, failed_event, process_is_gone, scaled, wait_until

# A sanitizer build is slow: there the workloads that pass the most.
CHOSEN = ["undone", "retry", "ingest", "serve"] if SANITIZED else list(WORKLOADS)
WITH_ERRORS = ["undone", "ingest"]   # crash_slow_test.py has the others


class EveryFailPoint(unittest.TestCase):
    maxDiff = 4000

    def assertAllWell(self, trials):
        for trial in trials:
            with self.subTest(set=trial.setting or "nothing", then=trial.recovery):
                self.assertEqual(trial.problem, "")

    def test_every_fail_point_is_passed_by_a_workload(self):
        self.assertGreater(len(POINTS), 15)
        passed = set().union(*(passed_by(name) for name in CHOSEN))
        self.assertEqual(set(POINTS) - passed, set(), "add a workload to crash_workloads.py that passes them")

    def test_the_workloads_pass_what_they_are_for(self):
        for name, points in {"undone": ["step_after_apply", "undo_after_apply", "undo_after_outcome"], "ingest": ["ingest_after_journal"],
                             "retry": ["verify_after_run", "run_after_exit"], "serve": ["step_after_apply", "undo_after_apply"]}.items():
            self.assertLessEqual(set(points), passed_by(name), name)


def add_tests():
    def add(name, function):
        setattr(EveryFailPoint, name, function)
    for name in CHOSEN:
        add(f"test_killed_{name}", lambda self, name=name: self.assertAllWell(kill_trials(name)))
    for name in WITH_ERRORS:
        def errors(self, name=name):
            trials = error_trials(name)
            self.assertAllWell(trials)
            for trial in trials:
                with self.subTest(set=trial.setting):
                    self.assertTrue(trial.reached, f"nothing told of the error:\n{trial.text[-2000:]}")
        add(f"test_error_{name}", errors)


add_tests()

# Notes its process and that of a child; the first run fails at once unless told otherwise, the later ones wait for a file.
WAITS = NOTE + f"""
import subprocess, time
child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
note("runs.log", os.getpid(), child.pid)
if len(notes("runs.log")) <= int(sys.argv[1]):
    child.kill()
    sys.exit({NETWORK!r})
while not os.path.exists("go"):
    time.sleep(0.01)
child.kill()
"""


class WaitingJobTest(HomeTest):
    def start_waiting(self, failures, *more):
        """A `run` whose job waits in its last run: the process and the numbers of the job's processes."""
        self.home.write("waits.py", WAITS)
        process = self.home.start("run", "--job", "waits", "--retry-delay", "10ms", *more, "--", *PYTHON, "waits.py", failures,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, process)
        wait_until(lambda: len(lines(self.home.work / "runs.log")) > failures, 20, "the job's run")
        return process, self.pids()

    def pids(self):
        return [int(pid) for pid in lines(self.home.work / "runs.log")[-1].split()[2:]]

    def end(self, process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class KilledFromOutside(WaitingJobTest):
    def assertGone(self, pids):
        wait_until(lambda: all(process_is_gone(pid) for pid in pids), 5, "the end of the job's processes")

    def kill(self, process, pids):
        self.assertFalse(any(process_is_gone(pid) for pid in pids))
        os.kill(process.pid, signal.SIGKILL)
        self.assertEqual(process.wait(timeout=scaled(10)), -signal.SIGKILL)
        self.assertGone(pids)
        self.assertIntact()

    def next_run(self):
        self.assertStatus(self.home.run("run", "--quiet", "--job", "other", "--", "true"), 0)
        return check_records(self.home)

    def test_in_the_first_run(self):
        process, pids = self.start_waiting(0)
        self.kill(process, pids)
        self.assertEqual(self.next_run(), [])
        jobs = {job["id"]: job["last_status"] for job in self.home.json("jobs")}
        self.assertEqual(jobs, {"waits": "started", "other": "succeeded"})

    def test_in_a_rerun(self):
        process, pids = self.start_waiting(1)
        wait_until(lambda: [i["state"] for i in self.home.incidents()] == ["verifying"], 10, "the incident to be verifying")
        self.kill(process, pids)
        incidents = self.next_run()
        self.assertEqual([incident["state"] for incident in incidents], ["escalated"])
        self.assertEqual(len(lines(self.home.work / "runs.log")), 2, "it was run again by a process that does not know the job")
        # It is not stuck: the job's own success settles it.
        self.home.write("go", "")
        self.assertStatus(self.home.run("run", "--quiet", "--job", "waits", "--", *PYTHON, "waits.py", 0), 0)
        self.assertEqual([incident["state"] for incident in check_records(self.home)], ["resolved"])

    def test_the_daemon(self):
        self.home.write("waits.py", WAITS)
        self.home.jobs_file({"waits": {"command": [*PYTHON, "waits.py", "1"], "retry_delay": "10ms"}})
        daemon = Daemon(self.home, "mendline.yaml", "--run-now", "waits")
        self.addCleanup(self.end, daemon.process)
        wait_until(lambda: len(lines(self.home.work / "runs.log")) > 1, 20, "the re-run")
        self.kill(daemon.process, self.pids())
        self.home.write("go", "")
        with Daemon(self.home, "mendline.yaml") as fresh:
            wait_until(lambda: all(incident["state"] in ENDS for incident in self.home.incidents()), 20, "an end of what the killed daemon left")
            self.assertEqual(fresh.stop(), 0)
        # The re-run that was cut short is not believed, the next one that the plan allows is.
        self.assertEqual([incident["state"] for incident in check_records(self.home)], ["healed"])
        self.assertEqual([line.split()[1] for line in lines(self.home.work / "runs.log")], ["1", "2", "3"])

    def test_while_credentials_are_refreshed(self):
        self.home.write("job.py", "import sys\nsys.exit('urllib.error.HTTPError: HTTP Error 401: Unauthorized: the access token expired')\n")
        self.home.write("token.json", "old")
        self.home.write("refresh.py", NOTE + "import time\nopen('token.json', 'w').write('half')\nnote('runs.log', os.getpid())\ntime.sleep(600)\n")
        self.home.jobs_file({"job": {"command": [*PYTHON, "job.py"], "credentials": {"refresh": [*PYTHON, "refresh.py"], "files": ["token.json"]}}})
        process = self.home.start("run", "--config", "mendline.yaml", "--job", "job", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, process)
        wait_until(lambda: lines(self.home.work / "runs.log"), 20, "the refresh")
        self.kill(process, self.pids())
        self.assertEqual([incident["state"] for incident in self.next_run()], ["escalated"])
        self.assertEqual((self.home.work / "token.json").read_text(), "old")
        self.assertEqual(len(lines(self.home.work / "runs.log")), 1)


class SeveralProcesses(WaitingJobTest):
    def actions(self):
        return [record["action"] for record in reversed(self.home.json("audit", "--limit", 1000))]

    def test_four_runs_and_an_ingest_on_a_home_that_is_new(self):
        self.home.write("flaky.py", NOTE + f"note(sys.argv[1] + '.log')\nif len(notes(sys.argv[1] + '.log')) < 2: sys.exit({NETWORK!r})\n")
        events = [failed_event(i, f"{NETWORK} to host {i % 3}", job=f"job-{i % 10}") for i in range(2500)]
        self.home.write("events.ndjson", "".join(json.dumps(event) + "\n" for event in events))
        names = ["one", "two", "three", "four"]
        commands = {name: ["run", "--job", name, "--retry-delay", "20ms", "--", *PYTHON, "flaky.py", name] for name in names}
        commands["ingest"] = ["ingest", "events.ndjson", "--json"]
        logs = {name: open(self.home.root / f"{name}.txt", "w+b") for name in commands}
        processes = {name: self.home.start(*command, stdin=subprocess.DEVNULL, stdout=logs[name], stderr=logs[name])
                     for name, command in commands.items()}
        for process in processes.values():
            self.addCleanup(self.end, process)
        for name, process in processes.items():
            status = process.wait(timeout=scaled(60))
            logs[name].seek(0)
            text = logs[name].read().decode()
            logs[name].close()
            self.assertEqual(status, 0, f"{name}:\n{text}")
            self.assertNotIn("without supervision", text)
            self.assertNotIn("could not be", text)
        incidents = check_records(self.home)
        for name in names:
            self.assertEqual([i["state"] for i in incidents if i["job_id"] == name], ["healed"], name)
            self.assertEqual([line.split()[1] for line in lines(self.home.work / f"{name}.log")], ["1", "2"])
        self.assertEqual(sum(i["occurrences"] for i in incidents if i["job_id"].startswith("job-")), 2500)
        self.assertEqual(self.home.json("status")["events"], 2500 + 2 * len(names))
        self.assertEqual({job["id"] for job in self.home.json("jobs")}, {*names, *(f"job-{i}" for i in range(10))})

    def assertHealsUndisturbed(self):
        """The incident of `waits` is in the hands of a living process; others start and end beside it."""
        wait_until(lambda: [i["state"] for i in self.home.incidents("--job", "waits")] == ["verifying"], 10, "the incident to be verifying")
        before = self.home.incidents("--job", "waits")
        self.assertStatus(self.home.run("run", "--quiet", "--job", "other", "--", "true"), 0)
        self.home.ingest(failed_event(1, NETWORK, job="elsewhere"))
        self.assertEqual(self.home.incidents("--job", "waits"), before)
        self.assertEqual(len(lines(self.home.work / "runs.log")), 2)
        self.home.write("go", "")
        wait_until(lambda: [i["state"] for i in self.home.incidents("--job", "waits")] == ["healed"], 10, "the incident to be healed")
        wait_until(self.settled, 10, "every incident to be settled")  # a daemon decides about the ingested one
        check_records(self.home)
        self.assertNotIn("remediation.claimed", self.actions())
        self.assertNotIn("incident.failed", self.actions())
        self.assertEqual(len(lines(self.home.work / "runs.log")), 2)

    def test_a_living_run_is_left_alone(self):
        process, _ = self.start_waiting(1)
        self.assertHealsUndisturbed()
        self.assertEqual(process.wait(timeout=scaled(10)), 0)

    def test_a_living_run_is_left_alone_by_a_daemon_that_starts(self):
        process, _ = self.start_waiting(1)
        self.home.jobs_file({"waits": {"command": [*PYTHON, "waits.py", "1"], "retry_delay": "10ms"}})
        with Daemon(self.home, "mendline.yaml") as daemon:
            self.assertHealsUndisturbed()
            self.assertEqual(process.wait(timeout=scaled(10)), 0)
            self.assertEqual(daemon.stop(), 0)
        self.assertNotIn("left unfinished", daemon.text())

    def test_a_living_daemon_is_left_alone(self):
        self.home.write("waits.py", WAITS)
        self.home.jobs_file({"waits": {"command": [*PYTHON, "waits.py", "1"], "retry_delay": "10ms"}})
        with Daemon(self.home, "mendline.yaml", "--run-now", "waits") as daemon:
            wait_until(lambda: len(lines(self.home.work / "runs.log")) > 1, 20, "the re-run")
            self.assertHealsUndisturbed()
            second = self.home.run("serve", "--config", "mendline.yaml")
            self.assertStatus(second, 1)
            self.assertIn("another daemon serves", second.stderr)
            self.assertEqual(daemon.stop(), 0)

    def kill_a_run_beside_the_daemon(self, job, point):
        job.prepare(self.home)
        self.home.jobs_file({job.name: job.spec()})
        done = self.home.run("run", "--config", "mendline.yaml", "--job", job.name, env=fail_env(f"{point}=kill"))
        self.assertEqual(done.returncode, -signal.SIGKILL, done.stderr)

    def settled(self):
        return all(incident["state"] in ENDS for incident in self.home.incidents())

    def test_a_daemon_looks_after_a_run_that_died_beside_it(self):
        """Nobody else would: a `run` leaves that to the daemon."""
        for point in ("step_after_apply", "verify_after_run", "decision_after_record", "diagnosis_after_record"):
            with self.subTest(point=point):
                self.doCleanups()
                self.setUp()
                job = Scale()
                self.home.jobs_file({job.name: job.spec()})
                with Daemon(self.home, "mendline.yaml") as daemon:
                    self.kill_a_run_beside_the_daemon(job, point)
                    self.assertStatus(self.home.run("run", "--quiet", "--job", "other", "--", "true"), 0)
                    try:
                        wait_until(self.settled, 8, "an end of what the dead run left")
                    finally:
                        states = [(incident["state"], incident["reason"]) for incident in self.home.incidents()]
                        self.assertEqual(daemon.stop(), 0, daemon.text())
                incidents = check_records(self.home)
                self.assertEqual(len(incidents), 1, states)
                job.after(self.home, incidents[0]["state"])

    def test_a_daemon_looks_after_a_job_that_it_does_not_know(self):
        job = Schema()
        self.home.jobs_file({"other": {"command": ["true"]}}, name="other.yaml")
        with Daemon(self.home, "other.yaml") as daemon:
            self.kill_a_run_beside_the_daemon(job, "step_after_apply")
            try:
                wait_until(self.settled, 8, "an end of what the dead run left")
            finally:
                self.assertEqual(daemon.stop(), 0, daemon.text())
        self.assertEqual([incident["state"] for incident in check_records(self.home)], ["escalated"])
        job.after(self.home, "escalated")

    def test_two_starts_at_once_take_an_incident_over_once(self):
        job = Schema()
        job.prepare(self.home)
        self.home.jobs_file({job.name: job.spec()})
        done = self.home.run("run", "--config", "mendline.yaml", "--job", job.name, env=fail_env("step_after_apply=kill"))
        self.assertEqual(done.returncode, -signal.SIGKILL)
        starts = [self.home.start("run", "--job", f"other-{i}", "--", "true", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT) for i in range(4)]
        for process in starts:
            self.addCleanup(self.end, process)
        for process in starts:
            text = process.communicate(timeout=scaled(60))[0].decode()
            self.assertEqual(process.returncode, 0, text)
        self.assertEqual([incident["state"] for incident in check_records(self.home)], ["escalated"])
        job.after(self.home, "escalated")
        actions = self.actions()
        self.assertEqual((actions.count("step.undo_outcome"), actions.count("incident.rolled_back")), (1, 1), actions)
        self.assertEqual({job["id"]: job["last_status"] for job in self.home.json("jobs") if job["id"].startswith("other")},
                         {f"other-{i}": "succeeded" for i in range(4)})


class Told(HomeTest):
    def test_a_person_is_told_though_it_died_right_after_the_decision(self):
        for point in ("decision_after_record", "undo_after_outcome"):
            with self.subTest(point=point):
                self.doCleanups()
                self.setUp()
                job = WORKLOADS["undone"]
                job.prepare(self.home)
                settings = {"decision_after_record": "decision_after_record=kill@2", "undo_after_outcome": "undo_after_outcome=kill"}
                self.assertEqual(job.execute(self.home, settings[point])[0], -signal.SIGKILL)
                self.assertStatus(self.home.run("run", "--quiet", "--job", "other", "--", "true"), 0)
                escalated = [incident["id"] for incident in check_records(self.home) if incident["state"] == "escalated"]
                self.assertEqual(len(escalated), 1)
                told = [path.read_text(encoding="utf-8") for path in (self.home.path / "escalations").glob("*")]
                self.assertTrue(any(escalated[0] in text for text in told), "it is escalated, and nobody was told")

    def test_what_healed_is_learned_from_though_it_died_right_after(self):
        self.home.script("flaky.py", "import sys\nopen('runs', 'a').write('x')\nif len(open('runs').read()) < 2: sys.exit('Connection timeout after 30 seconds')\n")
        args = ["run", "--quiet", "--job", "load", "--retry-delay", "10ms", "--", *PYTHON, "flaky.py"]
        self.assertEqual(self.home.run(*args, env={"MENDLINE_FAIL_POINTS": "learn_before_record=kill"}).returncode, -signal.SIGKILL)
        self.assertEqual([one["state"] for one in self.home.incidents()], ["healed"])
        self.assertEqual(self.learned(), [])
        for _ in range(2):
            self.assertStatus(self.home.run("run", "--quiet", "--job", "other", "--", "true"), 0)
            self.assertEqual([(one["job_id"], one["success"]) for one in self.learned()], [("load", True)])

    def learned(self):
        return [one for one in self.home.json("cases", "--limit", "1000") if one["id"].startswith("case-")]


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Proves that the fault lab is honest, without Mendline: each job really fails, for the reason that its scenario states, and
really succeeds once that reason is gone.

    lab/check_lab.py [--mendline BINARY] [--show] [scenario ...]

For each scenario, in a fresh copy of its folder: prepare, (service), (good run, break), the job under its limits. Then:
  the job must fail; check.py must fail too where a repair is expected, and pass where nothing may be changed;
  the repair is made by hand: waiting, a higher limit, the refresh command, or the scenario's by_hand.py; then the job must succeed,
  and check.py must pass where the scenario expects the job to be healed;
  a row that was there before is taken away, of each table in turn: check.py must report lost data.
With --mendline the real error text is also classified and compared with the scenario's error_type.
Needs PyYAML (Debian: python3-yaml) to read the jobs files; the scenarios themselves need nothing but Python and SQLite.
"""
import argparse
import json
import operator
import os
import pathlib
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

import yaml

LAB = pathlib.Path(__file__).resolve().parent
COMPARE = {"=": operator.eq, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "!=": operator.ne}
UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
KEYS = {"title", "story", "expected", "strategy", "error_type", "order", "good_run_first"}


class Dishonest(Exception):
    """The scenario is not what it says."""


def size(text):
    return int(text[:-3]) * UNITS[text[-3:]]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Scenario:
    def __init__(self, folder, work):
        self.name = folder.name
        self.work = work
        shutil.copytree(folder, work)
        self.about = yaml.safe_load((work / "scenario.yaml").read_text(encoding="utf-8"))
        if set(self.about) - KEYS:
            raise Dishonest(f"scenario.yaml has unknown keys: {set(self.about) - KEYS}")
        self.env = {**os.environ, "LAB_WORK": str(work)}
        if self.has("service.py"):
            self.env["LAB_PORT"] = str(free_port())
        text = (work / "mendline.yaml").read_text(encoding="utf-8")
        for name in ("LAB_PORT", "LAB_WORK"):
            text = text.replace("${" + name + "}", self.env.get(name, "${" + name + "}"))
        (work / "mendline.yaml").write_text(text, encoding="utf-8")
        jobs = yaml.safe_load(text)["jobs"]
        if list(jobs) != [self.name]:
            raise Dishonest(f"the jobs file must have exactly one job, {self.name}")
        self.job = jobs[self.name]
        self.limits = dict(self.job.get("resources", {}))
        self.service = None

    def has(self, name):
        return (self.work / name).is_file()

    def script(self, name):
        return subprocess.run([sys.executable, name], cwd=self.work, env=self.env, capture_output=True, text=True, timeout=120)

    def must(self, name):
        result = self.script(name)
        if result.returncode != 0:
            raise Dishonest(f"{name} failed:\n{result.stderr}")

    def start_service(self):
        self.service = subprocess.Popen([sys.executable, "service.py"], cwd=self.work, env=self.env, stdout=subprocess.PIPE, text=True)
        if self.service.stdout.readline() != "ready\n":
            raise Dishonest("service.py did not say that it is ready")

    def stop_service(self):
        if self.service:
            self.service.kill()
            self.service.wait()
            self.service.stdout.close()

    def set_limits(self):
        for key, limit in (("memory", resource.RLIMIT_AS), ("cpu_seconds", resource.RLIMIT_CPU), ("open_files", resource.RLIMIT_NOFILE)):
            if key in self.limits:
                value = size(self.limits[key]) if key == "memory" else self.limits[key]
                resource.setrlimit(limit, (value, value))

    def run_job(self):
        """Exit status (1 when a data check does not hold) and error text."""
        env = {**self.env, **{key: str(value) for key, value in self.job.get("env", {}).items()}}
        result = subprocess.run(self.job["command"], cwd=self.work, env=env, capture_output=True, text=True, timeout=60,
                                preexec_fn=self.set_limits, check=False)
        if result.returncode != 0:
            return result.returncode, result.stderr
        for check in self.job.get("checks", []):
            db = sqlite3.connect(self.work / check["sqlite"])
            value, (sign, wanted) = db.execute(check["sql"]).fetchone()[0], check["expect"].split()
            db.close()
            if not COMPARE[sign](value, type(value)(wanted)):
                return 1, f"data check '{check['name']}' failed: expected {check['expect']} got {value}"
        return 0, ""

    def tables_whose_loss_goes_unnoticed(self):
        unnoticed = []
        for kept in sorted((self.work / "before").glob("*.db")):
            path = self.work / kept.name
            whole = path.read_bytes()
            db = sqlite3.connect(kept)
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            db.close()
            for table in tables:
                db = sqlite3.connect(path)
                with db:
                    db.execute(f'DELETE FROM "{table}" WHERE rowid = (SELECT min(rowid) FROM "{table}")')
                db.close()
                if self.script("check.py").returncode != 4:
                    unnoticed.append(f"{kept.name}: {table}")
                path.write_bytes(whole)
        return unnoticed

    def raise_limits(self):
        for key, most in self.job["max_resources"].items():
            if key == "memory":
                self.limits[key] = f"{min(2 * size(self.limits[key]), size(most)) // 2**20}MiB"
            else:
                self.limits[key] = min(2 * self.limits[key], most)

    def repair_and_run(self):
        """Makes the repair by hand; whether the job then succeeds, and what was done. Nothing when no repair is known."""
        strategy = self.about["strategy"]
        if self.has("by_hand.py"):
            self.must("by_hand.py")
            return self.run_job()[0] == 0, "by_hand.py"
        if strategy == "scale_compute_resources":
            self.raise_limits()
            return self.run_job()[0] == 0, f"limits {self.limits}"
        if strategy == "refresh_credentials_and_retry":
            env = {**self.env, **self.job["env"]}
            subprocess.run(self.job["credentials"]["refresh"], cwd=self.work, env=env, check=True, capture_output=True, timeout=30)
            return self.run_job()[0] == 0, "the refresh command"
        if strategy == "retry_with_exponential_backoff" or self.about["error_type"] == "network_timeout":
            for attempt, wait in enumerate((1, 2, 4), start=1):
                time.sleep(wait)
                if self.run_job()[0] == 0:
                    return True, f"run again: attempt {attempt} succeeded"
            return False, "run again 3 times"
        return None, "no repair is known"


def require(condition, what):
    if not condition:
        raise Dishonest(what)


def classify(binary, text, about):
    answer = subprocess.run([binary, "classify", "--json", "-"], input=text, capture_output=True, text=True, timeout=60, check=False)
    require(answer.returncode == 0, f"classify failed: {answer.stderr}")
    found = json.loads(answer.stdout)
    mark = ""
    if found["error_type"] != about["error_type"]:
        mark = f"   <-- expected {about['error_type']}"
    elif about["strategy"] and found["tier"] != "auto":
        mark = "   <-- not sure enough to repair without approval"
    sure = f"{found['confidence']:.2f} ({found['tier']})"
    print(f"  diagnosis: {found['error_type']} / {found['cause']} {sure}, facts {found['facts']}{mark}")
    return not mark


def examine(scenario, options):
    about = scenario.about
    print(f"{scenario.name}: {about['title']}")
    scenario.must("prepare.py")
    if scenario.has("service.py"):
        scenario.start_service()
    if about.get("good_run_first"):
        status, text = scenario.run_job()
        require(status == 0, f"the good run failed: {text}")
        scenario.must("break.py")
    status, text = scenario.run_job()
    lines = text.strip().splitlines()
    print(f"  the job exits with {status}: {lines[-1] if lines else '(nothing printed)'}")
    if options.show:
        print("".join(f"    | {line}\n" for line in lines), end="")
    require(status != 0, "the job should fail, it succeeded")
    expected_diagnosis = not options.mendline or classify(options.mendline, text, about)

    before = scenario.script("check.py")
    require(before.returncode == (1 if about["expected"] == "healed" else 0),
            f"check.py before the repair: status {before.returncode}: {before.stdout}{before.stderr}")
    print(f"  before the repair: {before.stdout.strip()}")
    helped, how = scenario.repair_and_run()
    if helped is None:
        require(scenario.run_job()[0] != 0, "the job recovers by itself")
        print("  no repair is known, and the job fails again")
    elif about["error_type"] == "network_timeout" and about["expected"] == "escalated":
        require(not helped, "the job recovers by itself")
        require(scenario.script("check.py").returncode == 0, "the attempts changed something")
        print(f"  {how}: it fails all the same")
    else:
        require(helped, f"the repair ({how}) did not help")
        after = scenario.script("check.py")
        if about["expected"] == "healed":
            require(after.returncode == 0, f"check.py after the repair: status {after.returncode}: {after.stdout}{after.stderr}")
            print(f"  repaired ({how}): {after.stdout.strip()}")
        else:
            require(after.returncode != 0, "check.py does not see that something was changed")
            print(f"  a person's repair ({how}) helps, and check.py sees it: {after.stdout.strip()}")
    unnoticed = scenario.tables_whose_loss_goes_unnoticed()
    require(not unnoticed, f"check.py does not report a lost row of {', '.join(unnoticed)}")
    return expected_diagnosis


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mendline", help="the binary, to classify each error text")
    parser.add_argument("--show", action="store_true", help="show each whole error text")
    parser.add_argument("scenario", nargs="*", help="names; all without any")
    options = parser.parse_args()
    folders = [path.parent for path in LAB.glob("*/scenario.yaml") if not options.scenario or path.parent.name in options.scenario]
    folders.sort(key=lambda folder: yaml.safe_load((folder / "scenario.yaml").read_text(encoding="utf-8"))["order"])
    missing = set(options.scenario) - {folder.name for folder in folders}
    if missing or not folders:
        sys.exit(f"no such scenario: {', '.join(sorted(missing))}")
    bad = []
    for folder in folders:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="mendline-lab-") as home:
            scenario = None
            try:
                scenario = Scenario(folder, pathlib.Path(home, folder.name))
                if not examine(scenario, options):
                    bad.append(f"{folder.name}: another diagnosis than expected")
            except Dishonest as problem:
                print(f"  WRONG: {problem}")
                bad.append(f"{folder.name}: {problem}")
            finally:
                if scenario:
                    scenario.stop_service()
        print(f"  {time.monotonic() - begun:.1f} s")
    print(f"{len(folders)} scenarios, {len(bad)} wrong" + "".join(f"\n  {line}" for line in bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

"""What the crash tests do to the program: workloads that pass its fail points, what may be left of each of them after a crash, and one
trial (run it with a fail point set, start again, look at everything)."""
import concurrent.futures
import functools
import itertools
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import traceback

from mendline import ROOT, Home, Daemon, failed_event, scaled, wait_until

POINTS = re.findall(r"^FAIL_POINT\((\w+)\)", (ROOT / "src/base/fail_points.def").read_text(encoding="utf-8"), re.MULTILINE)
ENDS = {"healed", "resolved", "escalated", "awaiting_approval", "observed"}
NETWORK = "requests.exceptions.ConnectionError: Connection timed out after 30 seconds"
PYTHON = [sys.executable, "-I", "-S"]

# Every script notes each of its runs, so that the tests need not believe the program's own records.
NOTE = """import os, resource, sys
def note(name, *more):
    with open(name, "a", encoding="utf-8") as file:
        print(os.environ.get("MENDLINE_RUN_ID", "-"), os.environ.get("MENDLINE_ATTEMPT", "-"), *more, file=file, flush=True)
def notes(name):
    return open(name, encoding="utf-8").read().splitlines() if os.path.exists(name) else []
"""
LOAD = NOTE + """
import csv, sqlite3
note("runs.log")
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    reader = csv.DictReader(file)
    rows, columns = list(reader), reader.fieldnames
db = sqlite3.connect("shop.db")
with db:
    db.executemany(f"INSERT INTO sales ({', '.join(columns)}) VALUES ({', '.join(':' + name for name in columns)})", rows)
db.close()
"""
OPEN_FILES = NOTE + """
note("runs.log", resource.getrlimit(resource.RLIMIT_NOFILE)[0])
files = [open("/dev/null") for _ in range(90)]
"""
CONFIG = NOTE + """
note("runs.log")
for line in open("settings.ini", encoding="utf-8"):
    name, _, value = line.partition("=")
    if name.strip() == "batch_size" and not value.strip().isdecimal():
        sys.exit(f"settings.ini: invalid value '{value.strip()}' for setting 'batch_size' in section [load]: expected a positive whole number")
"""
CREDENTIALS = NOTE + """
note("runs.log")
if open("token.json", encoding="utf-8").read() != '{"access_token": "new"}':
    sys.exit("GET /data: 401 Unauthorized: the access token expired\\nurllib.error.HTTPError: HTTP Error 401: Unauthorized")
"""
REFRESH = NOTE + """
note("refresh.log")
with open("token.part", "w", encoding="utf-8") as file:
    file.write('{"access_token": "new"}')
os.replace("token.part", "token.json")
"""


def lines(path):
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


BACKUP = "_mendline_backup_"   # tables that a schema repair leaves beside, on purpose


def snapshot(path):
    """Schema and rows of a whole database."""
    db = sqlite3.connect(path)
    try:
        schema = [row for row in db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2") if not row[2].startswith(BACKUP)]
        return schema, {name: db.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall() for kind, name, *_ in schema if kind == "table"}
    finally:
        db.close()


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


class Job:
    """A job with a fault. `after` says what its target must be once its incident ended in a state."""
    name = ""
    end = "healed"           # without a crash
    strategy = ""

    def spec(self):
        return {"command": [*PYTHON, "job.py"], "folder": self.name, "retry_delay": "10ms", **self.more()}

    def more(self):
        return {}

    def folder(self, home):
        return home.work / self.name

    def prepare(self, home):
        pass

    def state_file(self, home, name):
        found = list((home.path / "jobs").glob(f"*/{name}")) if (home.path / "jobs").exists() else []
        mine = [path for path in found if self.name in path.parent.name]
        return mine[0] if mine else None

    def after(self, home, state):
        raise NotImplementedError

    def check_runs(self, home):
        """No run is made twice, no attempt is made twice."""
        runs = [line.split()[:2] for line in lines(self.folder(home) / "runs.log")]
        ids = [run for run, _ in runs]
        expect(len(ids) == len(set(ids)), f"{self.name}: a run was made twice: {runs}")


class Schema(Job):
    name, strategy = "schema", "update_schema_and_retry"
    bad_row = False

    def more(self):
        return {"command": [*PYTHON, "job.py", "till.csv"], "targets": [{"sqlite": "shop.db", "table": "sales", "source": "till.csv"}]}

    def prepare(self, home):
        home.write(f"{self.name}/job.py", LOAD)
        db = sqlite3.connect(self.folder(home) / "shop.db")
        with db:
            db.execute("CREATE TABLE sales (sale_id INTEGER PRIMARY KEY, article TEXT NOT NULL, quantity INTEGER NOT NULL CHECK (quantity > 0))")
            db.execute("CREATE INDEX by_article ON sales (article)")
            db.executemany("INSERT INTO sales VALUES (?, ?, ?)", [(i, f"A-{i % 9}", 1 + i % 5) for i in range(1, 31)])
        db.close()
        rows = "".join(f"{i},A-{i % 9},{-2 if self.bad_row and i == 44 else 1 + i % 5},till-{i % 3}\n" for i in range(31, 51))
        home.write(f"{self.name}/till.csv", "sale_id,article,quantity,till\n" + rows)
        home.before_sales = getattr(home, "before_sales", {})
        home.before_sales[self.name] = snapshot(self.folder(home) / "shop.db")

    def after(self, home, state):
        now = snapshot(self.folder(home) / "shop.db")
        db = sqlite3.connect(self.folder(home) / "shop.db")
        backups = db.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name GLOB ?", (BACKUP + "*",)).fetchone()[0]
        db.close()
        expect(backups <= 1, f"{state}, and {backups} backup tables tell that it was altered more than once")
        if state != "healed":
            expect(now == home.before_sales[self.name], f"{self.name}: {state}, but the database is not as it was before the repair:\n{now}")
            return
        db = sqlite3.connect(self.folder(home) / "shop.db")
        columns = [row[1] for row in db.execute("PRAGMA table_info(sales)")]
        found = db.execute("SELECT sale_id, article, quantity, till FROM sales ORDER BY 1").fetchall()
        db.close()
        expect(columns == ["sale_id", "article", "quantity", "till"], f"columns {columns}")
        wanted = [(i, f"A-{i % 9}", 1 + i % 5, None if i < 31 else f"till-{i % 3}") for i in range(1, 51)]
        expect(found == wanted, f"the table holds {found}")


class Undone(Schema):
    """The column is right, the re-run then fails for another reason: everything has to be undone."""
    name, end, bad_row = "undone", "escalated", True


class Scale(Job):
    name, strategy = "scale", "scale_compute_resources"

    def more(self):
        return {"resources": {"open_files": 64}, "max_resources": {"open_files": 1024}}

    def prepare(self, home):
        home.write(f"{self.name}/job.py", OPEN_FILES)

    def after(self, home, state):
        file = self.state_file(home, "limits.json")
        limits = json.loads(file.read_text(encoding="utf-8")) if file else None
        expect(limits == ({"open_files": 128} if state == "healed" else None), f"{state}, and the raised limits are {limits}")
        seen = {line.split()[2] for line in lines(self.folder(home) / "runs.log")}
        expect(seen <= {"64", "128"}, f"it ran with limits of {seen}")


class Config(Job):
    name, strategy = "config", "update_configuration_and_retry"
    GOOD = "; kept by the web team\n[load]\nfile = visits.csv\nbatch_size = 500\n\n[report]\nchatty = {}\n"
    BROKEN = GOOD.format("yes").replace("500", "5O0")

    def more(self):
        return {"config_files": ["settings.ini"]}

    def prepare(self, home):
        home.write(f"{self.name}/job.py", CONFIG)
        home.write(f"{self.name}/settings.ini", self.GOOD.format("no"))
        home.jobs_file({self.name: self.spec()}, "good.yaml")
        first = home.run("run", "--quiet", "--config", "good.yaml", "--job", self.name)
        expect(first.returncode == 0, f"the first, good run ended with {first.returncode}: {first.stderr}")
        home.write(f"{self.name}/settings.ini", self.BROKEN)

    def after(self, home, state):
        wanted = self.GOOD.format("yes") if state == "healed" else self.BROKEN
        found = (self.folder(home) / "settings.ini").read_text(encoding="utf-8")
        expect(found == wanted, f"{state}, and settings.ini is\n{found}")
        left = sorted(path.name for path in self.folder(home).iterdir())
        expect(left == ["job.py", "runs.log", "settings.ini"], f"something is left beside settings.ini: {left}")


class Refreshed(Job):
    name, strategy = "refreshed", "refresh_credentials_and_retry"
    OLD = '{"access_token": "old"}'

    def more(self):
        return {"credentials": {"refresh": [*PYTHON, "refresh.py"], "files": ["token.json"], "retry_delay": "10ms"}}

    def prepare(self, home):
        home.write(f"{self.name}/job.py", CREDENTIALS)
        home.write(f"{self.name}/refresh.py", REFRESH)
        home.write(f"{self.name}/token.json", self.OLD, 0o600)

    def after(self, home, state):
        found = (self.folder(home) / "token.json").read_text(encoding="utf-8")
        expect(found == (self.OLD if state != "healed" else self.OLD.replace("old", "new")), f"{state}, and the token is {found}")
        refreshes = len(lines(self.folder(home) / "refresh.log"))
        expect(refreshes <= 1 and (state != "healed" or refreshes == 1), f"{state}, and the credentials were refreshed {refreshes} times")


class Workload:
    """One call of the program."""
    recoveries = ("run", "serve")
    unlikely = frozenset()       # points that it is thought not to pass: tried together first, to save time

    def prepare(self, home):
        raise NotImplementedError

    def execute(self, home, setting=""):
        """Status and messages of the call with fail points set to `setting`."""
        raise NotImplementedError

    def check_crashed(self, home, setting):
        """Before anything is started again."""

    def check(self, home, incidents, plain):
        """What everything outside of the program must be, now that the incidents ended like this."""
        raise NotImplementedError


NO_UNDO = frozenset({"undo_before_intent", "undo_after_apply", "undo_after_outcome"})
NO_STEPS = frozenset({"step_before_intent", "step_after_intent", "step_after_apply", "step_after_outcome"})


def fail_env(setting):
    return {"MENDLINE_FAIL_POINTS": setting} if setting else {}


class Wrapped(Workload):
    """`run` of a command that fails with a network error first, and again, and then succeeds."""
    name, unlikely = "retry", NO_UNDO | NO_STEPS

    def prepare(self, home):
        home.jobs_file({"other": {"command": ["true"]}})
        home.write("flaky.py", NOTE + f"note('runs.log')\nif len(notes('runs.log')) < 3: sys.exit({NETWORK!r})\n")

    def execute(self, home, setting=""):
        done = home.run("run", "--job", "flaky", "--retry-delay", "10ms", "--", *PYTHON, "flaky.py", env=fail_env(setting))
        return done.returncode, done.stderr

    def check(self, home, incidents, plain):
        runs = [line.split() for line in lines(home.work / "runs.log")]
        expect(len(runs) <= 4 and len({run for run, _ in runs}) == len(runs), f"runs {runs}")
        expect(len({attempt for _, attempt in runs}) == len(runs), f"an attempt was made twice: {runs}")
        expect(len(incidents) <= 1, f"more than one incident: {incidents}")
        if plain:
            expect([i["state"] for i in incidents] == ["healed"] and len(runs) == 3, f"{incidents} {runs}")
        for incident in incidents:
            if incident["state"] == "healed":
                expect(len(runs) == 3, f"healed after {len(runs)} runs, but the third is the first good one")
            else:
                expect(incident["state"] == "escalated", f"{incident['state']}: {incident['reason']}")


class OneJob(Workload):
    """`run --config` of a job with a fault."""
    def __init__(self, job):
        self.job, self.name = job, job.name
        if job.end == "healed":
            self.unlikely = NO_UNDO

    def prepare(self, home):
        self.job.prepare(home)
        home.jobs_file({self.job.name: self.job.spec()})

    def execute(self, home, setting=""):
        done = home.run("run", "--config", "mendline.yaml", "--job", self.job.name, env=fail_env(setting))
        return done.returncode, done.stderr

    def check(self, home, incidents, plain):
        check_jobs(home, [self.job], incidents, plain)


def check_jobs(home, jobs, incidents, plain):
    for job in jobs:
        mine = [incident for incident in incidents if incident["job_id"] == job.name]
        expect(len(mine) <= 1, f"{job.name} has {len(mine)} incidents")
        if plain:
            expect([i["state"] for i in mine] == [job.end], f"without a crash {job.name} must end {job.end}: {mine}")
            tried = [plan["strategy"] for plan in home.json("show", mine[0]["id"])["plans"]]
            expect(tried == [job.strategy], f"{job.name}: tried {tried}")
        for incident in mine:
            if incident["state"] not in {job.end, "escalated"}:
                raise AssertionError(f"{job.name} ended {incident['state']}: {incident['reason']}")
        job.check_runs(home)
        job.after(home, mine[0]["state"] if mine else "not known")


class Served(Workload):
    """`serve --run-now` of three jobs with different faults at once."""
    name = "serve"
    jobs = (Schema(), Undone(), Scale())

    def prepare(self, home):
        for job in self.jobs:
            job.prepare(home)
        home.jobs_file({job.name: job.spec() for job in self.jobs})

    def execute(self, home, setting=""):
        daemon = Daemon(home, "mendline.yaml", *itertools.chain.from_iterable(("--run-now", job.name) for job in self.jobs), env=fail_env(setting))
        ends = [re.compile(rf"(^|Z error ){job.name}(: | succeeded$| failed$)", re.MULTILINE) for job in self.jobs]

        def over():
            if daemon.process.poll() is not None:
                return True
            text = daemon.text()
            return all(end.search(text) for end in ends)
        try:
            wait_until(over, 40, "the end of every job")
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{daemon.text()[-3000:]}") from None
        finally:
            if daemon.process.poll() is None:
                daemon.process.send_signal(signal.SIGTERM)
            try:
                daemon.process.wait(timeout=scaled(20))
            except subprocess.TimeoutExpired:
                os.killpg(daemon.process.pid, signal.SIGKILL)
                daemon.process.wait()
                raise AssertionError(f"serve did not stop on SIGTERM\n{daemon.text()[-3000:]}") from None
        return daemon.process.returncode, daemon.text()

    def check(self, home, incidents, plain):
        check_jobs(home, self.jobs, incidents, plain)


class Ingested(Workload):
    """`ingest` of a few thousand events, many of them twice, after a first part that was acknowledged."""
    name = "ingest"
    recoveries = ("again", "run")
    unlikely = NO_UNDO | NO_STEPS | {"plan_after_record", "verify_before_run", "verify_after_run", "verify_after_record", "learn_before_record",
                                     "run_after_start", "run_after_exit"}
    BATCH = 1000
    MESSAGES = [NETWORK, "Out of memory: Java heap space", "Access denied to BigQuery dataset"]

    @functools.cached_property
    def first(self):
        return [failed_event(f"first-{i}", self.MESSAGES[0], job=f"job-{i % 5}") for i in range(400)]

    @functools.cached_property
    def second(self):
        events = []
        for i in range(3300):
            job = f"job-{i % 5}"
            if i % 1100 == 1099:   # it recovered: what is open of it is settled, what fails later is an incident of its own
                events.append({"event_id": f"good-{i}", "job_id": job, "status": "succeeded", "timestamp": "2026-11-24T03:00:00Z"})
            else:
                events.append(failed_event(i, self.MESSAGES[i // 5 % 3], job=job))
            if i % 7 == 0:
                events.append(events[-1 - i % 5])
        return self.first[100:300] + events + events[500:700]

    @functools.cached_property
    def counts(self):
        """Different events in the store after so many of the second part's batches."""
        seen, counts = {event["event_id"] for event in self.first}, []
        for begin in range(0, len(self.second), self.BATCH):
            counts.append(len(seen))
            seen |= {event["event_id"] for event in self.second[begin:begin + self.BATCH]}
        return [*counts, len(seen)]

    @functools.cached_property
    def failures(self):
        return len({event["event_id"] for event in self.first + self.second if event["status"] == "failed"})

    def prepare(self, home):
        answer = home.ingest(*self.first)
        expect(answer["accepted"] == len(self.first), f"{answer}")
        home.write("events.ndjson", "".join(json.dumps(event) + "\n" for event in self.second))
        home.jobs_file({"other": {"command": ["true"]}})

    def execute(self, home, setting=""):
        done = home.run("ingest", "events.ndjson", "--json", env=fail_env(setting))
        return done.returncode, done.stderr

    def check_crashed(self, home, setting):
        found = home.json("status")["events"]
        point, _, action = setting.partition("=")
        passed = int(action.partition("@")[2] or 1)
        batches = len(self.counts) - 1
        exact = {"ingest_before_journal": passed - 1, "ingest_after_journal": passed, "store_before_commit": passed - 1, "store_after_commit": passed,
                 "diagnosis_after_record": passed, "decision_after_record": batches}
        if point in exact:
            done = min(exact[point], batches)
            expect(found == self.counts[done], f"{found} events are there, but {done} batches were durable: {self.counts[done]}")
        expect(found in self.counts, f"{found} events: a part of a batch is there; whole batches are {self.counts}")

    def check(self, home, incidents, plain):
        home.json("ingest", "events.ndjson")
        home.json("ingest", "-", input="".join(json.dumps(event) + "\n" for event in self.first))
        incidents = home.incidents("--limit", 10000)
        others = sum(2 for job in home.json("jobs") if job["id"] == "other")  # a start and an end of the run that came after the crash
        found, occurrences = home.json("status")["events"] - others, sum(incident["occurrences"] for incident in incidents)
        expect(found == self.counts[-1], f"{found} events are there, {self.counts[-1]} were sent")
        expect(occurrences == self.failures, f"the incidents count {occurrences} failures, {self.failures} were sent")
        states = {incident["state"] for incident in incidents}
        expect(states == {"escalated", "resolved"}, f"incidents are {states}")


WORKLOADS = {work.name: work for work in (Wrapped(), *(OneJob(job) for job in (Scale(), Schema(), Config(), Refreshed(), Undone())),
                                          Served(), Ingested())}


def start_again(home, recovery, workload):
    if recovery == "run":        # of something else, which knows nothing of the job
        done = home.run("run", "--quiet", "--job", "other", "--", "true")
        expect(done.returncode == 0, f"the next run ended with {done.returncode}\n{done.stderr}")
    elif recovery == "again":
        status, text = workload.execute(home)
        expect(status == 0, f"sending the events again ended with {status}\n{text}")
    else:
        with Daemon(home, "mendline.yaml") as daemon:
            # Taken up while it serves. What it leaves unsettled is shown by check_records.
            try:
                wait_until(lambda: all(incident["state"] in ENDS for incident in home.incidents("--limit", 10000)), 20, "an end of what was left")
            except AssertionError:
                pass
            expect(daemon.stop() == 0, f"serve ended with {daemon.process.returncode}\n{daemon.text()}")


def check_records(home):
    """The program's own records, once it was started again: the incidents."""
    verdict = home.run("audit", "verify", "--json")
    expect(verdict.returncode == 0 and json.loads(verdict.stdout)["intact"], f"audit verify: {verdict.stdout}{verdict.stderr}")
    incidents = home.incidents("--limit", 10000)
    for incident in incidents:
        expect(incident["state"] in ENDS, f"{incident['id']} of {incident['job_id']} is left {incident['state']}: {incident['reason']}")
        if not incident["plan"]:
            continue
        record = home.json("show", incident["id"])
        intents = [entry["step"] for entry in record["audit"] if entry["action"] == "step.intent"]
        expect(len(intents) == len(set(intents)), f"a step was begun twice: {intents}")
        for step in itertools.chain.from_iterable(plan["steps"] for plan in record["plans"]):
            expect(step["state"] not in {"started", "undoing"}, f"step {step['id']} is left {step['state']}")
            if step["capability"] != "retry" and incident["state"] != "healed":
                expect(step["state"] != "applied", f"{incident['state']}, but step {step['id']} is still applied")
            if step["capability"] != "retry" and incident["state"] == "healed":
                expect(step["state"] in {"applied", "undone", "failed"}, f"healed, but step {step['id']} is {step['state']}")
    return incidents


class Trial:
    """What came of one: `reached` tells whether the fail point was passed, `problem` what was wrong (nothing: all is well)."""
    def __init__(self, workload, setting, recovery):
        self.workload, self.setting, self.recovery = workload, setting, recovery
        self.reached, self.problem, self.text = False, "", ""

    def run(self):
        try:
            with Home() as home:
                self._run(home)
        except Exception as problem:  # shown by the test that asked for it
            self.problem = f"{problem}\n{traceback.format_exc(limit=-3)}\n{self.text[-2500:]}"
        return self

    def _run(self, home):
        work = self.workload
        work.prepare(home)
        status, self.text = work.execute(home, self.setting)
        if "=kill" in self.setting:
            self.reached = status == -signal.SIGKILL
            expect(self.reached or status >= 0, f"it died of signal {-status}, not of the fail point")
        elif self.setting:
            point = self.setting.partition("=")[0]
            self.reached = f"fail point {point} is set to fail here" in self.text
            expect(status >= 0 and "Sanitizer" not in self.text, f"an error made it crash: {status}")
        if self.reached:
            intact = home.run("audit", "verify")
            expect(intact.returncode == 0, f"right after it: audit verify says {intact.stdout}{intact.stderr}")
            work.check_crashed(home, self.setting)
            start_again(home, self.recovery, work)
        incidents = check_records(home)
        work.check(home, incidents, not self.reached)


WORKERS = 3


def run_trials(trials):
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(Trial.run, trials))


@functools.cache
def kill_trials(name):
    """A workload, killed at the first pass of every fail point that it passes; the ways to start again take turns."""
    work = WORKLOADS[name]
    turns = itertools.cycle(work.recoveries)
    together = [point for point in POINTS if point in work.unlikely]
    likely = [Trial(work, f"{point}=kill", next(turns)) for point in POINTS if point not in work.unlikely]
    plain = Trial(work, ",".join(f"{point}=kill" for point in together), "")
    if not together:
        plain = Trial(work, "", "")
    plain.recovery = work.recoveries[0]
    trials = run_trials([plain, *likely])
    if trials[0].reached:  # it passes one that it was not thought to
        trials[0:1] = run_trials([Trial(work, "", ""), *(Trial(work, f"{point}=kill", next(turns)) for point in together)])
    return trials


@functools.cache
def error_trials(name):
    """The same with the fail point giving an error instead, at those that are passed."""
    work = WORKLOADS[name]
    turns = itertools.cycle(work.recoveries)
    points = [trial.setting.partition("=")[0] for trial in kill_trials(name) if trial.reached]
    return run_trials([Trial(work, f"{point}=error", next(turns)) for point in points])


def passed_by(name):
    return {trial.setting.partition("=")[0] for trial in kill_trials(name) if trial.reached}

"""What the commands promise to people and to other programs: answers, their shapes, exit statuses, help, completion, colours."""
import json
import os
import pty
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import unittest

from mendline import LAB, Home, HomeTest, failed_event, scaled

EXAMPLES = {
    "Access denied to BigQuery dataset": ("permission_denied", "restart_with_elevated_permissions"),
    "Connection timeout after 30 seconds": ("network_timeout", "retry_with_exponential_backoff"),
    "Out of memory: Java heap space": ("resource_exhaustion", "scale_compute_resources"),
    "Column 'user_id' not found in table schema": ("schema_mismatch", "update_schema_and_retry"),
    "Quota 'BigQuery API requests per minute' exceeded": ("quota_exceeded", "request_quota_increase"),
}
REWORDED = {
    "access denied to bigquery dataset analytics_eu": "permission_denied",
    "ERROR: Access Denied: BigQuery dataset sales": "permission_denied",
    "Connection timed out after 45 seconds": "network_timeout",
    "connection timeout after 5 s while connecting to db-3": "network_timeout",
    "java.lang.OutOfMemoryError: Java heap space": "resource_exhaustion",
    "Out of memory: GC overhead limit exceeded": "resource_exhaustion",
    "Column 'customer_id' not found in table schema": "schema_mismatch",
    "column \"user_id\" was not found in the schema of the table": "schema_mismatch",
    "Quota 'BigQuery API requests per day' exceeded": "quota_exceeded",
    "quota exceeded: BigQuery API requests per minute": "quota_exceeded",
}
ANSWER_KEYS = {"id", "error_type", "confidence", "tier", "strategy", "fingerprint", "cause", "facts", "evidence", "evidence_status", "evidence_gaps"}
COMMANDS = {
    "run": ["--job", "--config", "--rerun", "--max-retries", "--retry-delay", "--timeout", "--quiet"],
    "serve": ["--config", "--run-now"],
    "ingest": ["--json"],
    "lab": [],
    "lab run": ["--only", "--folder", "--keep", "--json"],
    "lab list": ["--json"],
    "classify": ["--platform", "--exit-code", "--http-status", "--json", "--ndjson"],
    "explain": ["--platform", "--json"],
    "eval": ["--misses", "--plot", "--fit", "--json"],
    "train": ["--catalog", "--out"],
    "bench": ["--seconds", "--json"],
    "status": ["--json"],
    "jobs": ["--json", "--limit"],
    "incidents": ["--json", "--limit", "--all", "--state", "--job"],
    "strategies": ["--json"],
    "cases": ["--json", "--limit", "--all"],
    "audit": ["--json", "--limit", "--incident"],
    "audit verify": ["--json"],
    "knowledge search": ["--limit", "--type", "--platform", "--json"],
    "knowledge add": ["--type", "--strategy", "--text", "--resolution", "--cause", "--job", "--platform", "--impact", "--minutes", "--failed", "--json"],
    "knowledge import": ["--no-vectors", "--json"],
    "knowledge export": ["--out", "--json"],
    "knowledge remove": ["--json"],
    "knowledge index": ["--out", "--json"],
    "show": ["--json"],
    "plan": ["--json"],
    "approve": ["--reason", "--config", "--json"],
    "reject": ["--reason", "--json"],
    "rollback": ["--reason", "--config", "--json"],
    "resolve": ["--reason", "--json"],
    "pause": ["--job", "--strategy", "--reason", "--json"],
    "resume": ["--job", "--strategy", "--json"],
    "check": ["--json"],
    "init": ["--force"],
    "backup": [],
    "restore": [],
    "completion": [],
}
LISTS = ["jobs", "incidents", "strategies", "cases", "audit"]


class Classify(HomeTest):
    def test_the_worked_examples(self):
        for text, (error_type, strategy) in EXAMPLES.items():
            with self.subTest(text):
                answer = self.home.json("classify", text)
                self.assertEqual((answer["error_type"], answer["strategy"], answer["tier"]), (error_type, strategy, "auto"))
                self.assertGreaterEqual(answer["confidence"], 0.75)
                self.assertLess(answer["confidence"], 1)
        self.assertFalse(self.home.path.exists(), "classify made a home")

    def ask(self, *objects, status=0):
        result = self.home.run("classify", "--ndjson", input="".join(json.dumps(one) + "\n" for one in objects))
        self.assertStatus(result, status)
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(len(answers), len(objects))
        return answers

    def test_small_rewordings(self):
        answers = self.ask(*({"id": text, "message": text} for text in REWORDED))
        for answer in answers:
            with self.subTest(answer["id"]):
                self.assertEqual(answer["error_type"], REWORDED[answer["id"]])

    def test_ndjson_keeps_order_and_ids_of_any_type(self):
        ids = [1, "two", 3.5, None, True, [4, "x"], {"five": {"six": []}}, -7, 2**63 - 1, "", "ü\u0000\n\"", 2**64 - 1]
        texts = list(EXAMPLES)
        answers = self.ask(*({"id": one, "message": texts[i % len(texts)]} for i, one in enumerate(ids)))
        self.assertEqual([answer["id"] for answer in answers], ids)
        for i, answer in enumerate(answers):
            self.assertEqual(answer["error_type"], EXAMPLES[texts[i % len(texts)]][0])
            self.assertLessEqual(ANSWER_KEYS, answer.keys())

    def test_ndjson_without_an_id(self):
        self.assertIsNone(self.ask({"message": "Connection timeout after 30 seconds"})[0]["id"])

    def test_ndjson_of_a_thousand(self):
        texts = list(EXAMPLES)
        answers = self.ask(*({"id": i, "message": f"{texts[i % 5]} (worker {i})"} for i in range(1000)))
        self.assertEqual([answer["id"] for answer in answers], list(range(1000)))

    def test_ndjson_answers_each_line_while_the_input_stays_open(self):
        with self.home.start("classify", "--ndjson", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            try:
                for number in range(3):
                    process.stdin.write(b'{"id": %d, "message": "Connection timeout after 30 seconds"}\n' % number)
                    process.stdin.flush()
                    ready, _, _ = select.select([process.stdout], [], [], scaled(10))
                    self.assertTrue(ready, f"no answer to line {number + 1} while the input is open")
                    self.assertEqual(json.loads(process.stdout.readline())["id"], number)
            finally:
                process.stdin.close()
                process.wait(timeout=scaled(20))

    def test_confidence_never_reaches_one(self):
        messages = [*EXAMPLES, *REWORDED, "\n".join(["java.lang.OutOfMemoryError: Java heap space"] * 200), " ".join(EXAMPLES),
                    "sqlite3.OperationalError: no such column: x", "", "ok"]
        for answer in self.ask(*({"id": i, "message": text, "context": {"exit_code": 137, "oom_killed": True}} for i, text in enumerate(messages))):
            self.assertGreaterEqual(answer["confidence"], 0)
            self.assertLess(answer["confidence"], 1)
            self.assertIn(answer["tier"], ("auto", "assist", "escalate"))

    def test_the_same_cause_has_the_same_fingerprint(self):
        template = ("{} ERROR [task-{}] run {}: psycopg2.OperationalError: could not connect to server at 10.0.{}.7 port 5432: "
                    "Connection timed out after {} ms, request id {}")
        texts = [template.format("2026-11-24T02:00:41Z", 17, "manual__2026-11-24", 3, 30012, "8f14e45f-ceea-467f-a1d5-9a3b0c2d1e4f"),
                 template.format("2025-01-02T23:59:59Z", 4, "manual__2025-01-02", 9, 1, "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed")]
        other = "psycopg2.errors.UndefinedColumn: column \"region\" of relation \"orders\" does not exist"
        first, second, third = (answer["fingerprint"] for answer in self.ask(*({"message": text} for text in [*texts, other])))
        self.assertEqual(first, second)
        self.assertNotEqual(first, third)
        self.assertRegex(first, r"^[0-9a-f]{32}$")

    def test_text_from_standard_input_is_the_same(self):
        text = "Out of memory: Java heap space"
        self.assertEqual(self.home.json("classify", text), self.home.json("classify", "-", input=text))
        self.assertEqual(self.home.json("classify", text), self.home.json("classify", input=text))


class Eval(HomeTest):
    """The figures of `eval` are those that anybody works out from the answers of `classify --ndjson`."""

    def rows(self):
        # Every seventh label is that of the row before, so that there is something wrong, and every fifth row has an alternative.
        seed = [json.loads(line) for line in (LAB.parent / "catalog/cases/seed.jsonl").read_text().splitlines()]
        rows = []
        for i, one in enumerate(seed):
            other = seed[i - 1]["error_type"]
            rows.append({"id": one["id"], "message": one["error_message"], "platform": one["platform"],
                         "label": other if i % 7 == 0 else one["error_type"], "alt": other if i % 5 == 0 else None})
        return rows

    def test_figures_agree(self):
        rows = self.rows()
        said = self.home.run("classify", "--ndjson", input="".join(json.dumps(row) + "\n" for row in rows))
        answers = [json.loads(line) for line in said.stdout.splitlines()]
        got = self.home.json("eval", self.home.write("rows.ndjson", "".join(json.dumps(row) + "\n" for row in rows)))
        n = len(rows)
        right = [a["error_type"] in (r["label"], r["alt"]) for r, a in zip(rows, answers)]
        self.assertAlmostEqual(got["accuracy_alt"], sum(right) / n)
        self.assertAlmostEqual(got["accuracy"], sum(a["error_type"] == r["label"] for r, a in zip(rows, answers)) / n)
        f1 = []
        for kind in {r["label"] for r in rows}:
            hit = sum(r["label"] == kind == a["error_type"] for r, a in zip(rows, answers))
            both = sum(r["label"] == kind for r in rows) + sum(a["error_type"] == kind for a in answers)
            f1.append(2 * hit / both)
        self.assertAlmostEqual(got["macro_f1"], sum(f1) / len(f1))
        order = sorted(range(n), key=lambda i: answers[i]["confidence"])
        error = 0
        for b in range(15):
            some = order[b * n // 15:(b + 1) * n // 15]
            error += abs(sum(answers[i]["confidence"] - right[i] for i in some)) / n
        self.assertAlmostEqual(got["ece"], error)
        auto = [i for i in range(n) if answers[i]["confidence"] >= 0.75 and answers[i]["error_type"] != "unknown_error"]
        self.assertAlmostEqual(got["auto_coverage"], len(auto) / n)
        self.assertAlmostEqual(got["auto_precision"], sum(right[i] for i in auto) / len(auto))
        self.assertEqual(sum(one["n"] for one in got["platforms"]), n)
        self.assertEqual(sum(got["confusion"].values()), n - sum(right))


class Ingest(HomeTest):
    def test_counts_and_what_is_visible_right_after(self):
        answer = self.home.ingest(failed_event(1, "Connection timeout after 30 seconds"),
                                  failed_event(2, "Out of memory: Java heap space", job="report"),
                                  {"event_id": "e-3", "job_id": "other", "status": "succeeded", "timestamp": "2026-11-24T03:00:00+01:00"})
        self.assertEqual((answer["accepted"], answer["duplicates"], answer["rejected"]), (3, 0, []))
        found = {one["job_id"]: one for one in self.home.json("incidents")}
        self.assertEqual({job: one["error_type"] for job, one in found.items()}, {"orders": "network_timeout", "report": "resource_exhaustion"})
        for one in found.values():
            self.assertEqual((one["state"], one["occurrences"]), ("escalated", 1))
            self.assertTrue(one["reason"])
        status = self.home.json("status")
        self.assertEqual((status["events"], status["incidents"]), (3, {"escalated": 2}))
        self.assertEqual({one["id"]: one["last_status"] for one in self.home.json("jobs")},
                         {"orders": "failed", "report": "failed", "other": "succeeded"})
        self.assertIntact()

    def test_bad_lines_are_named_and_the_rest_is_taken(self):
        good = failed_event(1, "Connection timeout after 30 seconds")
        answer = self.home.ingest(good, "{nonsense", {**good, "event_id": "e-2", "timestamp": "yesterday"}, "", failed_event(3, "Access denied"), status=3)
        self.assertEqual((answer["accepted"], answer["duplicates"]), (2, 0))
        self.assertEqual([(one["line"], one["field"]) for one in answer["rejected"]], [(2, ""), (3, "timestamp")])
        for one in answer["rejected"]:
            self.assertEqual(set(one), {"line", "field", "reason"})
            self.assertTrue(one["reason"])

    def test_a_file_and_standard_input(self):
        path = self.home.write("events.ndjson", json.dumps(failed_event(1, "Access denied")) + "\n")
        self.assertEqual(self.home.json("ingest", path)["accepted"], 1)
        self.assertEqual(self.home.json("ingest", "-", input=path.read_text())["duplicates"], 1)

    def test_a_repeated_event_changes_nothing(self):
        event = failed_event(1, "Connection timeout after 30 seconds")
        self.home.ingest(event)
        before = [self.home.json(*command) for command in (["incidents", "--all"], ["jobs"], ["audit", "--limit", "1000"])]
        self.assertEqual(self.home.ingest(event, {**event, "error_message": "something else", "status": "succeeded"})["duplicates"], 2)
        after = [self.home.json(*command) for command in (["incidents", "--all"], ["jobs"], ["audit", "--limit", "1000"])]
        self.assertEqual(before, after)

    def test_the_same_failure_joins_its_incident(self):
        answer = self.home.ingest(*(failed_event(i, f"Connection timeout after {i} seconds to 10.0.0.{i}") for i in range(1, 6)))
        self.assertEqual(answer["new_incidents"], 1)
        [incident] = self.home.json("incidents")
        self.assertEqual((incident["occurrences"], incident["first_event"], incident["last_event"]), (5, "e-1", "e-5"))


class Reading(HomeTest):
    def test_lists_are_one_array_also_when_empty(self):
        for when in ("without a home", "with an empty home"):
            for name in LISTS:
                with self.subTest(name, when=when):
                    answer = self.home.json(name)
                    self.assertIsInstance(answer, list)
                    if name != "strategies" and not (name == "audit" and when == "with an empty home"):
                        self.assertEqual(answer, [])
            if when == "without a home":
                self.assertFalse(self.home.path.exists(), "reading made a home")
                self.home.json("pause")
                self.home.json("resume")
        self.assertEqual(len(self.home.json("strategies")), 10)
        self.assertGreater(len(self.home.json("cases", "--all", "--limit", "1000")), 50)
        self.assertIsInstance(self.home.json("lab", "list"), list)

    def test_status_has_its_fields(self):
        for _ in range(2):
            status = self.home.json("status")
            self.assertLessEqual({"home", "store", "mode", "daemon", "events", "incidents", "pauses", "model", "degraded", "audit_records"}, status.keys())
            self.assertEqual(status["home"], str(self.home.path))
            self.home.ingest(failed_event(1, "Access denied"))
        self.assertIn("encrypted", status["store"])
        self.assertEqual(status["degraded"], [])

    def test_show_by_every_id(self):
        self.home.ingest(failed_event(1, "Access denied to BigQuery dataset"))
        [incident] = self.home.json("incidents")
        whole = self.home.json("show", incident["id"])
        self.assertLessEqual({"incident", "diagnoses", "decisions", "plans", "approvals", "audit"}, whole.keys())
        self.assertEqual(whole["diagnoses"][0]["error_type"], "permission_denied")
        self.assertEqual(whole["decisions"][0]["verdict"], "escalate")
        self.assertEqual(whole["incident"], {key: incident[key] for key in whole["incident"]})
        self.assertEqual(self.home.json("show", incident["id"][:12]), whole)
        by_event = self.home.json("show", "e-1")
        self.assertEqual((by_event["incident"], by_event["event"]["job_id"]), (whole["incident"], "orders"))
        text = self.home.run("show", incident["id"]).stdout
        for part in (incident["id"], "escalated", "permission_denied", "Access denied to BigQuery dataset"):
            self.assertIn(part, text)

    def test_what_is_not_there(self):
        self.assertStatus(self.home.run("show", "inc-nothing"), 1)
        self.home.ingest(failed_event(1, "Access denied"))
        for command in (["show"], ["plan"], ["approve"], ["reject"], ["resolve"], ["rollback"], ["audit", "--incident"]):
            result = self.home.run(*command, "inc-nothing")
            self.assertIn(result.returncode, (1, 2), command)
            self.assertIn("inc-nothing", result.stderr)
        [incident] = self.home.json("incidents")
        result = self.home.run("plan", incident["id"])
        self.assertStatus(result, 1)
        self.assertIn("has no plan", result.stderr)

    def test_limit_and_filters(self):
        self.home.ingest(*(failed_event(i, message, job=f"job-{i}") for i, message in enumerate(EXAMPLES)))
        self.assertEqual(len(self.home.json("incidents", "--limit", "2")), 2)
        self.assertEqual([one["job_id"] for one in self.home.json("incidents", "--job", "job-3")], ["job-3"])
        self.assertEqual(self.home.json("incidents", "--state", "healed"), [])
        self.assertEqual(len(self.home.json("incidents", "--state", "escalated")), 5)
        [one] = self.home.json("incidents", "--job", "job-1")
        for record in self.home.json("audit", "--incident", one["id"]):
            self.assertEqual(record["incident"], one["id"])
        numbers = [record["sequence"] for record in self.home.json("audit", "--limit", "1000")]
        self.assertEqual(numbers, list(range(len(numbers), 0, -1)))


class Pausing(HomeTest):
    def failing_run(self, marker):
        """A job that fails once with a timeout and would succeed the second time. Returns its status and how often it ran."""
        script = self.home.script("flaky.py", "import os, sys\n"
                                  f"path = {str(self.home.work)!r} + '/' + sys.argv[1]\n"
                                  "with open(path, 'a') as file: file.write('x')\n"
                                  "if os.path.getsize(path) < 2: sys.exit('Connection timeout after 30 seconds')\n")
        result = self.home.run("run", "--job", "flaky", "--retry-delay", "10ms", "--", script, marker)
        return result.returncode, len((self.home.work / marker).read_text())

    def test_without_a_pause_it_is_healed(self):
        self.assertEqual(self.failing_run("plain"), (0, 2))

    def test_the_kill_switch(self):
        answer = self.home.json("pause", "--reason", "migration")
        self.assertEqual((answer["scope"], answer["changed"], answer["reason"]), ("global", True, "migration"))
        self.assertFalse(self.home.json("pause")["changed"])
        self.assertEqual(self.home.json("status")["mode"], "paused")
        self.assertEqual(self.failing_run("paused"), (1, 1))
        [incident] = self.home.json("incidents")
        self.assertEqual(incident["state"], "escalated")
        self.assertIn("paused", incident["reason"])
        answer = self.home.json("resume")
        self.assertEqual((answer["changed"], answer["pauses_left"]), (True, 0))
        self.assertEqual(self.home.json("status")["mode"], "auto")
        self.home.json("resolve", incident["id"])
        self.assertEqual(self.failing_run("resumed"), (0, 2))

    def test_a_job_and_a_strategy(self):
        for scope in (["--job", "flaky"], ["--strategy", "retry_with_exponential_backoff"]):
            with self.subTest(scope):
                self.assertTrue(self.home.json("pause", *scope)["changed"])
                self.assertEqual(self.failing_run("paused" + scope[0]), (1, 1))
                self.assertTrue(self.home.json("resume", *scope)["changed"])
                for incident in self.home.json("incidents"):
                    self.home.json("resolve", incident["id"])
                self.assertEqual(self.failing_run("resumed" + scope[0]), (0, 2))

    def test_another_job_is_not_touched(self):
        self.home.json("pause", "--job", "other")
        self.assertEqual(self.failing_run("free"), (0, 2))

    def test_an_unknown_strategy_is_refused_with_the_nearest(self):
        result = self.home.run("pause", "--strategy", "scale_compute_resource")
        self.assertStatus(result, 2)
        self.assertIn("scale_compute_resources", result.stderr)

    def test_both_scopes_at_once_are_wrong_usage(self):
        self.assertStatus(self.home.run("pause", "--job", "a", "--strategy", "scale_compute_resources"), 2)


def table_facts(path, table):
    """Schema and rows of a table, and everything else that the database holds."""
    db = sqlite3.connect(path)
    try:
        schema = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE '%mendline%' AND tbl_name NOT LIKE '%mendline%' ORDER BY 1, 2").fetchall()
        return schema, db.execute(f'SELECT * FROM "{table}" ORDER BY rowid').fetchall()
    finally:
        db.close()


class Approving(HomeTest):
    """A load into a SQLite table of a job of high criticality, whose CSV has a new column."""

    def setUp(self):
        super().setUp()
        self.folder = self.home.work / "critical-table"
        shutil.copytree(LAB / "critical-table", self.folder)
        subprocess.run([sys.executable, "prepare.py"], cwd=self.folder, check=True)
        self.config = self.folder / "mendline.yaml"
        self.database = self.folder / "ledger.db"
        self.before = table_facts(self.database, "bookings")

    def run_job(self):
        return self.home.run("run", "--config", self.config, "--job", "critical-table")

    def waiting(self):
        self.assertStatus(self.run_job(), 1)
        [incident] = self.home.json("incidents")
        self.assertEqual(incident["state"], "awaiting_approval")
        self.assertEqual(table_facts(self.database, "bookings"), self.before)
        return incident["id"]

    def test_approve_executes_the_plan_and_heals(self):
        incident = self.waiting()
        plan = self.home.json("plan", incident)
        self.assertEqual((plan["strategy"], plan["incident"]), ("update_schema_and_retry", incident))
        self.assertRegex(plan["hash"], r"^[0-9a-f]{32,64}$")
        self.assertEqual([step["capability"] for step in plan["steps"]], ["alter_schema", "retry"])
        self.assertIn(plan["hash"], self.home.run("plan", incident).stdout)
        answer = self.home.json("approve", incident, "--reason", "looked at it", "--config", self.config)
        self.assertEqual(answer["state"], "healed")
        schema, rows = table_facts(self.database, "bookings")
        self.assertIn("cost_centre", str(schema))
        self.assertEqual([row[:4] for row in rows[:20]], [tuple(row) for row in self.before[1]])
        self.assertEqual([row[4] for row in rows[20:]], [f"CC{10 + i % 3}" for i in range(21, 36)])
        whole = self.home.json("show", incident)
        self.assertEqual((whole["approvals"][0]["plan_hash"], whole["approvals"][0]["approved"]), (plan["hash"], True))
        again = self.home.run("approve", incident, "--config", self.config)
        self.assertStatus(again, 4)
        self.assertIn("healed", again.stderr)
        self.assertEqual(table_facts(self.database, "bookings"), (schema, rows))
        self.assertEqual(self.home.json("cases")[0]["resolution_strategy"], "update_schema_and_retry")
        self.assertIntact()

    def test_approve_without_a_jobs_file_takes_the_stored_job(self):
        self.assertEqual(self.home.json("approve", self.waiting())["state"], "healed")

    def test_rollback_restores_the_table_exactly(self):
        incident = self.waiting()
        self.home.json("approve", incident, "--config", self.config)
        answer = self.home.json("rollback", incident, "--reason", "not wanted", "--config", self.config)
        self.assertIn(answer["state"], ("rolled_back", "escalated"))
        self.assertIn("not wanted", answer["reason"])
        schema, rows = table_facts(self.database, "bookings")
        self.assertEqual(schema, self.before[0])
        self.assertEqual(rows[:20], self.before[1])
        self.assertStatus(self.home.run("rollback", incident, "--config", self.config), 4)
        self.assertIntact()

    def test_reject_hands_over_and_changes_nothing(self):
        incident = self.waiting()
        answer = self.home.json("reject", incident, "--reason", "the column is a mistake")
        self.assertEqual(answer["state"], "escalated")
        self.assertIn("the column is a mistake", answer["reason"])
        self.assertEqual(table_facts(self.database, "bookings"), self.before)
        self.assertFalse(self.home.json("show", incident)["approvals"][0]["approved"])

    def test_resolve_closes(self):
        incident = self.waiting()
        self.assertEqual(self.home.json("resolve", incident, "--reason", "done by hand")["state"], "resolved")
        self.assertEqual(self.home.json("incidents"), [])
        self.assertStatus(self.home.run("approve", incident, "--config", self.config), 4)

    def test_the_kill_switch_forbids_an_approval(self):
        incident = self.waiting()
        self.home.json("pause")
        self.assertStatus(self.home.run("approve", incident, "--config", self.config), 4)
        self.assertEqual(table_facts(self.database, "bookings"), self.before)
        self.assertEqual(self.home.incidents()[0]["state"], "awaiting_approval")

    def test_a_job_that_recovered_is_left_alone(self):
        incident = self.waiting()
        subprocess.run([sys.executable, "by_hand.py"], cwd=self.folder, check=True)
        self.assertStatus(self.run_job(), 0)
        healed_by_hand = table_facts(self.database, "bookings")
        self.assertEqual(self.home.incidents()[0]["state"], "resolved")
        self.assertStatus(self.home.run("approve", incident, "--config", self.config), 4)
        self.assertEqual(table_facts(self.database, "bookings"), healed_by_hand)


class BackupAndRestore(HomeTest):
    def test_the_old_state_comes_back(self):
        self.home.ingest(failed_event(1, "Access denied"), failed_event(2, "Out of memory: Java heap space"))
        old = [self.home.json(*command) for command in (["incidents", "--all"], ["jobs"])]
        backup = self.home.root / "backup.db"
        self.assertStatus(self.home.run("backup", backup), 0)
        self.assertEqual(backup.stat().st_mode & 0o777, 0o600)
        refused = self.home.run("backup", backup)
        self.assertStatus(refused, 1 if refused.returncode == 1 else 2)
        self.assertIn("backup.db", refused.stderr)
        self.home.ingest(failed_event(3, "Connection timeout after 30 seconds", job="later"))
        self.assertEqual(self.home.json("status")["events"], 3)
        self.assertStatus(self.home.run("restore", backup), 0)
        self.assertEqual([self.home.json(*command) for command in (["incidents", "--all"], ["jobs"])], old)
        self.assertEqual(self.home.json("status")["events"], 2)
        self.assertIntact()
        self.assertIn("restore", " ".join(record["action"] for record in self.home.json("audit")))
        self.assertEqual(self.home.ingest(failed_event(3, "Connection timeout after 30 seconds", job="later"))["accepted"], 1)
        self.assertIntact()

    def test_a_damaged_backup_is_refused_and_nothing_changes(self):
        self.home.ingest(failed_event(1, "Access denied"))
        backup = self.home.root / "backup.db"
        self.assertStatus(self.home.run("backup", backup), 0)
        whole = backup.read_bytes()
        for name, data in {"cut": whole[: len(whole) // 2], "flipped": whole[:9000] + bytes([whole[9000] ^ 1]) + whole[9001:], "empty": b"",
                           "text": b"not a database" * 1000}.items():
            with self.subTest(name):
                backup.write_bytes(data)
                result = self.home.run("restore", backup)
                self.assertIn(result.returncode, (1, 2), result.stderr)
                self.assertIn("backup.db", result.stderr)
                self.assertEqual(self.home.json("status")["events"], 1)
        self.assertIntact()

    def test_nothing_to_back_up(self):
        self.assertStatus(self.home.run("backup", self.home.root / "b.db"), 1)
        self.assertStatus(self.home.run("restore", self.home.root / "none.db"), 1)


class Lab(HomeTest):
    def test_one_scenario(self):
        answer = self.home.json("lab", "run", "--only", "csv-new-column", timeout=120)
        self.assertEqual({key: answer[key] for key in ("healed", "escalated", "wrong_actions", "data_lost")},
                         {"healed": 1, "escalated": 0, "wrong_actions": 0, "data_lost": 0})
        [scenario] = answer["scenarios"]
        self.assertEqual({key: scenario[key] for key in ("name", "outcome", "expected", "ok", "actions")},
                         {"name": "csv-new-column", "outcome": "healed", "expected": "healed", "ok": True, "actions": ["update_schema_and_retry"]})
        self.assertGreater(scenario["seconds"], 0)
        self.assertTrue(scenario["found"])
        self.assertEqual(list((self.home.path / "lab").glob("*")) if (self.home.path / "lab").exists() else [], [], "the working folders stayed")

    def test_an_unknown_scenario(self):
        result = self.home.run("lab", "run", "--only", "no-such-thing")
        self.assertIn(result.returncode, (1, 2))
        self.assertIn("no-such-thing", result.stderr)


class CommandLine(HomeTest):
    def test_help_of_every_command_names_its_options(self):
        everything = self.home.run("--help")
        self.assertStatus(everything, 0)
        for command, options in COMMANDS.items():
            with self.subTest(command):
                self.assertIn(command.split()[0], everything.stdout)
                result = self.home.run(*command.split(), "--help")
                self.assertStatus(result, 0)
                for option in options:
                    self.assertRegex(result.stdout, rf"(?<![\w-]){option}(?![\w-])")
        self.assertStatus(self.home.run("--version"), 0)
        self.assertStatus(self.home.run("--help-all"), 0)
        self.assertFalse(self.home.path.exists())

    def test_no_command_is_left_out_here(self):
        text = self.home.run("--help").stdout
        listed = re.search(r"(?ims)^(?:sub)?commands:\n(.*?)(?:^\S|\Z)", text).group(1)
        names = set(re.findall(r"(?m)^  ([a-z]+)\b", listed))
        self.assertEqual(names, {command.split()[0] for command in COMMANDS})

    def test_wrong_usage(self):
        for args in (["frobnicate"], [], ["status", "--frobnicate"], ["show"], ["classify", "--json", "--ndjson"], ["run", "--rerun", "maybe", "--", "true"],
                     ["run", "--max-retries", "-1", "--", "true"], ["run", "--max-retries", "x", "--", "true"], ["run"], ["lab"], ["completion", "tcsh"],
                     ["incidents", "--limit", "0"], ["run", "--timeout", "soon", "--", "true"], ["run", "--retry-delay", "-1s", "--", "true"],
                     ["classify", "--exit-code", "many", "x"], ["serve", "--config", "none.yaml"], ["check", "none.yaml"],
                     ["run", "--config", "none.yaml", "--job", "x"], ["incidents", "--state", "frobnicated"], ["ingest"], ["audit", "frobnicate"],
                     ["knowledge"], ["knowledge", "add", "--type", "schema_mismatch"], ["knowledge", "search", "x", "--type", "frobnicated"],
                     ["knowledge", "search", "x", "--limit", "0"], ["knowledge", "import"], ["knowledge", "remove"]):
            with self.subTest(args):
                result = self.home.run(*args, input="")
                self.assertEqual(result.returncode, 2, f"{args}: {result.returncode}\n{result.stdout[-500:]}{result.stderr[-500:]}")
                self.assertTrue(result.stderr.strip(), "no word about what is wrong")

    def test_a_fail_point_that_is_none(self):
        result = self.home.run("status", env={"MENDLINE_FAIL_POINTS": "nonsense=kill"})
        self.assertStatus(result, 2)
        self.assertIn("nonsense", result.stderr)

    def test_a_data_folder_that_is_missing(self):
        result = self.home.run("classify", "x", env={"MENDLINE_DATA": str(self.home.root / "nothing")})
        self.assertStatus(result, 1)
        self.assertIn("MENDLINE_DATA", result.stderr)

    def test_completion_is_accepted_by_the_shell(self):
        for shell, check in (("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])):
            with self.subTest(shell):
                result = self.home.run("completion", shell, env={"MENDLINE_DATA": "/nothing/here"})
                self.assertStatus(result, 0)
                for command in ("classify", "rollback", "--max-retries" if shell != "fish" else "max-retries"):
                    self.assertIn(command, result.stdout)
                if shutil.which(shell):
                    checked = subprocess.run([*check, self.home.write(f"c.{shell}", result.stdout)], capture_output=True, text=True)
                    self.assertEqual((checked.returncode, checked.stderr), (0, ""))

    def test_completion_completes_in_bash(self):
        script = self.home.write("c.bash", self.home.run("completion", "bash").stdout)
        wanted = {"mendline re": {"reject", "resolve", "restore", "resume"}, "mendline audit ver": {"verify"}, "mendline run --ret": {"--retry-delay"}}
        for line, words in wanted.items():
            with self.subTest(line):
                code = (f'source {script}; function=$(complete -p mendline | sed "s/.*-F \\([^ ]*\\).*/\\1/"); COMP_WORDS=({line}); COMP_LINE="{line}"; '
                        f'COMP_POINT=${{#COMP_LINE}}; COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); $function mendline "${{COMP_WORDS[-1]}}" "${{COMP_WORDS[-2]}}"; '
                        'printf "%s\\n" "${COMPREPLY[@]}"')
                shown = subprocess.run(["bash", "-c", code], capture_output=True, text=True)
                self.assertEqual({word.strip() for word in shown.stdout.split()}, words, shown.stderr)

    def on_terminal(self, *args, env=None):
        """Status and everything that a terminal gets to see."""
        pid, terminal = pty.fork()
        if pid == 0:
            try:
                os.chdir(self.home.work)
                os.execve(self.home.command()[0], self.home.command(*args), {**self.home.env, **(env or {}), "TERM": "xterm"})
            finally:
                os._exit(99)
        seen = b""
        while True:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            seen += data
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode()

    def test_colours_only_on_a_terminal(self):
        self.home.ingest(failed_event(1, "Access denied to BigQuery dataset"))
        [incident] = self.home.json("incidents")
        commands = (["incidents"], ["status"], ["show", incident["id"]], ["jobs"], ["strategies"], ["audit"], ["classify", "Access denied"])
        for command in commands:
            with self.subTest(command):
                status, seen = self.on_terminal(*command)
                self.assertEqual(status, 0)
                self.assertIn("\x1b[", seen)
                self.assertNotIn("\x1b", self.on_terminal(*command, env={"NO_COLOR": "1"})[1])
                self.assertNotIn("\x1b", self.home.run(*command).stdout)
                status, seen = self.on_terminal(*command, "--json")
                self.assertNotIn("\x1b", seen)
                self.assertIsInstance(json.loads(seen), (dict, list))

    def test_the_story_of_a_run_has_no_colours_with_no_color(self):
        args = ("run", "--job", "x", "--max-retries", "1", "--retry-delay", "10ms", "--", "sh", "-c", "echo Connection timeout after 30 seconds >&2; exit 1")
        self.assertIn("\x1b[", self.on_terminal(*args)[1])
        self.assertNotIn("\x1b", self.on_terminal(*args, env={"NO_COLOR": "1"})[1])
        self.assertNotIn("\x1b", self.home.run(*args).stderr)

    def test_control_characters_of_an_error_do_not_reach_the_terminal(self):
        self.home.ingest(failed_event(1, "Access denied \x1b[2J\x1b]0;owned\x07 to BigQuery dataset"))
        [incident] = self.home.json("incidents")
        for command in (["show", incident["id"]], ["incidents"], ["audit"]):
            with self.subTest(command):
                seen = self.on_terminal(*command)[1]
                self.assertNotIn("\x1b[2J", seen)
                self.assertNotIn("\x1b]0;", seen)

    def test_a_reader_that_goes_away(self):
        self.home.ingest(*(failed_event(i, f"{message} in stage {i}", job=f"job-{i}") for i, message in enumerate(EXAMPLES)))
        with self.home.start("cases", "--all", "--limit", "100000", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdout.read(10)
            process.stdout.close()
            self.assertIn(process.wait(timeout=scaled(20)), (0, -signal.SIGPIPE))
            self.assertEqual(process.stderr.read(), b"")


if __name__ == "__main__":
    unittest.main()

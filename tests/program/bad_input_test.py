"""Whatever comes in - garbage, floods, broken files, a full disk, a lost key - gets a clear error and costs neither the process nor the
rest of the batch nor what was acknowledged before."""
import json
import os
import pathlib
import pwd
import random
import subprocess
import unittest

from mendline import SANITIZED, Daemon, HomeTest, failed_event, limit_file_size

MOST_MIB = 600
DEEP = 100_000
GOOD_TEXT = "Connection timeout after 30 seconds"


def garbage(size, seed=7):
    """The same bytes every time, of every value."""
    return random.Random(seed).randbytes(size)


def event_line(number, **more):
    return json.dumps(failed_event(number, GOOD_TEXT, **more)).encode()


class BadInputTest(HomeTest):
    def ask(self, *args, **options):
        """A process that neither crashes nor takes too much memory."""
        result = self.home.run_measured(*args, text=False, timeout=options.pop("timeout", 60), **options)
        self.assertNoCrash(result)
        if not SANITIZED:
            self.assertLess(result.peak_mib, MOST_MIB, f"{args} took {result.peak_mib:.0f} MiB")
        result.stdout, result.stderr = result.stdout.decode(), result.stderr.decode()  # whatever came in, UTF-8 goes out
        self.assertLess(len(result.stderr), 1_000_000)
        return result


# Lines that are wrong, each with the field that the answer must name.
BAD_EVENTS = {
    "garbage": (garbage(300).replace(b"\n", b""), ""),
    "invalid UTF-8": (event_line(90).replace(b"timeout", b"time\xff\xfeout"), ""),
    "overlong UTF-8": (event_line(90).replace(b"timeout", b"time\xc0\xafout"), ""),
    "a surrogate as UTF-8": (event_line(90).replace(b"timeout", b"time\xed\xa0\x80out"), ""),
    "a raw NUL byte": (event_line(90).replace(b"timeout", b"time\x00out"), ""),
    "cut off": (event_line(90)[:-20], None),
    "two objects": (event_line(90) + event_line(91), ""),
    "an array": (b"[1,2,3]", ""),
    "a string": (b'"text"', ""),
    "a number": (b"17", ""),
    "null": (b"null", ""),
    "an empty object": (b"{}", "event_id"),
    "deep arrays": (b"[" * DEEP, ""),
    "deep objects": (b'{"a":' * DEEP, None),
    "deep and not closed in the context": (event_line(90)[:-1] + b',"context":{"x":' + b"[" * DEEP + b"}}", None),
    "no event id": (event_line(90, event_id=None), "event_id"),
    "no job id": (event_line(90, job_id=None), "job_id"),
    "no status": (event_line(90, status=None), "status"),
    "no timestamp": (event_line(90, timestamp=None), "timestamp"),
    "a blank event id": (event_line(90, event_id="  "), "event_id"),
    "a number as event id": (event_line(90, event_id=5), "event_id"),
    "a list as job id": (event_line(90, job_id=["x"]), "job_id"),
    "an object as message": (event_line(90, error_message={"a": 1}), "error_message"),
    "a status that is none": (event_line(90, status="exploded"), "status"),
    "a boolean as status": (event_line(90, status=True), "status"),
    "a text as attempt": (event_line(90, attempt="two"), "attempt"),
    "a negative attempt": (event_line(90, attempt=-1), "attempt"),
    "a fraction as attempt": (event_line(90, attempt=1.5), "attempt"),
    "a huge attempt": (event_line(90).replace(b"{", b'{"attempt":' + b"9" * 400 + b",", 1), "attempt"),
    "a text as context": (event_line(90, context="x"), "context"),
    "a text as exit code": (event_line(90, context={"exit_code": "1"}), "context.exit_code"),
    "a huge exit code": (event_line(90, context={"exit_code": 2**40}), "context.exit_code"),
    "a number as oom_killed": (event_line(90, context={"oom_killed": 1}), "context.oom_killed"),
    "a NUL in the event id": (event_line(90, event_id="a\x00b"), "event_id"),
    "a line end in the job id": (event_line(90, job_id="a\nb"), "job_id"),
    "a long event id": (event_line(90, event_id="x" * 5000), "event_id"),
    "a lone surrogate": (event_line(90).replace(b"timeout", b"\\ud800"), "error_message"),
    "a day that is none": (event_line(90, timestamp="2026-02-30T00:00:00Z"), "timestamp"),
    "an hour that is none": (event_line(90, timestamp="2026-02-20T25:00:00Z"), "timestamp"),
    "no offset": (event_line(90, timestamp="2026-02-20T05:00:00"), "timestamp"),
    "seconds since 1970": (event_line(90, timestamp=1764000000), "timestamp"),
}
# Odd, but right.
ODD_EVENTS = {
    "an unknown field": event_line(1, colour="blue", nested={"a": [1, {"b": None}]}),
    "the far past": event_line(2, timestamp="1583-01-01T00:00:00Z"),
    "the epoch": event_line(3, timestamp="1970-01-01T00:00:00Z"),
    "the far future": event_line(4, timestamp="9999-12-31T23:59:59.999999999Z"),
    "a clock that goes back": event_line(5, timestamp="2020-02-29T23:59:59-12:00"),
    "an escaped NUL in the text": event_line(6).replace(b"timeout", b"time\\u0000out"),
    "duplicate keys": event_line(7)[:-1] + b',"job_id":"second"}',
    "an empty text": event_line(8, error_message=""),
    "nothing but nulls": event_line(9, run_id=None, platform=None, context=None, attempt=None, job_type=None),
    "a text of one NUL": event_line(10, error_message="\x00"),
    "unusual characters": event_line(11, error_message="\u202e\u0000\ufeff\U0001f4a9 \u0301\u0301\u0301 timeout"),
    "a name like a path": event_line(12, job="../../etc/passwd"),
    "a name like an option": event_line(13, job="--help"),
    "a name like SQL": event_line(14, job="x'; DROP TABLE events; --"),
    "deep in the context": event_line(16)[:-1] + b',"context":{"x":' + b"[" * DEEP + b"]" * DEEP + b"}}",
    "deep in an unknown field": event_line(17)[:-1] + b',"new":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "a format string": event_line(15, error_message="{} {0} %s %n {:.999999999}"),
}


class IngestBadInput(BadInputTest):
    def test_each_bad_line_is_named_and_all_others_are_taken(self):
        lines, wanted = [], []
        for i, (name, (line, field)) in enumerate(BAD_EVENTS.items()):
            lines += [event_line(1000 + i, job=f"job-{i}"), line]
            wanted.append((len(lines), field, name))
        lines.append(event_line(2000))
        result = self.ask("ingest", "-", "--json", input=b"\n".join(lines))
        self.assertStatus(result, 3)
        answer = json.loads(result.stdout)
        self.assertEqual(answer["accepted"], len(BAD_EVENTS) + 1)
        rejected = {one["line"]: one for one in answer["rejected"]}
        self.assertEqual(sorted(rejected), [line for line, _, _ in wanted], "lines: " + str({line: name for line, _, name in wanted}))
        for line, field, name in wanted:
            with self.subTest(name):
                self.assertTrue(rejected[line]["reason"])
                self.assertLess(len(rejected[line]["reason"]), 2000)
                if field is not None:
                    self.assertEqual(rejected[line]["field"], field)
        self.assertEqual(self.home.json("status")["events"], len(BAD_EVENTS) + 1)
        self.assertIntact()

    def test_bad_lines_are_named_for_people(self):
        result = self.ask("ingest", "-", input=event_line(1) + b"\n" + BAD_EVENTS["no job id"][0] + b"\n" + BAD_EVENTS["no offset"][0])
        self.assertStatus(result, 3)
        self.assertRegex(result.stderr, r"line 2: job_id: .*missing")
        self.assertRegex(result.stderr, r"line 3: timestamp: ")
        self.assertIn("1 events accepted", result.stdout)

    def test_odd_events_are_taken(self):
        for name, line in ODD_EVENTS.items():
            with self.subTest(name):
                result = self.ask("ingest", "-", "--json", input=line)
                self.assertStatus(result, 0)
                self.assertEqual(json.loads(result.stdout)["accepted"], 1)
        self.assertEqual(self.home.json("status")["events"], len(ODD_EVENTS))
        jobs = {job["id"]: job for job in self.home.json("jobs")}
        self.assertIn("second", jobs)  # of a key that stands twice the last counts
        self.assertIn("x'; DROP TABLE events; --", jobs)
        for command in (["incidents"], ["jobs"], ["audit"], ["status"], ["incidents", "--json"]):
            self.assertStatus(self.ask(*command), 0)
        for incident in self.home.incidents():
            self.assertStatus(self.ask("show", incident["id"]), 0)
        self.assertIntact()

    def test_blank_lines_and_line_ends(self):
        result = self.ask("ingest", "-", "--json", input=b"\r\n \t\n" + event_line(1) + b"\r\n\n" + event_line(2) + b"\n\n\n" + event_line(3))
        self.assertStatus(result, 0)
        self.assertEqual(json.loads(result.stdout)["accepted"], 3)

    def test_a_line_of_10_mb_is_taken(self):
        big = event_line(1, error_message=("x" * 99 + "\n") * 100_000 + GOOD_TEXT)
        result = self.ask("ingest", "-", "--json", input=event_line(0) + b"\n" + big + b"\n" + event_line(2), timeout=120)
        self.assertStatus(result, 0)
        self.assertEqual(json.loads(result.stdout)["accepted"], 3)
        self.assertSmallHome()

    def assertSmallHome(self):
        self.assertLess(sum(path.stat().st_size for path in self.home.path.rglob("*") if path.is_file()), 3_000_000, "megabytes of text are stored whole")

    def test_a_context_of_10_mb_is_not_stored_whole(self):
        result = self.ask("ingest", "-", "--json", input=event_line(1, context={"log": "x y " * 2_500_000}) + b"\n" + event_line(2), timeout=120)
        self.assertIn(json.loads(result.stdout)["accepted"], (1, 2))
        self.assertSmallHome()

    def test_a_context_of_a_hundred_thousand_names(self):
        context = {f"name-{i}": i for i in range(100_000)}
        result = self.ask("ingest", "-", "--json", input=event_line(1, context=context) + b"\n" + event_line(2), timeout=120)
        self.assertIn(json.loads(result.stdout)["accepted"], (1, 2))
        self.assertSmallHome()

    def test_a_line_of_20_mb_is_refused(self):
        big = event_line(1, error_message="x" * 20_000_000)
        result = self.ask("ingest", "-", "--json", input=event_line(0) + b"\n" + big + b"\n" + event_line(2) + b"\n" + big)
        self.assertStatus(result, 3)
        answer = json.loads(result.stdout)
        self.assertEqual((answer["accepted"], [one["line"] for one in answer["rejected"]]), (2, [2, 4]))
        self.assertIn("16 MiB", answer["rejected"][0]["reason"])

    def test_nothing_but_garbage(self):
        result = self.ask("ingest", "-", "--json", input=garbage(3_000_000))
        self.assertStatus(result, 3)
        answer = json.loads(result.stdout)
        self.assertEqual(answer["accepted"], 0)
        self.assertLessEqual(len(answer["rejected"]), 10_000)
        self.assertGreater(answer["rejected_count"], 9_000)
        self.assertIntact()

    def test_nothing_at_all(self):
        for data in (b"", b"\n", b"\n\n \n"):
            result = self.ask("ingest", "-", "--json", input=data)
            self.assertStatus(result, 0)
            self.assertEqual(json.loads(result.stdout)["accepted"], 0)

    def test_files_that_are_none(self):
        for path in (self.home.root / "missing.ndjson", self.home.work, pathlib.Path("/proc/self/mem")):
            with self.subTest(path):
                result = self.ask("ingest", path, "--json")
                self.assertIn(result.returncode, (1, 2))
                self.assertIn(path.name, result.stderr)


class ClassifyBadInput(BadInputTest):
    def test_any_bytes_get_an_answer(self):
        for name, data in {"garbage": garbage(100_000), "empty": b"", "one NUL": b"\0", "NULs": b"\0" * 100_000, "invalid": b"\xff\xfe\xfd Access denied",
                           "deep": b"[" * DEEP, "10 MB in one line": b"x" * 10_000_000, "20 MB of lines": (b"x" * 99 + b"\n") * 200_000,
                           "repeats": b"ERROR " * 100_000, "an escape": b"\x1b[31mAccess denied\x1b[0m"}.items():
            with self.subTest(name):
                result = self.ask("classify", "--json", "-", input=data, timeout=120)
                self.assertStatus(result, 0)
                answer = json.loads(result.stdout)
                self.assertLess(answer["confidence"], 1)
                self.assertIn(answer["tier"], ("auto", "assist", "escalate"))

    def test_garbage_is_not_repaired(self):
        for data in (garbage(5000), b"\0" * 1000, b"", b"{}" * 100):
            self.assertNotEqual(json.loads(self.ask("classify", "--json", "-", input=data).stdout)["tier"], "auto")

    def test_ndjson_answers_bad_lines_in_their_place(self):
        good = json.dumps({"id": "good", "message": GOOD_TEXT}).encode()
        bad = {"garbage": garbage(200).replace(b"\n", b""), "invalid UTF-8": b'{"message":"\xff"}', "cut": good[:-4], "array": b"[]", "number": b"3",
               "no message": b'{"id":1}', "message of a wrong type": b'{"id":1,"message":[1]}', "platform of a wrong type": b'{"message":"x","platform":7}',
               "context of a wrong type": b'{"message":"x","context":[]}', "exit code of a wrong type": b'{"message":"x","context":{"exit_code":"x"}}',
               "deep": b"[" * DEEP, "deep id": b'{"message":"x","id":' + b"[" * DEEP + b"]" * DEEP + b"}", "two": good + good, "NUL": b'{"message":"a\0b"}',
               "20 MB": b'{"message":"' + b"x" * 20_000_000 + b'"}'}
        lines = []
        for line in bad.values():
            lines += [good, line]
        lines.append(good)
        result = self.ask("classify", "--ndjson", input=b"\n".join(lines))
        self.assertStatus(result, 3)
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(len(answers), len(lines))
        for i, name in enumerate(bad):
            with self.subTest(name):
                self.assertEqual((answers[2 * i]["id"], answers[2 * i]["error_type"]), ("good", "network_timeout"))
                self.assertEqual(answers[2 * i + 1]["line"], 2 * i + 2)
                self.assertTrue(answers[2 * i + 1]["error"])
                self.assertIn(f"line {2 * i + 2}:", result.stderr)
        named = {name: answers[2 * i + 1]["error"] for i, name in enumerate(bad)}
        for name, field in {"no message": "message", "message of a wrong type": "message", "platform of a wrong type": "platform",
                            "context of a wrong type": "context", "exit code of a wrong type": "exit_code", "20 MB": "16 MiB"}.items():
            self.assertIn(field, named[name])

    def test_odd_lines_get_their_answer(self):
        lines = [b'{"message":"x","message":"Access denied to BigQuery dataset","id":1}', b'{"message":"","id":2}', b'{"message":"\\u0000","id":3}',
                 b'{"id":4,"message":"x","extra":{"a":[1]}}', b'{"id":5,"message":"x","platform":null,"context":null}', b'\t{"id":6,"message":"x"}  \r']
        result = self.ask("classify", "--ndjson", input=b"\n".join(lines))
        self.assertEqual([json.loads(line)["id"] for line in result.stdout.splitlines()], [1, 2, 3, 4, 5, 6])
        self.assertStatus(result, 0)

    def test_a_line_of_10_mb(self):
        result = self.ask("classify", "--ndjson", input=json.dumps({"id": 1, "message": "x" * 10_000_000 + "\n" + GOOD_TEXT}).encode(), timeout=120)
        self.assertStatus(result, 0)
        self.assertEqual(json.loads(result.stdout)["error_type"], "network_timeout")


class EvalBadInput(BadInputTest):
    def test_bad_files_are_named_with_their_line(self):
        good = b'{"message":"Access denied","label":"permission_denied"}\n'
        for name, (data, wanted) in {
                "garbage": (garbage(5000), ":1:"), "invalid UTF-8": (good + b'{"message":"\xff","label":"unknown_error"}', ":2:"),
                "not JSON": (good + b"{", ":2:"), "an array": (good + good + b"[]", ":3:"), "deep": (good + b"[" * DEEP, ":2:"),
                "an unknown label": (good + b'{"message":"x","label":"gremlins"}', "label"), "no label": (b'{"message":"x"}', "label"),
                "no message": (good + b'{"label":"unknown_error"}', "message"), "an unknown alt": (b'{"message":"x","label":"unknown_error","alt":"y"}', "alt"),
                "an empty file": (b"", "no labelled messages"), "blank lines": (b"\n\n", "no labelled messages")}.items():
            with self.subTest(name):
                path = self.home.write("labelled.ndjson", data)
                result = self.ask("eval", path, "--json")
                self.assertStatus(result, 2)
                self.assertIn("labelled.ndjson", result.stderr)
                self.assertIn(wanted, result.stderr)
                self.assertEqual(result.stdout, "")
        result = self.ask("eval", self.home.write("labelled.ndjson", good * 3), "--json")
        self.assertStatus(result, 0)
        self.assertEqual(json.loads(result.stdout)["n"], 3)

    def test_files_that_are_none(self):
        for path in (self.home.root / "missing", self.home.work):
            result = self.ask("eval", path)
            self.assertIn(result.returncode, (1, 2))
            self.assertIn(path.name, result.stderr)


JOB = "jobs:\n  load:\n    command: [python3, load.py]\n"


class JobsFileBadInput(BadInputTest):
    def check(self, text, *wanted, line=None, status=2):
        self.home.write("mendline.yaml", text)
        result = self.ask("check", "mendline.yaml")
        self.assertStatus(result, status)
        shown = result.stdout + result.stderr
        for one in wanted:
            self.assertIn(one, shown)
        if line:
            self.assertIn(f"mendline.yaml:{line}:", shown)
        return shown

    def test_mistakes_are_named_with_file_line_and_the_nearest_key(self):
        mistakes = {
            "an unknown key": (JOB + "    tiemout: 5s\n", 4, ["tiemout", "timeout"]),
            "an unknown top key": ("modus: auto\n" + JOB, 1, ["modus", "mode"]),
            "an unknown inner key": (JOB + "    resources: {memry: 5MiB}\n", 4, ["memry", "memory"]),
            "a duplicate key": (JOB + "    mode: auto\n    mode: assist\n", 5, ["mode", "twice"]),
            "a duplicate job": (JOB + "  load:\n    command: [x]\n", 4, ["load", "twice"]),
            "a command that is a text": ("jobs:\n  load:\n    command: python3 load.py\n", 3, ["command", "list"]),
            "no command": ("jobs:\n  load:\n    mode: auto\n", None, ["command", "missing"]),
            "an empty command": ("jobs:\n  load:\n    command: []\n", 3, ["command"]),
            "a mode that is none": (JOB + "    mode: automatic\n", 4, ["automatic", "auto"]),
            "a bad cron": (JOB + '    schedule: "61 * * * *"\n', 4, ["schedule"]),
            "a short cron": (JOB + '    schedule: "* * *"\n', 4, ["schedule"]),
            "a bad time zone": (JOB + "    time_zone: Europe/Atlantis\n", 4, ["Europe/Atlantis"]),
            "a bad size": (JOB + "    resources: {memory: lots}\n", 4, ["lots", "size"]),
            "a negative size": (JOB + "    resources: {memory: -5MiB}\n", 4, ["size"]),
            "a bad time": (JOB + "    timeout: soon\n", 4, ["soon"]),
            "a bad number": (JOB + "    max_retries: many\n", 4, ["many"]),
            "a number too big": (JOB + "    max_retries: 21\n", 4, ["20"]),
            "a list for a map": (JOB + "    env: [A, B]\n", 4, ["env"]),
            "a map for a text": (JOB + "    time_zone: {a: b}\n", 4, ["time_zone"]),
            "a map in the command": ("jobs:\n  load:\n    command: [python3, {a: b}]\n", 3, ["command"]),
            "jobs that are a list": ("jobs: [a, b]\n", 1, ["jobs"]),
            "a tab": ("jobs:\n\tload:\n\t\tcommand: [x]\n", 2, []),
            "not closed": ("jobs: {load: {command: [x]\n", None, []),
            "a version of the future": ("version: 2\n" + JOB, 1, ["version"]),
            "a connector that is none": (JOB + "    connector: remote\n", 4, ["remote", "local"]),
            "a webhook that is none": ("notify: {webhook: 'ftp://x'}\n" + JOB, 1, ["webhook", "http"]),
            "a job name that is a path": ("jobs:\n  ../x:\n    command: [x]\n", 2, ["../x"]),
            "a check without sql": (JOB + "    checks: [{name: a, sqlite: b}]\n", 4, ["checks", "sql"]),
            "a target without table": (JOB + "    targets: [{sqlite: b}]\n", 4, ["targets", "table"]),
            "a strategy that is none": ("strategies: {scale_compute_resource: {mode: assist}}\n" + JOB, None, ["scale_compute_resource"]),
        }
        for name, (text, line, wanted) in mistakes.items():
            with self.subTest(name):
                self.check(text, *wanted, line=line)

    def test_all_mistakes_are_reported_together(self):
        shown = self.check(JOB + "    tiemout: 5s\n    mode: wild\n    max_retries: x\n")
        for line in (4, 5, 6):
            self.assertIn(f"mendline.yaml:{line}:", shown)

    def test_aliases_are_refused(self):
        self.check("jobs:\n  a: &x\n    command: [p]\n  b: *x\n", "alias")
        bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12))
        self.check(bomb + JOB, "alias")
        self.check("jobs: &x\n  a: {command: [p], env: *x}\n")
        self.check("jobs:\n  a:\n    <<: *b\n    command: [x]\n")

    def test_an_asterisk_is_no_alias(self):
        self.check(JOB + '    schedule: "*/5 * * * *"\n    env: {A: "*b", C: "x *y"}\n    checks: [{name: n, sqlite: a.db, sql: "SELECT count(*) FROM t", expect: "> 0"}]\n', status=0)

    def test_files_that_are_no_yaml(self):
        for name, data in {"garbage": garbage(20_000), "invalid UTF-8": JOB.encode() + b"    type: \xff\xfe\n", "NUL": b"jobs:\n  a\0b: {command: [x]}\n",
                           "empty": b"", "a comment": b"# nothing\n", "a number": b"17\n", "a list": b"- a\n- b\n", "deep": b"jobs: " + b"[" * DEEP,
                           "deep maps": b"{a: " * DEEP, "deep by dashes": b"- " * DEEP, "deep by blanks": b"".join(b" " * i + b"a:\n" for i in range(2000)),
                           "deep by question marks": b"? " * 50_000, "5 MB": b"# " + b"x" * 5_000_000 + b"\n" + JOB.encode(),
                           "3 MB in one value": JOB.encode() + b"    tyype: " + b"x" * 3_000_000 + b"\n", "UTF-16": JOB.encode("utf-16")}.items():
            with self.subTest(name):
                path = self.home.write("mendline.yaml", data)
                for command in (["check", path], ["serve", "--config", path], ["run", "--config", path, "--job", "load"]):
                    result = self.ask(*command, timeout=30)
                    self.assertEqual(result.returncode, 2, f"{command}\n{result.stdout[:500]}\n{result.stderr[:500]}")
                    self.assertIn("mendline.yaml", result.stdout + result.stderr)
        self.assertFalse((self.home.path / "mendline.db").exists(), "a wrong jobs file made a store")

    def test_five_thousand_jobs_are_read(self):
        text = "jobs:\n" + "".join(f"  job-{i}:\n    command: [python3, load.py]\n    schedule: '{i % 60} 3 * * *'\n" for i in range(5000))
        self.home.write("mendline.yaml", text)
        result = self.ask("check", "mendline.yaml", "--json", timeout=60)
        self.assertStatus(result, 0)


class RunBadInput(BadInputTest):
    def test_a_command_that_is_not_there(self):
        for command in ("no-such-program-here", "./no-such-file", "/no/such/folder/x", ""):
            with self.subTest(command):
                result = self.ask("run", "--job", "x", "--max-retries", "0", "--", command)
                self.assertStatus(result, 127)
                self.assertIn(command, result.stderr)
                self.assertRegex(result.stderr, r"(?i)not found|no such file|does not exist|is not there|empty")

    def test_a_command_that_may_not_be_executed(self):
        plain = self.home.write("plain.txt", "#!/bin/sh\necho ran\n")
        for command in (plain, self.home.work):
            with self.subTest(command):
                result = self.ask("run", "--job", "x", "--max-retries", "0", "--", command)
                self.assertStatus(result, 126)
                self.assertIn(str(command), result.stderr)
                self.assertEqual(result.stdout, "")

    def test_an_interpreter_that_is_not_there(self):
        result = self.ask("run", "--job", "x", "--max-retries", "0", "--", self.home.write("s", "#!/no/such/interpreter\n", 0o755))
        self.assertIn(result.returncode, (126, 127))

    def test_a_folder_that_is_not_there(self):
        path = self.home.jobs_file({"x": {"command": ["true"], "folder": "nowhere"}})
        result = self.ask("run", "--config", path, "--job", "x")
        self.assertIn(result.returncode, (126, 127))
        self.assertIn("nowhere", result.stderr)

    def test_output_of_any_bytes(self):
        data = self.home.write("data", garbage(200_000))
        result = self.home.run("run", "--job", "x", "--quiet", "--", "sh", "-c", f"cat {data}; cat {data} >&2; exit 9", text=False)
        self.assertStatus(result, 9)
        self.assertEqual(result.stdout, data.read_bytes())
        [incident] = self.home.incidents()
        self.assertStatus(self.ask("show", incident["id"]), 0)

    def test_a_flood_of_output_is_not_kept(self):
        script = self.home.script("flood.py", "import sys\nfor i in range(3000): sys.stdout.write('x' * 20000 + '\\n')\n"
                                  "sys.stderr.write('y' * 30_000_000)\nsys.exit('Access denied to BigQuery dataset')\n")
        result = self.home.run_measured("run", "--job", "x", "--quiet", "--", script)
        self.assertStatus(result, 1)
        self.assertEqual(len(result.stdout), 3000 * 20001)
        if not SANITIZED:
            self.assertLess(result.peak_mib, MOST_MIB)
        self.assertLess(sum(path.stat().st_size for path in self.home.path.rglob("*") if path.is_file()), 3_000_000)


def as_nobody():
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")

    def change():
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
    return change


class Homes(BadInputTest):
    def assertRefused(self, *wanted, env=None, commands=None, preexec_fn=None):
        """Whatever needs the store says clearly why it does not have it."""
        for command in commands or (["incidents", "--json"], ["audit", "verify"], ["jobs"], ["pause"], ["ingest", "-"]):
            with self.subTest(command):
                result = self.ask(*command, env=env, input=event_line(77) if command[0] == "ingest" else b"", preexec_fn=preexec_fn)
                self.assertIn(result.returncode, (1, 2), f"{command}: {result.stdout}{result.stderr}")
                for one in wanted:
                    self.assertIn(one, result.stderr)

    def files(self):
        return {str(path): path.read_bytes() for path in self.home.path.rglob("*") if path.is_file()}

    def test_a_home_that_is_a_file(self):
        self.home.path.write_text("x")
        self.assertRefused("home", commands=(["pause"], ["ingest", "-"]))
        result = self.ask("run", "--job", "x", "--", "sh", "-c", "echo ran; exit 5")
        self.assertStatus(result, 5)
        self.assertEqual(result.stdout, "ran\n")
        self.assertIn("without supervision", result.stderr)
        self.assertEqual(self.home.path.read_text(), "x")

    def read_only(self):
        """The home, readable and not writable by who is asked now, and what to give as preexec_fn."""
        change = as_nobody()
        self.home.ingest(failed_event(1, GOOD_TEXT))
        self.home.root.chmod(0o755)
        self.home.work.chmod(0o777)
        self.home.path.chmod(0o555)
        self.addCleanup(self.home.path.chmod, 0o755)
        if change:
            for path in self.home.path.rglob("*"):
                os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)
                path.chmod(0o500 if path.is_dir() else 0o400)
        else:
            for path in self.home.path.rglob("*"):
                path.chmod(0o500 if path.is_dir() else 0o400)
        return change

    def test_a_read_only_home(self):
        change = self.read_only()
        before = self.files()
        self.assertRefused("ermission denied", commands=(["pause"], ["ingest", "-"]), preexec_fn=change)
        result = self.ask("run", "--job", "x", "--", "sh", "-c", "echo ran; exit 5", preexec_fn=change)
        self.assertStatus(result, 5)
        self.assertEqual(result.stdout, "ran\n")
        self.assertIn("without supervision", result.stderr)
        self.assertEqual(self.files(), before)

    def test_a_home_that_cannot_be_made(self):
        closed = self.home.root / "closed"
        closed.mkdir(mode=0o555)
        self.home.root.chmod(0o755)
        self.home.path = closed / "home"
        self.assertRefused(str(closed), commands=(["pause"], ["ingest", "-"]), preexec_fn=as_nobody())

    def test_a_wrong_key(self):
        self.home.ingest(failed_event(1, GOOD_TEXT))
        before = self.files()
        self.assertRefused("key", env={"MENDLINE_KEY": "ab" * 32})
        self.assertRefused("MENDLINE_KEY", env={"MENDLINE_KEY": "not a key"})
        self.assertRefused("MENDLINE_KEY_COMMAND", env={"MENDLINE_KEY_COMMAND": "exit 3"})
        for env in ({"MENDLINE_KEY": "ab" * 32}, {"MENDLINE_KEY": "not a key"}):
            self.assertNotIn(env["MENDLINE_KEY"], self.ask("incidents", env=env).stderr)
        self.assertEqual(self.files(), before)
        self.assertEqual(self.home.json("status")["events"], 1)

    def test_a_key_that_is_gone_or_broken(self):
        self.home.ingest(failed_event(1, GOOD_TEXT))
        key = self.home.path / "key"
        text = key.read_text()
        for name, change in {"gone": key.unlink, "cut": lambda: key.write_text(text[:20]), "another": lambda: key.write_text("cd" * 32 + "\n"),
                             "empty": lambda: key.write_text("")}.items():
            with self.subTest(name):
                change()
                database = (self.home.path / "mendline.db").read_bytes()
                self.assertRefused("key")
                self.assertEqual((self.home.path / "mendline.db").read_bytes(), database)
                if name == "gone":
                    self.assertFalse(key.exists(), "a new key was made beside an old database")
                    key.touch(0o600)
        key.write_text(text)
        key.chmod(0o644)
        self.assertRefused("chmod 600")
        key.chmod(0o600)
        self.assertEqual(self.home.json("status")["events"], 1)
        self.assertIntact()

    def test_a_key_from_a_command(self):
        env = {"MENDLINE_KEY_COMMAND": "echo " + "12" * 32}
        self.assertStatus(self.ask("ingest", "-", input=event_line(1), env=env), 0)
        self.assertFalse((self.home.path / "key").exists())
        self.assertStatus(self.ask("incidents", env={"MENDLINE_KEY": "12" * 32}), 0)
        self.assertRefused("key")

    def test_a_damaged_database(self):
        self.home.ingest(*(failed_event(i, f"{GOOD_TEXT} in stage {i}", job=f"j{i}") for i in range(30)))
        database = self.home.path / "mendline.db"
        whole = database.read_bytes()
        first = {"empty": b"", "a few bytes": whole[:100], "half a page": whole[:2048], "garbage": garbage(len(whole)), "the first page flipped":
                 whole[:200] + bytes([whole[200] ^ 255]) + whole[201:], "another file": b"SQLite format 3\0" + b"\0" * 8192}
        for name, data in first.items():
            with self.subTest(name):
                database.write_bytes(data)
                self.assertRefused("mendline.db")
                self.assertEqual(database.read_bytes(), data, "what was left of it was overwritten")
        # Damage further behind is found where it is read, at the latest by the verification.
        for name, data in {"half of it": whole[: len(whole) // 8192 * 4096], "its middle gone": whole[: len(whole) // 4] + bytes(len(whole) // 2) + whole[len(whole) // 4 + len(whole) // 2:]}.items():
            with self.subTest(name):
                database.write_bytes(data)
                results = [self.ask(*command) for command in (["incidents", "--all", "--json"], ["audit", "--limit", "1000", "--json"], ["jobs", "--json"],
                                                              ["audit", "verify", "--json"])]
                self.assertIn(1, [result.returncode for result in results], [result.stdout[:300] for result in results])
        database.write_bytes(whole)
        self.assertEqual(self.home.json("status")["events"], 30)
        self.assertIntact()

    def test_a_database_that_is_gone_is_noticed(self):
        self.home.ingest(failed_event(1, GOOD_TEXT))
        (self.home.path / "mendline.db").unlink()
        self.assertFalse(self.home.json("audit", "verify", status=1)["intact"])
        for command in (["ingest", "-", "--json"], ["status"], ["incidents"], ["backup", "x.db"], ["run", "--job", "x", "--", "true"]):
            with self.subTest(command[0]):
                result = self.ask(*command, input=event_line(2))
                self.assertIn("mendline.db is gone", result.stderr)
                self.assertIn("mendline restore", result.stderr)
                self.assertEqual(result.returncode == 0, command[0] == "run", "an unsupervised job still runs")
        self.assertFalse((self.home.path / "mendline.db").exists(), "a lost database was replaced by a new, empty one")

    def test_a_database_that_is_gone_comes_back_from_a_backup(self):
        self.home.ingest(failed_event(1, GOOD_TEXT))
        backup = self.home.root / "backup.db"
        self.assertStatus(self.ask("backup", backup), 0)
        (self.home.path / "mendline.db").unlink()
        self.assertStatus(self.ask("restore", backup), 0)
        self.assertEqual(self.home.json("status")["events"], 1)
        self.assertIntact()

    def test_a_cut_audit_is_noticed(self):
        """An older database under a newer anchor: records were cut off."""
        self.home.ingest(failed_event(1, GOOD_TEXT))
        old = (self.home.path / "mendline.db").read_bytes()
        self.home.ingest(failed_event(2, GOOD_TEXT))
        (self.home.path / "mendline.db").write_bytes(old)
        self.assertFalse(self.home.json("audit", "verify", status=1)["intact"])

    def test_two_daemons_on_one_home(self):
        path = self.home.jobs_file({"x": {"command": ["true"]}})
        with Daemon(self.home, path) as first:
            result = self.ask("serve", "--config", path, timeout=20)
            self.assertStatus(result, 1)
            self.assertIn("another daemon", result.stderr)
            self.assertTrue(self.home.json("status")["daemon"])
            self.assertIsNone(first.process.poll())
            backup = self.home.root / "backup.db"
            self.assertStatus(self.ask("backup", backup), 0)
            refused = self.ask("restore", backup, timeout=30)
            self.assertIn(refused.returncode, (1, 4), "a restore under a running daemon")
            self.assertEqual(first.stop(), 0)
        self.assertFalse(self.home.json("status")["daemon"])


class FullDisk(BadInputTest):
    """A disk that fills up while events come in."""

    def events(self, first, count):
        return [event_line(i, job=f"job-{i % 50}", error_message=f"Connection timeout after 30 seconds in stage {i}: " + "x" * 200) for i in range(first, first + count)]

    def after_full(self, accepted_before, result):
        """What was acknowledged is there, all is intact, and the same input again completes it."""
        self.assertStatus(result, 1)
        self.assertRegex(result.stderr, r"(?i)full|no space|too large|space|disk")
        self.assertGreaterEqual(self.home.json("status")["events"], accepted_before)
        self.assertIntact()

    def flood(self, preexec_fn=None):
        return self.ask("ingest", "-", "--json", input=b"\n".join(self.events(1000, 6000)), preexec_fn=preexec_fn, timeout=120)

    def test_a_limit_of_file_size(self):
        self.home.ingest(failed_event(1, GOOD_TEXT), failed_event(2, GOOD_TEXT))
        result = self.flood(limit_file_size(1_500_000))
        self.after_full(2, result)
        again = self.flood()
        self.assertStatus(again, 0)
        answer = json.loads(again.stdout)
        self.assertEqual(answer["accepted"] + answer["duplicates"], 6000)
        self.assertEqual(self.home.json("status")["events"], 6002)
        self.assertIntact()

    def test_no_room_at_all_to_begin_with(self):
        result = self.ask("ingest", "-", input=event_line(1), preexec_fn=limit_file_size(1000))
        self.assertEqual(result.returncode, 1)
        self.assertTrue(result.stderr.strip())
        self.assertEqual(self.home.ingest(failed_event(1, GOOD_TEXT))["accepted"], 1)
        self.assertIntact()

    def test_a_run_on_a_full_disk_still_runs_the_job(self):
        self.home.ingest(failed_event(1, GOOD_TEXT))
        size = (self.home.path / "mendline.db").stat().st_size
        result = self.ask("run", "--job", "x", "--", "sh", "-c", "echo ran; exit 5", preexec_fn=limit_file_size(4096))
        self.assertEqual(result.stdout.count("ran"), 1, f"{size}: {result.returncode} {result.stderr}")
        self.assertEqual(result.returncode, 5)

    def test_a_small_file_system(self):
        mount = self.home.root / "small"
        mount.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", mount], capture_output=True, text=True)
        if made.returncode != 0:
            self.skipTest(f"no file system may be mounted here ({made.stderr.strip()}); the limit of file size stands for it")
        self.addCleanup(subprocess.run, ["umount", mount], check=True)
        self.home.path = mount / "home"
        self.home.ingest(failed_event(1, GOOD_TEXT), failed_event(2, GOOD_TEXT))
        filler = mount / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 65536)
            except OSError:
                pass
        filler_size = filler.stat().st_size
        os.truncate(filler, filler_size - 300_000)
        result = self.flood()
        os.unlink(filler)
        self.after_full(2, result)
        self.assertEqual(self.home.ingest(failed_event(3, GOOD_TEXT))["accepted"], 1)
        self.assertIntact()


if __name__ == "__main__":
    unittest.main()

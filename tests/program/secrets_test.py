"""No secret and no personal datum reaches the home, a backup or any output: secrets of many kinds go in everywhere, and every byte
that Mendline wrote or said is searched for them. (What the job itself prints goes through as it is, on its own streams.)"""
import base64
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import unittest

from mendline import LAB, Daemon, HomeTest, failed_event, wait_until

# None of these was ever valid. The part before the arrow is what stands in the text; {} is replaced by the secret.
SECRETS = {
    "aws access key": ("aws_access_key_id = {}", "AKIAZ7Q2XW4M5KD3PLVB"),
    "aws secret key": ("aws_secret_access_key={}", "q9Vb3LmXw7RtZk2NcY5sHd8JpFg1Ua4EoTi6Wy0x"),
    "jwt": ("token {} is expired", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzdmMtbG9hZCIsImV4cCI6MTcxMH0.pX8vQzL2mNwR4tYb7KdJcF5hGs9aUe3oWi6VxTq1ZkM"),
    "postgres url": ("could not connect to postgres://loader:{}@db.internal:5432/warehouse", "Vx7kQ2mPz9Lw"),
    "mysql url": ("mysql+pymysql://etl:{}@10.0.0.5/sales refused", "Rk4tYw8NbQ1s"),
    "bearer": ("Authorization: Bearer {}", "b3f9a1c7e5d24086be71f0c93ad85e62"),
    "basic": ("Authorization: Basic {}", base64.b64encode(b"robot:Hj5kLp9QwZx3").decode()),
    "github token": ("remote: Invalid token {}", "ghp_8kLm3NpQ5rTv7XyZ1bCd4FgH6jKw9sAe2UoI"),
    "gitlab token": ("glab: {} was revoked", "glpat-x7Kq2Lm9Vb4Rt8Nc3YsZ"),
    "slack token": ("slack said invalid_auth for {}", "xoxb-291847563012-583920174635-Qw8Er5Ty2Ui9Op4As7Df1GhJ"),
    "stripe key": ("No such customer; key {}", "sk_live_9Kd3mWq7Xv2Lp5Rt8Zb1Nc4Y"),
    "google key": ("API key not valid: {}", "AIzaSyB7kQ2mXw9Lp4Rt8Vb3Nc6YzHd1Jf5Gs0U"),
    "e-mail": ("cannot deliver to {}", "hedwig.lindqvist@kunde-nord.example"),
    "card": ("payment of {} was declined", "4111 1111 1111 1111"),
    "card without blanks": ("duplicate key value (card)=({})", "5555555555554444"),
    "iban": ("transfer to {} failed", "DE89370400440532013000"),
    "password": ("login failed, password={}", "tr0ub4dor&3x9"),
    "password in quotes": ("connect(user='etl', password='{}')", "Zw4!mQ8#vL2p"),
    "password in json": ('{{"user": "etl", "password": "{}"}}', "Mn6Bv3Cx9Zq2"),
    "odbc": ("Driver=x;Server=db;Uid=etl;Pwd={};", "Gt5Hy7Uj8Ki9"),
    "api key": ("api_key: {}", "c81e728d9d4c2f636f067f89cc14862c"),
    "client secret": ("client_secret={}&grant_type=x", "Lq8~Xw2.Vb7_Rt4Nc9Yz1Kd6Hm3Pf5Js0Gu"),
    "url token": ("GET https://api.example.org/v1/data?access_token={} 403", "f47ac10b58cc4372a5670e02b2c3d479"),
    "azure": ("AccountName=lake;AccountKey={};EndpointSuffix=core.windows.net",
              base64.b64encode(bytes(range(7, 71))).decode()),
    "sas": ("https://lake.blob.core.windows.net/raw?sv=2024-11-04&sig={}", "Xw7Lp4Rt8Vb3Nc6YzHd1Jf5Gs0UkQ2mB9aEo%2FTi6Wy4%3D"),
    "npm token": ("//registry.example.org/:_authToken={}", "npm_4kLm3NpQ5rTv7XyZ1bCd8FgH6jKw9sAe2UoI"),
}
PEM_BODY = "MIIEpAIBAAKCAQEAw3Kq9Xv2Lp5Rt8Zb1Nc4YkQ2mXw7Hd6Jf0Gs3UeTi9WyAo\nB4Mz8Vr5Px1Ln7Cq2Ks9Df6Gh3Jt0Yu5Wb8Ei4Oa7Xr1Zv6Mp3Nq2Lk9Jh8Gf5D"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}\n-----END RSA PRIVATE KEY-----"
NEEDLES = {**{name: secret for name, (_, secret) in SECRETS.items()}, "pem, first line": PEM_BODY.split("\n")[0], "pem, second line": PEM_BODY.split("\n")[1]}


def text_of(name):
    template, secret = SECRETS[name]
    return template.format(secret)


ALL_TEXT = "\n".join([*(text_of(name) for name in SECRETS), PEM])


class SecretsTest(HomeTest):
    def setUp(self):
        super().setUp()
        self.said = []   # what Mendline printed

    def tell(self, *args, **options):
        """Runs a command and keeps what it said."""
        result = self.home.run(*args, text=False, **options)
        self.assertNoCrash(result)
        self.said.append((" ".join(map(str, args))[:80], result.stdout + b"\n" + result.stderr))
        return result

    def everything(self):
        """(where, bytes) of all files of the home, a backup, and what all reading commands say."""
        backup = self.home.root / "backup.db"
        backup.unlink(missing_ok=True)
        self.tell("backup", backup)
        for command in (["status"], ["jobs"], ["incidents", "--all"], ["strategies"], ["cases"], ["audit", "--limit", "100000"], ["audit", "verify"]):
            self.tell(*command)
            self.tell(*command, "--json")
        for incident in self.home.incidents("--limit", "1000")[::10]:
            for command in (["show"], ["plan"]):
                self.tell(*command, incident["id"])
                self.tell(*command, incident["id"], "--json")
            for ident in {incident["first_event"], incident["last_run"]} - {""}:
                self.tell("show", ident, "--json")
        yield "backup", backup.read_bytes()
        for path in self.home.path.rglob("*"):
            if path.is_file():
                yield f"file {path.relative_to(self.home.path)}", path.read_bytes()
        yield from ((f"output of {command}", data) for command, data in self.said)

    def assertClean(self, needles=None):
        found = set()
        searched = 0
        for where, data in self.everything():
            searched += 1
            # JSON may escape what is searched for.
            plain = data.replace(b"\\/", b"/").replace(b'\\"', b'"').replace(b"\\n", b"\n")
            for name, secret in (needles or NEEDLES).items():
                for form in {secret, json.dumps(secret)[1:-1]}:
                    if form.encode() in data or form.encode() in plain:
                        found.add((name, where))
        self.assertGreater(searched, 10)
        self.assertEqual(sorted(found), [], "secrets that were found in the clear")


class Knowledge(SecretsTest):
    def test_cases_that_are_added(self):
        for text in (ALL_TEXT, *(text_of(name) for name in list(SECRETS)[:4])):
            result = self.tell("knowledge", "add", "--type", "unknown_error", "--strategy", "escalate_to_human", "--text", text, "--resolution", text,
                               "--cause", text, "--job", text, "--platform", text, "--json")
            self.assertEqual(result.returncode, 0, result.stderr)
        self.tell("knowledge", "search", ALL_TEXT, "--json")
        self.tell("knowledge", "export")
        self.assertClean()

    def test_cases_and_runbooks_that_are_imported(self):
        lines = "".join(json.dumps({"id": text_of(name), "job_id": text_of(name), "platform": text_of(name), "error_message": text_of(name),
                                    "cause": text_of(name), "resolution": text_of(name)}) + "\n" for name in SECRETS)
        self.assertEqual(self.tell("knowledge", "import", "-", input=lines.encode()).returncode, 0)
        bad = "".join(json.dumps({"id": "x", "error_message": "x", text_of(name): text_of(name), "resolution_strategy": text_of(name)}) + "\n"
                      for name in SECRETS)
        self.assertEqual(self.tell("knowledge", "import", "-", "--json", input=bad.encode()).returncode, 3)
        folder = self.home.root / "books"
        folder.mkdir()
        for number, name in enumerate(SECRETS):
            (folder / f"{number}.md").write_text(f"---\nid: r{number}\ntitle: Number {number}\n---\n\n## Repair\n\n{text_of(name)}\n\n{ALL_TEXT}\n")
        self.assertEqual(self.tell("knowledge", "import", folder).returncode, 0)
        self.tell("knowledge", "export")
        self.tell("knowledge", "search", "repair", "--json", "--limit", "100")
        self.assertClean()


class Classify(SecretsTest):
    def test_each_kind(self):
        for name in SECRETS:
            with self.subTest(name):
                text = f"load.py: {text_of(name)}"
                for args in (["classify", "--json", text], ["classify", text]):
                    self.assertNotIn(SECRETS[name][1].encode(), self.home.run(*args, text=False).stdout)

    def test_all_at_once_and_line_by_line(self):
        self.tell("classify", "-", input=ALL_TEXT)
        self.tell("classify", "--json", "-", input=ALL_TEXT)
        self.tell("classify", "--ndjson", input=json.dumps({"message": ALL_TEXT}) + "\n" + "".join(
            json.dumps({"id": i, "message": text_of(name), "context": {"note": text_of(name)}}) + "\n" for i, name in enumerate(SECRETS)))
        for command, data in self.said:
            for name, secret in NEEDLES.items():
                self.assertNotIn(secret.encode(), data, f"{name} in {command}")

    def test_bad_lines_are_not_quoted_with_their_secrets(self):
        for line in (text_of("github token"), json.dumps({"message": "x", "platform": {"p": text_of("password")}}), '{"id": "' + text_of("jwt"),
                     json.dumps({"message": ["x", text_of("postgres url")]})):
            result = self.home.run("classify", "--ndjson", input=line)
            for secret in NEEDLES.values():
                self.assertNotIn(secret, result.stdout + result.stderr)


class Ingest(SecretsTest):
    def test_messages_and_contexts(self):
        events = [failed_event(0, ALL_TEXT, job="all")]
        for i, name in enumerate(SECRETS):
            events.append(failed_event(i + 1, f"Connection timeout after 30 seconds: {text_of(name)}", job=f"job-{i}", context={"note": text_of(name), "exit_code": 1}))
            events.append({**failed_event(i + 100, f"Access denied: {text_of(name)}", job=f"job-{i}"), "unknown_field": {"inner": text_of(name)}})
        events.append(failed_event(90, "x", job="context", context={
            "password": NEEDLES["password"], "DB_PASSWORD": NEEDLES["mysql url"], "api_key": NEEDLES["api key"], "headers": {"Authorization": "Bearer " + NEEDLES["bearer"]},
            "connection": {"user": "etl", "password": NEEDLES["password in json"]}, "env": [text_of("aws access key"), text_of("aws secret key")]}))
        self.tell("ingest", "-", "--json", input="\n".join(map(json.dumps, events)))
        self.assertEqual(self.home.json("status")["events"], len(events))
        self.assertClean()

    def test_refused_lines(self):
        lines = [ALL_TEXT.replace("\n", " ")]
        for name in SECRETS:
            text = text_of(name)
            lines += [json.dumps({**failed_event(1, text), "status": text}), json.dumps({**failed_event(1, text), "timestamp": text}),
                      json.dumps({**failed_event(1, text), "attempt": text}), json.dumps(failed_event(1, text))[:-30], text]
        for args in (["ingest", "-", "--json"], ["ingest", "-"]):
            self.assertStatus(self.tell(*args, input="\n".join(lines)), 3)
        self.assertClean()

    def test_a_long_field_is_not_cut_through_a_secret(self):
        for name in ("github token", "jwt", "postgres url", "aws access key"):
            for length in (400, 480, 500, 505, 509, 511, 990, 1015, 1020, 2030, 2040, 4080, 4090):
                self.tell("ingest", "-", input=json.dumps(failed_event(f"{name}-{length}".replace(" ", ""), "x", job="long", context={
                    "note": "y" * length + " " + SECRETS[name][1], "z" * length + " " + SECRETS[name][1]: "v"})))
        self.assertClean()

    def test_names_of_an_event(self):
        events = []
        for i, name in enumerate(SECRETS):
            if "\n" in SECRETS[name][1]:
                continue
            text = text_of(name)
            events += [{**failed_event(1000 + i, "x"), "job_id": text}, {**failed_event(2000 + i, "x"), "run_id": text},
                       {**failed_event(3000 + i, "x"), "event_id": text}, {**failed_event(4000 + i, "x"), "platform": text, "job_type": text}]
        answer = self.tell("ingest", "-", "--json", input="\n".join(map(json.dumps, events)))
        taken = json.loads(answer.stdout)
        self.assertEqual(taken["duplicates"], 0)
        self.assertGreater(taken["accepted"], len(SECRETS))
        self.tell("ingest", "-", "--json", input="\n".join(map(json.dumps, events)))
        self.assertEqual(self.home.json("status")["events"], taken["accepted"], "the same events again change nothing")
        self.assertClean()

    def test_jobs_named_after_people_stay_apart_and_are_not_named(self):
        self.home.ingest({**failed_event(1, "x"), "job_id": "report for alice@acme-corp.com"}, {**failed_event(2, "x"), "job_id": "report for bob@acme-corp.com"})
        jobs = {incident["job_id"] for incident in self.home.json("incidents")}
        self.assertEqual(len(jobs), 2)
        self.assertFalse(any("@" in job for job in jobs), jobs)

    def test_a_job_s_own_name_may_hold_none(self):
        name = SECRETS["aws access key"][1]
        path = self.home.jobs_file({name: {"command": ["true"]}})
        for args in (["run", "--job", name, "--", "true"], ["check", path], ["serve", "--config", path], ["run", "--config", path, "--job", name]):
            result = self.tell(*args)
            self.assertStatus(result, 2)
            self.assertIn(b"the job's name holds a secret", result.stderr)
        self.assertClean()

    def test_a_flood_with_a_secret_in_the_middle(self):
        for position in (0, 9000, 15_900, 16_380, 24_000, 60_000):
            filler = ("ERROR something failed at step 17 of the load, see above\n" * 1200)
            text = filler[:position] + "\n" + PEM + "\n" + text_of("postgres url") + "\n" + filler[position:]
            self.tell("ingest", "-", input=json.dumps(failed_event(position, text, job=f"job-{position}")))
        self.assertClean()

    def test_reasons_that_people_give(self):
        self.home.ingest(failed_event(1, "Access denied"), failed_event(2, "Out of memory: Java heap space", job="b"))
        first, second = self.home.json("incidents")
        self.tell("pause", "--reason", ALL_TEXT)
        self.tell("pause", "--job", "orders", "--reason", text_of("password"))
        self.tell("resolve", first["id"], "--reason", ALL_TEXT)
        self.tell("reject", second["id"], "--reason", ALL_TEXT)
        self.tell("resume")
        self.assertClean()


class Run(SecretsTest):
    def run_job(self, args, *, env=None, status=None):
        """Runs a job; what it prints itself is taken out of standard error, since that passes through."""
        result = self.home.run(*args, env=env, text=False)
        if status is not None:
            self.assertStatus(result, status)
        own = b"".join(line for line in result.stderr.splitlines(True) if line.startswith(b"mendline:"))
        self.said.append((str(args)[:60], own))
        return result

    def test_output_of_a_job(self):
        self.home.write("out.txt", ALL_TEXT)
        script = self.home.script("leaky.py", "import sys\ntext = open('out.txt').read()\nprint(text)\nprint(text, file=sys.stderr)\nsys.exit('load failed: ' + text.splitlines()[3])\n")
        result = self.run_job(["run", "--job", "leaky", "--", script], status=1)
        self.assertIn(NEEDLES["postgres url"].encode(), result.stdout, "the job's own output is its own")
        for i, name in enumerate(SECRETS):
            self.run_job(["run", "--job", f"leaky-{i}", "--", "sh", "-c", 'printf "%s\\n" "Connection timeout: $MESSAGE" >&2; exit 1'],
                         env={"MESSAGE": text_of(name)}) if i % 5 == 0 else None
        self.assertClean()

    def test_a_secret_across_many_lines_of_output(self):
        self.home.write("out.txt", PEM)
        script = self.home.script("slow.py", "import sys, time\nfor line in open('out.txt'):\n    sys.stderr.write(line); sys.stderr.flush(); time.sleep(0.02)\nsys.exit(1)\n")
        self.run_job(["run", "--job", "pem", "--", script], status=1)
        self.assertClean()

    def test_the_command_line_of_a_job(self):
        for args in (["--password", NEEDLES["password"]], ["--password=" + NEEDLES["password in quotes"]], ["--url", "postgres://loader:" + NEEDLES["postgres url"] + "@db/x"],
                     ["--token", NEEDLES["github token"]], ["-H", "Authorization: Bearer " + NEEDLES["bearer"]], ["--key", NEEDLES["stripe key"]],
                     ["--api-key", NEEDLES["api key"]]):
            self.run_job(["run", "--job", "cli", "--max-retries", "0", "--", "sh", "-c", "exit 3", "sh", *args], status=3)
            self.run_job(["run", "--job", "cli-ok", "--", "sh", "-c", "exit 0", "sh", *args], status=0)
            self.run_job(["run", "--max-retries", "0", "--", "/no/such/program", *args], status=127)
        self.assertClean()

    def test_the_environment_of_a_jobs_file(self):
        env = {"DB_PASSWORD": NEEDLES["password"], "API_TOKEN": NEEDLES["api key"], "AWS_SECRET_ACCESS_KEY": NEEDLES["aws secret key"],
               "DATABASE_URL": "postgres://loader:" + NEEDLES["postgres url"] + "@db/x", "GITHUB": NEEDLES["github token"], "MAIL": NEEDLES["e-mail"],
               "CLIENT_SECRET": NEEDLES["client secret"]}
        command = ["sh", "-c", 'test "$DB_PASSWORD" = "' + NEEDLES["password"] + '" || exit 77; echo "Connection timeout after 30 seconds" >&2; exit 1']
        path = self.home.jobs_file({"load": {"command": command, "env": env, "max_retries": 1, "retry_delay": "10ms",
                                             "credentials": {"refresh": ["curl", "-u", "robot:" + NEEDLES["mysql url"], "https://x"], "files": ["t.json"]}}},
                                   notify={"webhook": "http://hook:" + NEEDLES["odbc"] + "@127.0.0.1:9/x?token=" + NEEDLES["url token"]})
        self.run_job(["run", "--config", path, "--job", "load"], status=1)
        self.tell("check", path)
        self.tell("check", path, "--json")
        self.home.write("wrong.yaml", f"jobs:\n  a:\n    command: [x]\n    env: {{P: 1}}\n    timeout: 'password={NEEDLES['password in quotes']}'\n    github: {NEEDLES['github token']}\n")
        self.tell("check", "wrong.yaml")
        self.tell("run", "--config", "wrong.yaml", "--job", "a")
        self.tell("serve", "--config", "wrong.yaml")
        self.assertClean()

    def test_a_job_with_secrets_in_its_words_can_not_be_approved_from_the_store(self):
        """Redaction must not turn into running the job with '[redacted]' as its password."""
        folder = self.home.work / "critical-table"
        shutil.copytree(LAB / "critical-table", folder)
        subprocess.run([sys.executable, "prepare.py"], cwd=folder, check=True)
        config = folder / "mendline.yaml"
        config.write_text(config.read_text().replace("    timeout: 30s\n", f"    timeout: 30s\n    env: {{DB_PASSWORD: '{NEEDLES['password']}'}}\n"))
        self.run_job(["run", "--config", config, "--job", "critical-table"], status=1)
        [incident] = self.home.incidents()
        self.assertStatus(self.tell("approve", incident["id"]), 2)
        self.assertEqual(self.home.incidents()[0]["state"], "awaiting_approval")
        self.assertStatus(self.tell("approve", incident["id"], "--config", config), 0)
        self.assertClean()


class Repairs(SecretsTest):
    """Config values that are set back and credential files that are replaced: they pass through plans, journals and undo."""

    def run_job(self, path, job, status):
        result = self.home.run("run", "--config", path, "--job", job, text=False)
        self.said.append((f"run {job}", result.stderr))
        self.said.append((f"run {job}, output", result.stdout))
        self.assertStatus(result, status)

    def test_a_config_value_that_is_a_secret(self):
        good, bad = NEEDLES["password"], NEEDLES["password in quotes"]
        self.home.write("settings.ini", f"[target]\nuser = etl\npassword = {good}\nurl = postgres://loader:{NEEDLES['postgres url']}@db/x\nbatch_size = 500\n")
        script = self.home.script("load.py", "import configparser, hashlib, sys\n"
                                  "settings = configparser.RawConfigParser()\nsettings.read('settings.ini')\n"
                                  f"if settings['target']['password'] != {good!r}:\n"
                                  "    sys.exit(\"load.py: configuration error: settings.ini: invalid value for setting 'password' in section [target]\")\n"
                                  "if not settings['target']['batch_size'].isdecimal():\n"
                                  "    sys.exit(f\"load.py: configuration error: settings.ini: invalid value '{settings['target']['batch_size']}' for setting 'batch_size' in section [target]: expected a positive whole number\")\n")
        path = self.home.jobs_file({"load": {"command": [str(script)], "config_files": ["settings.ini"]}})
        self.run_job(path, "load", 0)
        settings = self.home.work / "settings.ini"
        text = settings.read_text()
        settings.write_text(text.replace(good, bad).replace("500", "5O0"))
        result = self.home.run("run", "--config", path, "--job", "load", text=False)
        self.said.append(("run load", result.stdout + result.stderr))
        [incident] = self.home.incidents()
        if result.returncode == 0:
            self.assertEqual(settings.read_text(), text)
            self.said.append(("rollback", self.home.run("rollback", incident["id"], "--config", path, text=False).stderr))
            self.assertEqual(settings.read_text(), text.replace(good, bad).replace("500", "5O0"))
        else:
            self.assertEqual(incident["state"], "escalated")
        self.assertClean()

    def test_a_single_secret_value_is_set_back(self):
        good, bad = NEEDLES["api key"], NEEDLES["bearer"]
        for name, content in (("settings.env", "API_KEY={}\nMODE=x\n"), ("settings.yaml", "api_key: {}\nmode: x\n"), ("settings.json", '{{"api_key": "{}", "mode": "x"}}\n')):
            with self.subTest(name):
                settings = self.home.write(name, content.format(good))
                script = self.home.script("load-" + name + ".py", f"import sys\nif {good!r} not in open({name!r}).read():\n"
                                          f"    sys.exit(\"load.py: configuration error: {name}: invalid value for setting 'api_key': expected 32 hex digits of this environment\")\n")
                path = self.home.jobs_file({name: {"command": [str(script)], "config_files": [name]}}, name=name + "-jobs.yaml")
                self.run_job(path, name, 0)
                settings.write_text(content.format(bad))
                result = self.home.run("run", "--config", path, "--job", name, text=False)
                self.said.append((f"run {name}", result.stdout + result.stderr))
                if result.returncode == 0:
                    self.assertEqual(settings.read_text(), content.format(good))
        self.assertClean()

    def test_credential_files_that_are_replaced(self):
        old, new, refresh = NEEDLES["bearer"], NEEDLES["github token"], NEEDLES["client secret"]
        self.home.write("token.json", json.dumps({"access_token": old}), 0o600)
        self.home.write("refresh_secret", refresh, 0o600)
        job = self.home.script("load.py", "import json, sys\n"
                               f"if json.load(open('token.json'))['access_token'] != {new!r}:\n"
                               "    sys.exit('urllib.error.HTTPError: HTTP Error 401: Unauthorized: {\"error\": \"invalid_token\", \"error_description\": \"The access token expired\"}')\n")
        renew = self.home.script("refresh.py", "import json, os, sys\n"
                                 f"secret = open('refresh_secret').read()\nprint('exchanging', secret)\nprint('client_secret=' + secret, file=sys.stderr)\n"
                                 f"with open('token.json.part', 'w') as file: json.dump({{'access_token': {new!r}}}, file)\n"
                                 "os.chmod('token.json.part', 0o600)\nos.replace('token.json.part', 'token.json')\n")
        path = self.home.jobs_file({"load": {"command": [str(job)], "credentials": {"refresh": [str(renew)], "files": ["token.json"], "retry_delay": "10ms"}}})
        self.run_job(path, "load", 0)
        [incident] = self.home.incidents()
        self.assertEqual(incident["state"], "healed")
        self.assertEqual(json.loads((self.home.work / "token.json").read_text())["access_token"], new)
        self.tell("rollback", incident["id"], "--config", path)
        self.assertEqual(json.loads((self.home.work / "token.json").read_text())["access_token"], old)
        self.assertClean()

    def test_a_refresh_that_fails_and_says_too_much(self):
        self.home.write("token.json", json.dumps({"access_token": NEEDLES["bearer"]}), 0o600)
        job = self.home.script("load.py", "import sys\nsys.exit('HTTP Error 401: Unauthorized: the access token expired')\n")
        renew = self.home.script("refresh.py", f"import sys\nprint({ALL_TEXT!r})\nsys.exit({ALL_TEXT!r})\n")
        path = self.home.jobs_file({"load": {"command": [str(job)], "credentials": {"refresh": [str(renew)], "files": ["token.json"], "retry_delay": "10ms"}}})
        self.run_job(path, "load", 1)
        self.assertEqual(self.home.incidents()[0]["state"], "escalated")
        self.assertClean()

    def test_rows_of_a_table_that_is_altered(self):
        """Schema repairs look at data: none of it may be quoted in the records."""
        database = self.home.work / "people.db"
        db = sqlite3.connect(database)
        with db:
            db.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, mail TEXT NOT NULL)")
            db.execute("INSERT INTO people VALUES (1, ?)", (NEEDLES["e-mail"],))
        db.close()
        self.home.write("people.csv", f"id,mail,card\n2,{NEEDLES['e-mail']},{NEEDLES['card']}\n3,x@y.example,{NEEDLES['card without blanks']}\n")
        shutil.copy(LAB / "critical-table/load.py", self.home.work / "load.py")
        (self.home.work / "load.py").write_text((self.home.work / "load.py").read_text().replace("bookings", "people"))
        path = self.home.jobs_file({"load": {"command": ["python3", "load.py", "people.csv", "people.db"],
                                             "targets": [{"sqlite": "people.db", "table": "people", "source": "people.csv"}]}})
        self.run_job(path, "load", 0)
        self.assertEqual(self.home.incidents()[0]["state"], "healed")
        self.assertClean()


class Serve(SecretsTest):
    def test_a_served_job(self):
        self.home.write("out.txt", ALL_TEXT)
        script = self.home.script("leaky.py", "import sys\ntext = open('out.txt').read()\nprint(text)\nsys.exit('Connection timeout after 30 seconds\\n' + text)\n")
        path = self.home.jobs_file({"leaky": {"command": [str(script), "--password", NEEDLES["password"]], "max_retries": 1, "retry_delay": "10ms",
                                              "env": {"API_TOKEN": NEEDLES["api key"]}}}, notify={"folder": "told"})
        with Daemon(self.home, path, "--run-now", "leaky") as daemon:
            daemon.wait_for("escalated")
            wait_until(lambda: self.home.incidents()[0]["state"] == "escalated", what="the escalation")
            self.home.write("mendline.yaml", f"jobs: {{x: {{command: [x], tokn: {NEEDLES['github token']}, timeout: 'password={NEEDLES['password']}'}}}}")
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for("old one stays in force")
            self.assertEqual(daemon.stop(), 0)
        self.said.append(("serve", daemon.log.read_bytes()))
        told = list((self.home.work / "told").glob("*.json"))
        self.assertTrue(told)
        for file in [*told, *(self.home.path / "escalations").glob("*")]:
            self.said.append((f"escalation {file.name}", file.read_bytes()))
        self.assertClean()


class AtRest(SecretsTest):
    def test_nothing_of_an_event_lies_in_the_clear(self):
        """Apart from redaction: the store and its backup are encrypted, so no word of an event can be read in them."""
        word = "Zwiebelkuchenrezept"
        self.home.ingest(failed_event(1, f"Access denied to dataset {word}", job=f"job-{word}"))
        backup = self.home.root / "backup.db"
        self.tell("backup", backup)
        for path in [backup, *self.home.path.glob("mendline.db*")]:
            data = path.read_bytes()
            self.assertNotIn(word.encode(), data)
            self.assertNotIn(b"CREATE TABLE", data)
            self.assertFalse(data.startswith(b"SQLite format 3"), path)

    def test_only_the_owner_may_read(self):
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        self.home.ingest(failed_event(1, "Access denied"))
        self.tell("backup", self.home.root / "backup.db")
        self.assertEqual(self.home.path.stat().st_mode & 0o777, 0o700)
        for path in [self.home.root / "backup.db", *self.home.path.rglob("*")]:
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_the_key_is_told_nowhere(self):
        self.home.ingest(failed_event(1, "Access denied"))
        key = (self.home.path / "key").read_text().strip()
        self.assertTrue(re.fullmatch("[0-9a-f]{64}", key))
        (self.home.path / "key").unlink()
        self.said.clear()
        env = {"MENDLINE_KEY": key}
        self.home.env.update(env)
        self.tell("run", "--job", "x", "--", "sh", "-c", "exit 3")
        self.assertClean({"the key": key, "raw key": bytes.fromhex(key).decode("latin-1")})


if __name__ == "__main__":
    unittest.main()

"""Airflow 3: `airflow tasks test`-like runs of real tasks (dag.test()), each failing for its own reason."""
import subprocess

from harvestlib import Skip, Tool, batch, fill, net_peers, package_version, venv_python

P, N, S, R, D = "permission_denied", "network_timeout", "schema_mismatch", "resource_exhaustion", "data_duplication"
M, C, Q, A, X, U = ("missing_dependency", "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error")

PREPARE = r"""
from airflow.cli.cli_parser import get_parser

def test(dag, task):
    args = get_parser().parse_args(['tasks', 'test', dag, task, '2024-05-02'])
    args.func(args)
"""
f, run_all = batch("airflow", PREPARE)

HEAD = """from airflow.sdk import DAG, task
import pendulum
with DAG('%(dag)s', start_date=pendulum.datetime(2024, 5, 1), schedule=None, catchup=False) as dag:
"""


DAGS: list[str] = []


def tested(name, type, cause, expect, task, text):
    """A DAG file, and `airflow tasks test` of one of its tasks."""
    DAGS.append(text.replace("@DAG@", f"mart_{len(DAGS)}"))
    return f(name, type, cause, expect, f"test('mart_{len(DAGS) - 1}', {task!r})\n")


def dag(name, type, cause, expect, body):
    """The body of one Python task."""
    return tested(name, type, cause, expect, "load", HEAD % {"dag": "@DAG@"} + "    @task\n    def load():\n" + "".join("        " + line + "\n" for line in body.strip("\n").split("\n")) + "    load()\n")


def bash(name, type, cause, expect, command):
    return tested(name, type, cause, expect, "run_step", "from airflow.providers.standard.operators.bash import BashOperator\n" + HEAD % {"dag": "@DAG@"} + f"    BashOperator(task_id='run_step', bash_command={command!r})\n")


def version(ctx):
    ctx.vars["PYTHON"] = venv_python("venv-airflow", "importlib.metadata")
    return package_version(ctx.vars["PYTHON"], "apache-airflow")


def setup(ctx):
    net_peers(ctx)
    home = ctx.root / "airflow"
    (home / "dags").mkdir(parents=True)
    ctx.alias(home, "/opt/airflow")
    ctx.env |= {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"), "AIRFLOW__CORE__UNIT_TEST_MODE": "False"}
    python = ctx.vars["PYTHON"]
    done = subprocess.run([python, "-m", "airflow", "db", "migrate"], env=ctx.environment(), capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise Skip("airflow db migrate: " + done.stderr[-300:])
    for number, text in enumerate(DAGS):
        (home / "dags" / f"mart_{number}.py").write_text(fill(ctx, text))
    done = subprocess.run([python, "-m", "airflow", "dags", "reserialize"], env=ctx.environment(), capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise Skip("airflow dags reserialize: " + done.stderr[-300:])
    run_all(ctx, python, timeout=600)


FAULTS = [
    dag("file_mode", P, "file_mode", "PermissionError", "import os\nopen('r.csv', 'w').close(); os.chmod('r.csv', 0)\nreturn open('r.csv').read()"),
    dag("http_403", P, "access_denied", "403", "import requests\nr = requests.get('http://127.0.0.1:@HTTP@/v1/ledger')\nr.raise_for_status()"),
    dag("http_401", A, "token_expired", "401", "import requests\nrequests.get('http://127.0.0.1:@HTTP@/v1/invoices').raise_for_status()"),
    dag("http_429", Q, "rate_limited", "429", "import requests\nrequests.get('http://127.0.0.1:@HTTP@/v1/orders').raise_for_status()"),
    dag("http_503", N, "service_unavailable", "503", "import requests\nrequests.get('http://127.0.0.1:@HTTP@/v1/stock').raise_for_status()"),
    dag("refused", N, "connection_refused", "refused", "import requests\nrequests.get('http://127.0.0.1:@CLOSED@/v1/stock')"),
    dag("read_timeout", N, "read_timeout", "ReadTimeout", "import requests\nrequests.get('http://127.0.0.1:@HTTP@/v1/events', timeout=1)"),
    dag("column_missing", S, "column_missing", "no such column", "import sqlite3\nc = sqlite3.connect(':memory:'); c.execute('create table t(id)'); c.execute('select region from t')"),
    dag("column_count", S, "column_count", "2 columns but 3 values", "import sqlite3\nc = sqlite3.connect(':memory:'); c.execute('create table t(a, b)'); c.execute('insert into t values (1, 2, 3)')"),
    dag("duplicate", D, "duplicate_key", "UNIQUE constraint", "import sqlite3\nc = sqlite3.connect(':memory:'); c.execute('create table t(id integer primary key)')\nfor i in (1, 2, 1): c.execute('insert into t values (?)', (i,))"),
    dag("module_missing", M, "module_missing", "ModuleNotFoundError", "import snowplow_loader\nsnowplow_loader.run()"),
    dag("file_missing", M, "file_missing", "FileNotFoundError", "import csv\nreturn len(list(csv.reader(open('/srv/landing/orders_2024-05-02.csv'))))"),
    dag("table_missing", M, "table_missing", "no such table", "import sqlite3\nsqlite3.connect('mart.db').execute('select max(day) from fct_orders')"),
    dag("variable_missing", C, "variable_missing", "Variable|not found|KeyError|VARIABLE_NOT_FOUND", "from airflow.sdk import Variable\nreturn Variable.get('mart_bucket')"),
    dag("connection_missing", C, "connection_undefined", "conn_id|isn't defined|CONNECTION_NOT_FOUND|not found", "from airflow.sdk import BaseHook\nreturn BaseHook.get_connection('warehouse_prod').host"),
    dag("env_missing", C, "variable_missing", "KeyError: 'MART_DSN'", "import os\nreturn os.environ['MART_DSN']"),
    dag("disk_full", R, "disk_full", "No space left", "with open('/dev/full', 'w') as out:\n    out.write('1,2' * 9000)"),
    dag("memory", R, "out_of_memory", "MemoryError|Unable to allocate", "rows = bytearray(1 << 46)"),
    dag("corrupt_gzip", X, "bad_magic", "BadGzipFile", "import gzip\nopen('d.gz', 'w').write('id,amount')\nreturn gzip.open('d.gz').read()"),
    dag("bad_json", X, "malformed_record", "JSONDecodeError", "import json\nfor line in ('{\"id\": 1}', '{\"id\": '):\n    json.loads(line)"),
    dag("bad_value", X, "value_invalid", "could not convert", "return sum(float(v) for v in ('1.5', '2.5', 'n/a'))"),
    dag("type_error", U, "bug", "TypeError", "rows = None\nreturn len(rows)"),
    dag("assertion", U, "bug", "AssertionError", "total, parts = 100, [33, 33, 33]\nassert sum(parts) == total, 'shares do not add up'"),
    dag("airflow_fail", U, "no_information", "AirflowFailException|Task failed", "from airflow.exceptions import AirflowFailException\nraise AirflowFailException('Task failed')"),
    bash("bash_command_missing", M, "binary_missing", "command not found", "spark-submit-3 --class Load job.jar"),
    bash("bash_file_mode", P, "file_mode", "Permission denied", "echo 1 > d.csv; chmod 0 d.csv; cat d.csv"),
    bash("bash_disk_full", R, "disk_full", "No space left", "seq 1 90000 > /dev/full"),
    bash("bash_killed", R, "process_killed", "exit code 137|137|-9", "bash -c 'kill -9 $$'; exit 137"),
    bash("bash_exit_1", U, "no_information", "exit code 1", "exit 1"),
    bash("bash_variable", C, "variable_missing", "unbound variable", "set -u; echo loading $RUN_DAY"),
    bash("bash_checksum", X, "checksum_mismatch", "did NOT match", "echo a > p; sha256sum p > s; echo b > p; sha256sum -c s"),
    bash("bash_refused", N, "connection_refused", "Failed to connect|Couldn't connect", "curl -sS http://127.0.0.1:@CLOSED@/v1"),
    bash("bash_segfault", U, "crash", "139|Segmentation|-11", "bash -c 'kill -SEGV $$'; exit $?"),
    tested("template", C, "variable_missing", "undefined|UndefinedError", "run_step", "from airflow.providers.standard.operators.bash import BashOperator\n" + HEAD % {"dag": "@DAG@"} + "    BashOperator(task_id='run_step', bash_command='load --day {{ params.day.iso }}')\n"),
    f("duplicate_task", C, "resource_already_exists", "DuplicateTaskId|already", "from airflow.providers.standard.operators.bash import BashOperator\n" + HEAD % {"dag": "mart_dup"} + "    BashOperator(task_id='a', bash_command='true')\n    BashOperator(task_id='a', bash_command='true')\n"),
    f("cycle", C, "settings_incompatible", "[Cc]ycle", "from airflow.providers.standard.operators.bash import BashOperator\n" + HEAD % {"dag": "mart_cycle"} + "    a = BashOperator(task_id='a', bash_command='true'); b = BashOperator(task_id='b', bash_command='true'); a >> b >> a\ndag.test()\n"),
    f("argument", C, "option_unknown", "Invalid arguments|unexpected keyword", "from airflow.providers.standard.operators.bash import BashOperator\n" + HEAD % {"dag": "mart_arg"} + "    BashOperator(task_id='a', bash_command='true', provide_context=True)\n"),
    f("schedule", C, "value_invalid", "cron|Cron|schedule", "from airflow.sdk import DAG\nimport pendulum\nDAG('mart_cron', schedule='61 3 * * *', start_date=pendulum.datetime(2024, 5, 1)).test()\n"),
    f("provider_missing", M, "module_missing", "No module named", "from airflow.providers.google.cloud.operators.bigquery import BigQueryInsertJobOperator\n"),
    tested("sensor_timeout", U, "deadline_without_cause", "Sensor has timed out|SensorTimeout|timed out", "wait", "from airflow.providers.standard.sensors.python import PythonSensor\n" + HEAD % {"dag": "@DAG@"} + "    PythonSensor(task_id='wait', python_callable=lambda: False, poke_interval=0.2, timeout=1)\n"),
    tested("execution_timeout", U, "deadline_without_cause", "AirflowTaskTimeout|[Tt]imed out|[Tt]imeout", "rebuild", "from datetime import timedelta\n" + HEAD % {"dag": "@DAG@"} + "    @task(execution_timeout=timedelta(seconds=1))\n    def rebuild():\n        import time\n        time.sleep(5)\n    rebuild()\n"),
]
TOOL = Tool("airflow", "airflow", version, FAULTS, setup)

"""dbt-core with DuckDB: one command a fault, through dbt's own runner."""
from harvestlib import Tool, batch, package_version, venv_python

P, N, S, R, D = "permission_denied", "network_timeout", "schema_mismatch", "resource_exhaustion", "data_duplication"
M, C, Q, A, X, U = ("missing_dependency", "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error")

PREPARE = r"""
import os, shutil
from dbt.cli.main import dbtRunner
os.environ['DBT_SEND_ANONYMOUS_USAGE_STATS'] = 'false'
PROJECT = "name: shop\nversion: '1.0'\nprofile: shop\nmodel-paths: [models]\n"
PROFILE = "shop:\n  target: prod\n  outputs:\n    prod:\n      type: duckdb\n      path: mart.duckdb\n      threads: 1\n"
BASE = {'dbt_project.yml': PROJECT, 'profiles.yml': PROFILE, 'models/stg_orders.sql': "select 1 as id, 'a' as customer, 5 as amount, 'new' as state union all select 2, 'b', 7, 'done'"}

def dbt(files, *args):
    global number
    number += 1
    home = os.path.join(work, 'shop%d' % number)
    for name, text in {**BASE, **files}.items():
        if text is None: continue
        path = os.path.join(home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, 'w').write(text)
    os.chdir(home)
    result = dbtRunner().invoke([*(args or ('run',)), '--project-dir', home, '--profiles-dir', home, '--no-use-colors'])
    if result.exception is not None:
        print(result.exception)
number = 0
"""
f, run_all = batch("dbt", PREPARE)


def version(ctx):
    ctx.vars["PYTHON"] = venv_python("venv-dbt", "dbt.adapters.duckdb")
    return f"{package_version(ctx.vars['PYTHON'], 'dbt-core')} duckdb {package_version(ctx.vars['PYTHON'], 'dbt-duckdb')}"


def model(name, type, cause, expect, text, **more):
    files = {"models/fct_sales.sql": text, **{k: v for k, v in more.items()}}
    return f(name, type, cause, expect, f"dbt({files!r})")


def test(name, type, cause, expect, yaml, **files):
    return f(name, type, cause, expect, "dbt(%r, 'build')" % ({"models/schema.yml": yaml, **files},))


ONE = "version: 2\nmodels:\n  - name: stg_orders\n    columns:\n      - name: %s\n        data_tests: [%s]\n"
FAULTS = [
    model("column_missing", S, "column_missing", "Binder Error", "select id, discount from {{ ref('stg_orders') }}"),
    model("union_count", S, "column_count", "same number of result columns", "select 1 union all select 1, 2"),
    model("type", S, "type_mismatch", "Binder Error|Cannot|No function", "select sum(customer) from {{ ref('stg_orders') }}"),
    f("incremental_new_column", S, "incompatible_evolution", "out of sync|schema|on_schema_change", "c = \"{{ config(materialized='incremental', on_schema_change='fail') }} select 1 as id%s\"\ndbt({'models/fct.sql': c % ''}, 'run', '--quiet')\ndbt.__globals__['number'] -= 1\ndbt({'models/fct.sql': c % \", 'x' as channel\"})"),
    f("contract_columns", S, "contract_violation", "contract", "dbt({'models/fct.sql': 'select 1 as id, 2 as amount', 'models/s.yml': 'version: 2\\nmodels:\\n  - name: fct\\n    config: {contract: {enforced: true}}\\n    columns:\\n      - {name: id, data_type: integer}\\n      - {name: region, data_type: varchar}\\n'})"),
    f("contract_type", S, "contract_violation", "contract", "dbt({'models/fct.sql': \"select 'x' as id\", 'models/s.yml': 'version: 2\\nmodels:\\n  - name: fct\\n    config: {contract: {enforced: true}}\\n    columns:\\n      - {name: id, data_type: integer}\\n'})"),
    model("bad_value", X, "value_invalid", "Conversion Error", "{{ config(materialized='table') }} select cast(v as integer) as n from (values ('1'), ('1O')) t(v)"),
    model("bad_date", X, "value_invalid", "Conversion Error|date", "{{ config(materialized='table') }} select cast(v as date) as d from (values ('2024-05-01'), ('2024-05-32')) t(v)"),
    f("seed_bad_utf8", X, "encoding_invalid", "utf-8|decode|encoding|unicode", "os.makedirs(work + '/shop%d/seeds' % (number + 1)); open(work + '/shop%d/seeds/regions.csv' % (number + 1), 'wb').write(b'id,name\\n1,M\\xfcller\\n')\ndbt({}, 'seed')"),
    f("seed_bad_type", X, "value_invalid", "Conversion Error|convert|Could not", "dbt({'seeds/regions.csv': 'id,name\\n1,a\\nx,b\\n', 'dbt_project.yml': PROJECT + 'seeds:\\n  shop:\\n    regions:\\n      +column_types: {id: integer}\\n'}, 'seed')"),
    test("not_null", X, "quality_test_failed", "FAIL 1", ONE % ("customer", "not_null"), **{"models/stg_orders.sql": "select 1 as id, null as customer"}),
    test("accepted_values", X, "quality_test_failed", "FAIL 1", ONE % ("state", "{accepted_values: {arguments: {values: [new]}}}")),
    test("unique", D, "uniqueness_test_failed", "FAIL 1", ONE % ("id", "unique"), **{"models/stg_orders.sql": "select 1 as id union all select 1"}),
    test("unique_many", D, "uniqueness_test_failed", "FAIL 2", ONE % ("customer", "unique"), **{"models/stg_orders.sql": "select unnest(['a', 'a', 'b', 'b', 'c']) as customer"}),
    test("relationships", X, "quality_test_failed", "FAIL 1", "version: 2\nmodels:\n  - name: lines\n    columns:\n      - name: order_id\n        data_tests: [{relationships: {arguments: {to: ref('stg_orders'), field: id}}}]\n", **{"models/lines.sql": "select 9 as order_id"}),
    f("singular_test", X, "quality_test_failed", "FAIL 1", "dbt({'tests/amount_positive.sql': \"select * from {{ ref('stg_orders') }} where amount > 6\"}, 'build')"),
    f("unit_test", U, "bug", "actual differs from expected|differs", "dbt({'models/total.sql': \"select sum(amount) + 1 as total from {{ ref('stg_orders') }}\", 'models/u.yml': \"unit_tests:\\n  - name: sums\\n    model: total\\n    given:\\n      - input: ref('stg_orders')\\n        rows: [{amount: 1}, {amount: 2}]\\n    expect: {rows: [{total: 3}]}\\n\"}, 'build')"),
    f("unique_key_constraint", D, "duplicate_key", "[Dd]uplicate", "dbt({'models/fct.sql': \"{{ config(materialized='table') }} select 1 as id union all select 1\", 'models/s.yml': 'version: 2\\nmodels:\\n  - name: fct\\n    config: {contract: {enforced: true}}\\n    columns:\\n      - {name: id, data_type: integer, constraints: [{type: unique}]}\\n'})"),
    f("not_null_constraint", X, "quality_test_failed", "NOT NULL", "dbt({'models/fct.sql': \"{{ config(materialized='table') }} select 1 as id union all select null\", 'models/s.yml': 'version: 2\\nmodels:\\n  - name: fct\\n    config: {contract: {enforced: true}}\\n    columns:\\n      - {name: id, data_type: integer, constraints: [{type: not_null}]}\\n'})"),
    f("check_constraint", X, "quality_test_failed", "CHECK", "dbt({'models/fct.sql': \"{{ config(materialized='table') }} select 1 as id union all select -4\", 'models/s.yml': 'version: 2\\nmodels:\\n  - name: fct\\n    config: {contract: {enforced: true}}\\n    columns:\\n      - {name: id, data_type: integer, constraints: [{type: check, expression: id > 0}]}\\n'})"),
    model("table_missing", M, "table_missing", "Catalog Error", "select * from raw.orders_2024"),
    model("ref_missing", M, "table_missing", "depends on a node named", "select * from {{ ref('stg_lines') }}"),
    model("source_missing", M, "table_missing", "depends on a source named", "select * from {{ source('erp', 'lines') }}"),
    f("source_table_missing", M, "table_missing", "Catalog Error", "dbt({'models/src.yml': 'version: 2\\nsources:\\n  - name: erp\\n    schema: erp\\n    tables: [{name: orders}]\\n', 'models/fct.sql': \"select * from {{ source('erp', 'orders') }}\"})"),
    model("function_missing", M, "function_missing", "does not exist|Catalog Error", "select fiscal_week(id) from {{ ref('stg_orders') }}"),
    model("file_missing", M, "file_missing", "No files found", "select * from read_parquet('lake/orders/*.parquet')"),
    model("macro_missing", M, "function_missing", "is undefined", "select {{ cents_to_euro('amount') }} from {{ ref('stg_orders') }}"),
    f("package_missing", M, "package_missing", "packages|dbt deps", "dbt({'packages.yml': 'packages:\\n  - local: ../audit_tools\\n'})"),
    f("deps_local_missing", M, "package_missing", "no dbt_project|not found|No dbt_project|Could not|Runtime", "dbt({'packages.yml': 'packages:\\n  - local: ../audit_tools\\n'}, 'deps')"),
    f("adapter_missing", M, "driver_missing", "Could not find adapter type|snowflake", "dbt({'profiles.yml': PROFILE.replace('type: duckdb', 'type: snowflake')})"),
    f("project_missing", M, "file_missing", "No dbt_project.yml|not found", "os.makedirs(work + '/empty')\nfrom dbt.cli.main import dbtRunner\nprint(dbtRunner().invoke(['run', '--project-dir', work + '/empty', '--no-use-colors']).exception)"),
    f("profile_missing", C, "connection_undefined", "Could not find profile named", "dbt({'dbt_project.yml': PROJECT.replace('profile: shop', 'profile: warehouse')})"),
    f("target_missing", C, "connection_undefined", "does not have a target named", "dbt({}, 'run', '--target', 'staging')"),
    f("env_var_missing", C, "variable_missing", "Env var required but not provided", "dbt({'profiles.yml': PROFILE.replace('mart.duckdb', '\"{{ env_var(\\'MART_PATH\\') }}\"')})"),
    model("var_missing", C, "variable_missing", "Required var", "select '{{ var(\"run_day\") }}' as d"),
    f("project_yaml", C, "syntax_invalid", "Syntax error|YAML|yaml", "dbt({'dbt_project.yml': PROJECT + '  models:\\n shop: [\\n'})"),
    f("schema_yaml", C, "syntax_invalid", "Syntax error|YAML|Parsing Error", "dbt({'models/s.yml': 'version: 2\\nmodels:\\n  - name: stg_orders\\n   columns:\\n'})"),
    f("project_key_type", C, "value_invalid", "is not of type|is not valid|Runtime|Invalid", "dbt({'dbt_project.yml': PROJECT + 'clean-targets: 5\\n'})"),
    f("version_pinned", M, "version_conflict", "requires|version", "dbt({'dbt_project.yml': PROJECT + \"require-dbt-version: '>=9.0.0'\\n\"})"),
    model("materialization", C, "value_invalid", "materialization", "{{ config(materialized='tabel') }} select 1"),
    f("option", C, "option_unknown", "No such option", "dbt({}, 'run', '--full-refreshh')"),
    f("threads", C, "value_invalid", "is not a valid integer|Invalid value", "dbt({}, 'run', '--threads', 'many')"),
    f("duplicate_model", C, "resource_already_exists", "same name|two|duplicate", "dbt({'models/a/fct.sql': 'select 1', 'models/b/fct.sql': 'select 1'})"),
    f("duplicate_test_name", C, "resource_already_exists", "two|same name|duplicate", "dbt({'models/s.yml': 'version: 2\\nmodels:\\n  - name: stg_orders\\n  - name: stg_orders\\n'})"),
    f("cycle", C, "settings_incompatible", "cycle", "dbt({'models/a.sql': \"select * from {{ ref('b') }}\", 'models/b.sql': \"select * from {{ ref('a') }}\"})"),
    model("jinja", U, "bug", "Compilation Error|unexpected", "select {% if target.name %} 1"),
    model("syntax", U, "statement_invalid", "Parser Error", "select id amount x from from {{ ref('stg_orders') }}"),
    model("group_by", U, "statement_invalid", "GROUP BY", "select customer, id, sum(amount) from {{ ref('stg_orders') }} group by customer"),
    model("raise", U, "bug", "ledger", "{{ exceptions.raise_compiler_error('ledger is not closed for this month') }}"),
    model("error_function", U, "bug", "balance", "{{ config(materialized='table') }} select error('debits and credits do not balance') as e"),
    f("file_mode", P, "file_mode", "Permission denied", "home = work + '/shop%d' % (number + 1)\nos.makedirs(home + '/models'); open(home + '/models/secret.sql', 'w').write('select 1'); os.chmod(home + '/models/secret.sql', 0)\ndbt({})"),
    f("target_mode", P, "file_mode", "Permission denied", "home = work + '/shop%d' % (number + 1)\nos.makedirs(home + '/target'); os.chmod(home + '/target', 0o555)\ndbt({})"),
    f("memory", R, "out_of_memory", "Out of Memory", "dbt({'profiles.yml': PROFILE + \"      settings: {memory_limit: 20MB, temp_directory: '', threads: 1}\\n\", 'models/big.sql': \"{{ config(materialized='table') }} select count(*) as n from (select distinct md5(i::varchar) from range(4000000) t(i))\"})"),
    f("disk_full", R, "disk_full", "No space left", "dbt({'models/out.sql': \"{{ config(materialized='table', pre_hook=\\\"copy (select * from range(900000)) to '/dev/full' (format csv, use_tmp_file false)\\\") }} select 1 as id\"})"),
]


def setup(ctx):
    run_all(ctx, ctx.vars["PYTHON"])


TOOL = Tool("dbt", "dbt", version, FAULTS, setup)

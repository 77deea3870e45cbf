"""A PostgreSQL server of our own, spoken to by psql and by the Python drivers."""
import os
import shutil
import subprocess
from pathlib import Path

from harvestlib import Fault, Skip, Tool, certificates, cmd, first_line, hangup_port, py, silent_port, sh, venv_python, wait_port

P, N, S, R, D = "permission_denied", "network_timeout", "schema_mismatch", "resource_exhaustion", "data_duplication"
M, C, Q, A, X, U = ("missing_dependency", "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error")


def bin_folder() -> Path:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not folders:
        raise Skip("postgresql is not installed")
    return folders[-1].parent


def version(ctx):
    return first_line(str(bin_folder() / "postgres"), "--version").split()[2]


def setup(ctx):
    b = bin_folder()
    data, port = ctx.root / "pg" / "15" / "main", ctx.port(5432)
    data.parent.mkdir(parents=True)
    ctx.alias(data, "/var/lib/postgresql/15/main")
    ctx.alias(ctx.root / "pg", "/var/run/postgresql")
    who = []
    if os.geteuid() == 0:
        who = ["runuser", "-u", "nobody", "--"]
        shutil.chown(data.parent.parent, "nobody")
        shutil.chown(data.parent, "nobody")
    subprocess.run([*who, b / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8"], check=True, capture_output=True)
    hba = ("local all all trust\nhost all locked 127.0.0.1/32 reject\nhostssl all tlsonly 127.0.0.1/32 scram-sha-256\nhost sealed all 127.0.0.1/32 reject\n"
           "host all all 127.0.0.1/32 scram-sha-256\n")
    subprocess.run([*who, "tee", data / "pg_hba.conf"], input=hba.encode(), check=True, capture_output=True)
    options = f"-p {port} -k {ctx.root}/pg -h 127.0.0.1 -c fsync=off -c max_connections=20 -c superuser_reserved_connections=3 -c max_locks_per_transaction=10 -c shared_buffers=16MB"
    subprocess.run([*who, b / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start"], check=True, capture_output=True)
    ctx.closers.append(lambda: subprocess.run([*who, b / "pg_ctl", "-D", data, "-m", "immediate", "stop"], capture_output=True))
    wait_port(port)
    ctx.vars |= {"PGBIN": b, "PORT": port, "SOCK": ctx.root / "pg", "CLOSED": ctx.port(5433), "SILENT": silent_port(ctx, 5434), "HANGUP": hangup_port(ctx, 5435)}
    small = ctx.root / "small"
    small.mkdir()
    ctx.alias(small, "/mnt/fast")
    ctx.vars["SMALL"] = small
    if os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=777", "none", small], capture_output=True).returncode == 0:
        ctx.closers.insert(0, lambda: subprocess.run(["umount", "-l", small]))
        (small / "ts").mkdir()
        shutil.chown(small / "ts", "nobody")
        (small / "ts").chmod(0o700)
    secret = "w" + "arehouse"
    ctx.env |= {"PGCONNECT_TIMEOUT": "5", "PGPASSWORD": secret}
    ctx.vars["SECRET"] = secret
    psql(ctx, f"""create role etl login password '{secret}'; create role reader login password '{secret}'; create role locked login password '{secret}';
create role tlsonly login password '{secret}'; create role few login password '{secret}' connection limit 1; create role gone login password '{secret}' valid until '2020-01-01';
create role nologin_job nologin password '{secret}'; create database mart owner etl; create database sealed; create database full_db connection limit 0;""", "postgres")
    psql(ctx, "create schema raw; grant usage on schema raw to etl; alter schema public owner to etl; create table raw.payroll(id int, pay numeric);"
         "create function raw.secret() returns int language sql as 'select 1'; revoke all on function raw.secret() from public; create sequence raw.seq;"
         "create schema vault; create table vault.t(id int);", "mart")
    psql(ctx, "set role etl; create table orders(id int primary key, customer text not null, amount numeric(8,2) check (amount >= 0), day date, region varchar(3));"
         "insert into orders values (1, 'a', 2, '2024-05-01', 'EU'), (2, 'b', 3, '2024-05-01', 'US'); create table lines(order_id int references orders(id), sku text, unique (order_id, sku));"
         "create table staging(id int, amount numeric); insert into staging values (1, 5), (1, 6); create type state as enum ('new', 'done'); create table runs(id int, s state);"
         "create table parts(id int, day date) partition by range (day); create table parts_1 partition of parts for values from ('2024-01-01') to ('2024-02-01');"
         "create extension if not exists btree_gist; create table slots(room int, during tsrange, exclude using gist (room with =, during with &&));"
         "create view totals as select sum(amount) from orders; create domain pct as int check (value between 0 and 100); create table shares(v pct);", "mart", user="postgres", stop=False)


def psql(ctx, text, database, user="postgres", stop=True):
    done = subprocess.run(["psql", "-X", "-q", "-h", str(ctx.vars["SOCK"]), "-p", str(ctx.vars["PORT"]), "-U", user, "-v", f"ON_ERROR_STOP={int(stop)}", "-d", database],
                          input=text, text=True, capture_output=True)
    if done.returncode and stop:
        raise Skip(f"cannot prepare the server: {done.stderr.strip()[-300:]}")


DRIVERS = {
    "psycopg2": """import psycopg2

def run(statements):
    conn = psycopg2.connect(host='127.0.0.1', port=@PORT@, dbname='mart', user='etl', password=open('.pw').read())
    with conn, conn.cursor() as cur:
        for s in statements:
            cur.execute(s)

run(open('statements.sql').read().split(';;'))
""",
    "psycopg": """import psycopg

with psycopg.connect(f"host=127.0.0.1 port=@PORT@ dbname=mart user=etl password={open('.pw').read()}") as conn:
    for s in open('statements.sql').read().split(';;'):
        conn.execute(s)
""",
    "asyncpg": """import asyncio, asyncpg

async def main():
    conn = await asyncpg.connect(host='127.0.0.1', port=@PORT@, database='mart', user='etl', password=open('.pw').read())
    try:
        for s in open('statements.sql').read().split(';;'):
            await conn.execute(s)
    finally:
        await conn.close()

asyncio.run(main())
""",
    "sqlalchemy": """import logging
from sqlalchemy import create_engine, text

logging.basicConfig(level='INFO', format='%(asctime)s %(levelname)s %(name)s %(message)s')
log = logging.getLogger('mart.load')
engine = create_engine(f"postgresql+psycopg2://etl:{open('.pw').read()}@127.0.0.1:@PORT@/mart")
try:
    with engine.begin() as conn:
        for s in open('statements.sql').read().split(';;'):
            conn.exec_driver_sql(s)
except Exception:
    log.exception('load failed')
    raise SystemExit(1)
""",
}
ORDER = list(DRIVERS)


def sql(name, type, cause, expect, text, *, drivers=1, number=[0]):
    """The statements (apart by ;;) through psql and through one of the drivers in turn."""
    number[0] += 1
    chosen = [ORDER[(number[0] + i) % 4] for i in range(drivers)]

    def run(ctx, cwd):
        (cwd / ".pw").write_text(ctx.vars["SECRET"])
        statements = text.replace("@SMALL@", str(ctx.vars["SMALL"]))
        (cwd / "statements.sql").write_text(statements.replace(";;", ";\n") + ";\n")
        out = [ctx.call(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", ctx.vars["PORT"], "-d", "mart", "-U", "etl", "-f", "statements.sql"], cwd,
                        env={"PGPASSWORD": ctx.vars["SECRET"]})]
        (cwd / "statements.sql").write_text(statements)
        try:
            python = venv_python()
        except Skip:
            return out
        for driver in chosen:
            script = cwd / "load_mart.py"
            script.write_text(DRIVERS[driver].replace("@PORT@", str(ctx.vars["PORT"])))
            out.append(ctx.call([python, script], cwd))
        return out
    return Fault(name, type, cause, expect, run)


def connect(name, type, cause, expect, *, user="etl", secret="@SECRET@", db="mart", host="127.0.0.1", port="@PORT@", more=""):
    """A connection that fails, by psql and psycopg2 and SQLAlchemy or asyncpg."""
    def run(ctx, cwd):
        from harvestlib import fill
        pw, p = fill(ctx, secret), fill(ctx, port)
        env = {"PGPASSWORD": pw, "PGPASSFILE": "/dev/null"}
        extra = dict(kv.split("=", 1) for kv in fill(ctx, more).split())
        dsn = " ".join(f"{k}={v}" for k, v in {"host": host, "port": p, "dbname": db, "user": user, **extra}.items())
        out = [ctx.call(["psql", "-X", "-w", dsn], cwd, env=env)]
        try:
            python = venv_python()
        except Skip:
            return out
        (cwd / "connect.py").write_text(f"import psycopg2\n\n\ndef open_connection():\n    return psycopg2.connect({dsn!r})\n\n\nopen_connection().cursor().execute('select 1')\n")
        out.append(ctx.call([python, "connect.py"], cwd, env=env))
        (cwd / "etl.py").write_text("import asyncio\nimport asyncpg\n\n\nasync def main():\n"
                                    f"    pool = await asyncpg.create_pool(host={host!r}, port={p}, database={db!r}, user={user!r}, min_size=1, timeout=3)\n    print(await pool.fetchval('select 1'))\n\n\nasyncio.run(main())\n")
        if not extra:
            out.append(ctx.call([python, "etl.py"], cwd, env=env))
        return out
    return Fault(name, type, cause, expect, run)


H = "-h 127.0.0.1 -p @PORT@ -U etl"
E = {"env": {"PGPASSWORD": "w" + "arehouse"}}
PRE = "import psycopg2\nDSN = \"host=127.0.0.1 port=@PORT@ dbname=mart user=%s\"\n"
FAULTS = [
    # permission
    sql("select_without_grant", P, "grant_missing", "permission denied for table payroll", "select * from raw.payroll"),
    sql("insert_without_grant", P, "grant_missing", "permission denied for table", "insert into raw.payroll values (1, 2)"),
    sql("schema_usage_missing", P, "grant_missing", "permission denied for schema", "select * from vault.t"),
    sql("create_in_schema", P, "grant_missing", "permission denied for schema", "create table raw.copy as select 1 as id"),
    sql("execute_function", P, "grant_missing", "permission denied for function", "select raw.secret()"),
    sql("sequence_usage", P, "grant_missing", "permission denied for sequence", "select nextval('raw.seq')"),
    sql("drop_not_owner", P, "ownership_required", "must be owner", "drop table raw.payroll"),
    sql("alter_not_owner", P, "ownership_required", "must be owner", "alter table raw.payroll add column bonus numeric"),
    sql("copy_from_server_file", P, "access_denied", "permission denied to COPY|must be superuser|pg_read_server_files", "copy orders from '/etc/passwd'"),
    sql("create_role", P, "access_denied", "permission denied to create role|must be", "create role analyst"),
    sql("create_database", P, "access_denied", "permission denied to create database", "create database scratch"),
    sql("set_superuser_setting", P, "access_denied", "permission denied to set parameter", "set session_replication_role = replica"),
    sql("create_extension", P, "access_denied", "permission denied to create extension", "create extension dblink"),
    sql("row_security", P, "policy_denied", "row-level security", "create table tenants(t text);;alter table tenants enable row level security;;alter table tenants force row level security;;insert into tenants values ('north')"),
    sql("terminate_backend", P, "access_denied", "must be|permission denied", "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'", drivers=1),
    sql("alter_system", P, "access_denied", "must be superuser|permission denied", "alter system set work_mem = '1GB'"),
    # schema
    sql("column_missing", S, "column_missing", "does not exist", "select id, discount from orders", drivers=2),
    sql("column_missing_alias", S, "column_missing", "does not exist", "select o.id from orders o join lines l on l.order_no = o.id"),
    sql("column_unknown_insert", S, "column_unknown", "of relation \"orders\" does not exist", "insert into orders (id, customer, channel) values (9, 'x', 'web')", drivers=2),
    sql("column_unknown_update", S, "column_unknown", "does not exist", "update orders set status = 'paid'"),
    sql("insert_more_columns", S, "column_count", "more expressions than target columns", "insert into staging values (1, 2, 3)"),
    sql("insert_fewer_columns", S, "column_count", "more target columns than expressions", "insert into staging (id, amount) values (1)"),
    sql("union_column_count", S, "column_count", "same number of columns", "select id from orders union all select id, amount from orders"),
    sql("union_type", S, "type_mismatch", "cannot be matched", "select id from orders union all select day from orders"),
    sql("type_mismatch_insert", S, "type_mismatch", "is of type", "insert into orders (id, customer, day) select 7, 'a', id from staging"),
    sql("type_mismatch_compare", S, "type_mismatch", "operator does not exist", "select * from orders where day = id"),
    sql("cannot_cast", S, "type_mismatch", "cannot cast type", "select day::int from orders"),
    sql("alter_type_not_automatic", S, "incompatible_evolution", "cannot be cast automatically", "alter table orders alter column customer type int"),
    sql("drop_column_of_view", S, "incompatible_evolution", "other objects depend", "alter table orders drop column amount"),
    sql("change_column_of_view", S, "incompatible_evolution", "cannot alter type of a column used by a view", "alter table orders alter column amount type float8"),
    sql("view_columns_changed", S, "incompatible_evolution", "cannot drop columns from view|cannot change name of view column", "create or replace view totals as select amount as total from orders"),
    sql("value_too_long", S, "value_too_long", "value too long for type", "insert into orders values (10, 'a', 1, '2024-01-01', 'EMEA')"),
    sql("numeric_overflow_column", S, "value_too_long", "numeric field overflow", "insert into orders (id, customer, amount) values (11, 'a', 99999999.5)"),
    sql("integer_out_of_range", S, "value_too_long", "out of range", "insert into orders (id, customer) values (3000000000, 'a')"),
    sql("function_argument_types", S, "type_mismatch", "does not exist", "select date_trunc('day', id) from orders"),
    sql("column_exists", S, "incompatible_evolution", "already exists", "alter table orders add column region text"),
    # duplicates
    sql("duplicate_primary_key", D, "duplicate_key", "duplicate key value", "insert into orders (id, customer) values (1, 'again')", drivers=2),
    sql("duplicate_unique", D, "duplicate_key", "duplicate key value", "insert into lines values (1, 'A-1'), (1, 'A-1')"),
    sql("unique_index_on_duplicates", D, "duplicate_key", "could not create unique index", "create unique index staging_id on staging(id)"),
    sql("add_primary_key_on_duplicates", D, "duplicate_key", "could not create unique index", "alter table staging add primary key (id)"),
    sql("merge_twice", D, "merge_multiple_matches", "cannot affect row a second time", "merge into orders o using staging s on o.id = s.id when matched then update set amount = s.amount"),
    sql("upsert_twice", D, "merge_multiple_matches", "cannot affect row a second time", "insert into orders (id, customer) values (5, 'a'), (5, 'b') on conflict (id) do update set customer = excluded.customer"),
    sql("exclusion", D, "duplicate_key", "conflicting key value violates exclusion", "insert into slots values (1, '[2024-01-01 10:00, 2024-01-01 12:00)'), (1, '[2024-01-01 11:00, 2024-01-01 13:00)')"),
    sql("subquery_many_rows", D, "merge_multiple_matches", "more than one row returned", "update orders set amount = (select amount from staging where staging.id = orders.id)"),
    # missing
    sql("table_missing", M, "table_missing", "does not exist", "select count(*) from stg_orders", drivers=2),
    sql("schema_missing", M, "table_missing", "does not exist", "create table landing.orders(id int)"),
    sql("view_source_missing", M, "table_missing", "does not exist", "create view v as select * from dim_customer"),
    sql("function_missing", M, "function_missing", "does not exist", "select to_fiscal_week(day) from orders"),
    sql("type_missing", M, "resource_missing", "does not exist", "select id::money_eur from orders"),
    sql("extension_missing", M, "library_missing", "is not available|could not open extension|permission denied", "create extension postgis"),
    sql("sequence_missing", M, "resource_missing", "does not exist", "select nextval('orders_id_seq')"),
    sql("partition_missing", M, "partition_missing", "no partition of relation", "insert into parts values (1, '2024-05-02')"),
    sql("conflict_target_missing", M, "resource_missing", "no unique or exclusion constraint", "insert into staging values (1, 2) on conflict (id) do nothing"),
    sql("foreign_key_parent_missing", X, "quality_test_failed", "violates foreign key", "insert into lines values (77, 'A-1')"),
    sql("prepared_missing", U, "bug", "does not exist", "execute load_day(1)"),
    sql("cursor_missing", U, "bug", "does not exist", "fetch 10 from day_cursor"),
    # settings
    sql("setting_unknown", C, "option_unknown", "unrecognized configuration parameter", "set working_memory = '1GB'"),
    sql("setting_value", C, "value_invalid", "invalid value for parameter", "set work_mem = 'plenty'"),
    sql("setting_range", C, "value_invalid", "outside the valid range", "set max_parallel_workers_per_gather = 4000"),
    sql("setting_needs_restart", C, "settings_incompatible", "cannot be changed without restarting|cannot be changed now", "set shared_buffers = '1GB'"),
    sql("time_zone_unknown", C, "value_invalid", "invalid value for parameter|not recognized", "set time zone 'Europe/Atlantis'"),
    sql("role_undefined", C, "resource_undefined", "does not exist", "set role mart_owner"),
    sql("table_exists", C, "resource_already_exists", "already exists", "create table orders(id int)"),
    sql("index_exists", C, "resource_already_exists", "already exists", "create index orders_day on orders(day);;create index orders_day on orders(day)"),
    sql("schema_exists", C, "resource_already_exists", "already exists|permission denied", "set role etl;;create table lines(id int)"),
    sql("tablespace_undefined", C, "resource_undefined", "does not exist", "create table big(id int) tablespace fast_ssd"),
    sql("text_search_config", C, "resource_undefined", "does not exist", "select to_tsvector('klingon', 'a')"),
    sql("collation_undefined", C, "resource_undefined", "does not exist", "select customer from orders order by customer collate \"xx_YY\""),
    # data
    sql("bad_integer", X, "value_invalid", "invalid input syntax for type integer", "create temp table t(v text);;insert into t values ('12'), ('1O');;select v::int from t", drivers=2),
    sql("bad_date", X, "value_invalid", "out of range|invalid input syntax", "insert into orders (id, customer, day) values (20, 'a', '2024-02-29'), (21, 'b', '2024-02-30')"),
    sql("bad_date_text", X, "value_invalid", "invalid input syntax for type date", "insert into orders (id, customer, day) values (20, 'a', '2024-02-29'), (21, 'b', 'n/a')"),
    sql("bad_json", X, "malformed_record", "invalid input syntax for type json", "select '{\"id\": 1, \"v\": }'::jsonb"),
    sql("bad_uuid", X, "value_invalid", "invalid input syntax for type uuid", "select 'b2f1-nope'::uuid"),
    sql("bad_enum", X, "value_invalid", "invalid input value for enum", "insert into runs values (1, 'new'), (2, 'finished')"),
    sql("bad_numeric", X, "value_invalid", "invalid input syntax for type numeric", "insert into staging values (1, '7.5'), (2, '7,5')"),
    sql("bad_boolean", X, "value_invalid", "invalid input syntax for type boolean", "select v::boolean from (values ('yes'), ('perhaps')) t(v)"),
    sql("not_null", X, "quality_test_failed", "violates not-null constraint", "insert into orders (id, customer) values (30, 'a'), (31, null)", drivers=2),
    sql("check_constraint", X, "quality_test_failed", "violates check constraint", "insert into orders (id, customer, amount) values (30, 'a', -4)"),
    sql("domain_check", X, "quality_test_failed", "violates check constraint", "insert into shares values (20), (120)"),
    sql("set_not_null_on_nulls", X, "quality_test_failed", "contains null values", "insert into staging values (null, 1);;alter table staging alter column id set not null"),
    sql("bad_utf8", X, "encoding_invalid", "invalid byte sequence", "select convert_from('\\x4dfc6c'::bytea, 'UTF8')"),
    sql("bad_base64", X, "malformed_record", "invalid symbol|invalid base64", "select decode('ab*d', 'base64')"),
    sql("bad_hex", X, "malformed_record", "invalid hexadecimal", "select decode('zz', 'hex')"),
    sql("bad_array", X, "malformed_record", "malformed array literal", "select '{1,2'::int[]"),
    sql("bad_timestamp", X, "value_invalid", "out of range", "select v::timestamptz from (values ('2024-05-02 10:00'), ('2024-05-02 25:61')) t(v)"),
    sql("bad_range", X, "value_invalid", "lower bound must be", "select v::int4range from (values ('[1,5)'), ('[9,2)')) t(v)"),
    sql("to_date_template", X, "value_invalid", "invalid value|out of range", "select to_date(v, 'YYYY-MM-DD') from (values ('2024-05-02'), ('2024-AA-02')) t(v)"),
    cmd("copy_bad_value", X, "value_invalid", "CONTEXT:  COPY", f"printf '40,a,1,2024-01-01,EU\\n41,b,x,2024-01-01,EU\\n' > d.csv; psql -X {H} mart -c \"\\copy orders from d.csv csv\"", **E),
    cmd("copy_bad_utf8", X, "encoding_invalid", "invalid byte sequence", f"printf '40,M\\374ller,1,2024-01-01,EU\\n' > d.csv; psql -X {H} mart -c \"\\copy orders from d.csv csv\"", **E),
    cmd("copy_unterminated_quote", X, "malformed_record", "unterminated CSV quoted field", f"printf '40,\"open,1,2024-01-01,EU\\n' > d.csv; psql -X {H} mart -c \"\\copy orders from d.csv csv\"", **E),
    cmd("copy_missing_columns", S, "column_count", "missing data for column", f"printf '40,a\\n41,b\\n' > d.csv; psql -X {H} mart -c \"\\copy orders from d.csv csv\"", **E),
    cmd("copy_extra_columns", S, "column_count", "extra data after last expected column", f"printf '40,a,1,2024-01-01,EU,web\\n41,b,1,2024-01-01,EU,web\\n' > d.csv; psql -X {H} mart -c \"\\copy orders from d.csv csv\"", **E),
    cmd("copy_column_list", S, "column_unknown", "does not exist", f"printf '40,a\\n' > d.csv; psql -X {H} mart -c \"\\copy orders(id, channel) from d.csv csv\"", **E),
    cmd("copy_duplicate", D, "duplicate_key", "duplicate key", f"printf '40,a,1,2024-01-01,EU\\n40,b,1,2024-01-01,EU\\n' > d.csv; psql -X {H} mart -c \"\\copy orders from d.csv csv\"", **E),
    cmd("copy_file_missing", M, "file_missing", "No such file", f"psql -X {H} mart -c \"\\copy orders from inbox/2024-05-02.csv csv header\"", **E),
    cmd("copy_out_without_right", P, "file_mode", "Permission denied", f"mkdir o; chmod 555 o; psql -X {H} mart -c \"\\copy orders to o/x.csv csv\"", **E),
    cmd("copy_out_disk_full", R, "disk_full", "No space left", f"ln -s /dev/full x.csv; psql -X {H} mart -c \"\\copy (select repeat('x', 900) from generate_series(1, 900)) to x.csv csv\"", **E),
    cmd("psql_file_missing", M, "file_missing", "No such file", f"psql -X {H} mart -f migrations/0042_add.sql", **E),
    cmd("psql_option", C, "option_unknown", "unrecognized option|invalid option", "psql --dbhost db-1 mart"),
    cmd("psql_service_undefined", C, "connection_undefined", "not found", "psql -X service=warehouse"),
    cmd("psql_uri_option", C, "option_unknown", "invalid", "psql -X 'postgresql://127.0.0.1:@PORT@/mart?time_out=5'"),
    cmd("psql_port_text", C, "value_invalid", "invalid", "psql -X 'host=127.0.0.1 port=54x32 dbname=mart'"),
    cmd("psql_ssl_required", C, "settings_incompatible", "server does not support SSL", "psql -X 'host=127.0.0.1 port=@PORT@ dbname=mart user=etl sslmode=require'"),
    cmd("psql_sslmode_value", C, "value_invalid", "invalid sslmode value", "psql -X 'host=127.0.0.1 port=@PORT@ dbname=mart user=etl sslmode=always'"),
    cmd("pg_dump_table_missing", M, "table_missing", "no matching tables", f"@PGBIN@/pg_dump {H} -t stg_orders mart", **E),
    cmd("pg_dump_without_grant", P, "grant_missing", "permission denied", f"@PGBIN@/pg_dump {H} -t raw.payroll mart", **E),
    cmd("pg_dump_refused", N, "connection_refused", "Connection refused", "@PGBIN@/pg_dump -h 127.0.0.1 -p @CLOSED@ -U etl mart"),
    cmd("pg_dump_password", A, "password_wrong", "password authentication failed", f"@PGBIN@/pg_dump {H} mart", env={"PGPASSWORD": "wrong"}),
    cmd("pg_dump_disk_full", R, "disk_full", "No space left", f"@PGBIN@/pg_dump {H} -n public -f /dev/full mart", **E),
    cmd("pg_restore_bad_magic", X, "bad_magic", "does not appear to be a valid archive", f"seq 1 2000 > mart.dump; @PGBIN@/pg_restore {H} -d mart mart.dump", **E),
    cmd("pg_restore_truncated", X, "truncated", "unexpected end of file|could not read", f"@PGBIN@/pg_dump {H} -n public -Fc -f m.dump mart; truncate -s 3000 m.dump; @PGBIN@/pg_restore -l m.dump; @PGBIN@/pg_restore -f - m.dump", **E),
    cmd("pg_restore_exists", C, "resource_already_exists", "already exists", f"@PGBIN@/pg_dump {H} -n public -t orders -s -Fc -f m.dump mart; @PGBIN@/pg_restore -e {H} -d mart m.dump", **E),
    cmd("pg_restore_duplicate_rows", D, "duplicate_key", "duplicate key", f"@PGBIN@/pg_dump {H} -t orders -a -Fc -f m.dump mart; @PGBIN@/pg_restore {H} -d mart m.dump", **E),
    cmd("createdb_exists", C, "resource_already_exists", "already exists", "createdb -h @SOCK@ -p @PORT@ -U postgres mart"),
    cmd("dropdb_missing", M, "database_missing", "does not exist", "dropdb -h @SOCK@ -p @PORT@ -U postgres mart_old"),
    cmd("pg_isready_refused", N, "connection_refused", "no response", "@PGBIN@/pg_isready -h 127.0.0.1 -p @CLOSED@ -d mart; echo \"exit $?\""),
    # connecting
    connect("password_wrong", A, "password_wrong", "password authentication failed", secret="old"),
    connect("password_missing", A, "credentials_missing", "no password supplied|password authentication failed", secret=""),
    connect("role_unknown", A, "password_wrong", "password authentication failed", user="etl_prod"),
    connect("password_expired", A, "account_locked", "password authentication failed", user="gone"),
    connect("hba_reject_user", A, "anonymous_refused", "pg_hba.conf rejects", user="locked"),
    connect("role_may_not_log_in", P, "access_denied", "not permitted to log in", user="nologin_job"),
    connect("database_missing", M, "database_missing", "does not exist", db="mart_2025"),
    connect("database_takes_no_connections", R, "connection_pool", "too many connections for database", db="full_db"),
    connect("refused", N, "connection_refused", "refused|Connect call failed", port="@CLOSED@"),
    connect("name_unknown", N, "dns_failure", "could not translate host name|Name or service|No address|Temporary failure", host="db-7.warehouse.invalid"),
    connect("silent_peer", N, "connect_timeout", "timeout expired|TimeoutError", port="@SILENT@", more="connect_timeout=2"),
    connect("hangup", N, "connection_reset", "closed the connection unexpectedly|ConnectionDoesNotExist|unexpected|reset", port="@HANGUP@"),
    connect("socket_missing", N, "connection_refused", "No such file or directory", host="/var/run/pgpool"),
    py("pool_exhausted_sqlalchemy", R, "connection_pool", "QueuePool limit", "from sqlalchemy import create_engine\nengine = create_engine('postgresql+psycopg2://etl@127.0.0.1:@PORT@/mart', pool_size=2, max_overflow=1, pool_timeout=1)\nheld = [engine.connect() for _ in range(9)]\n"),
    py("pool_exhausted_psycopg2", R, "connection_pool", "connection pool exhausted", "import psycopg2.pool\npool = psycopg2.pool.SimpleConnectionPool(1, 2, host='127.0.0.1', port=@PORT@, dbname='mart', user='etl')\nheld = [pool.getconn() for _ in range(5)]\n"),
    py("too_many_clients", R, "connection_pool", "too many clients|remaining connection slots", PRE % "etl" + "held = [psycopg2.connect(DSN) for _ in range(60)]\n"),
    py("too_many_for_role", R, "connection_pool", "too many connections for role", PRE % "few" + "a = psycopg2.connect(DSN)\nb = psycopg2.connect(DSN)\n"),
    py("too_many_clients_asyncpg", R, "connection_pool", "TooManyConnections|remaining connection slots|too many clients", "import asyncio, asyncpg\nasync def main():\n    await asyncpg.create_pool(host='127.0.0.1', port=@PORT@, database='mart', user='etl', min_size=60, max_size=60)\nasyncio.run(main())\n"),
    py("lock_table_full", R, "out_of_memory", "out of shared memory", PRE % "etl" + "cur = psycopg2.connect(DSN).cursor()\nfor i in range(4000):\n    cur.execute(f'create temp table t{i}(id int primary key)')\n"),
    py("statement_cancelled", U, "cancelled", "canceling statement due to user request", PRE % "etl" + "import threading\na = psycopg2.connect(DSN)\nthreading.Timer(0.5, a.cancel).start()\na.cursor().execute('select pg_sleep(9)')\n"),
    py("deadlock", U, "deadlock", "deadlock detected", PRE % "etl" + """import threading
def swap(first, second):
    c = psycopg2.connect(DSN); cur = c.cursor()
    cur.execute('update orders set day = day where id = %s', (first,)); gate.wait()
    cur.execute('update orders set day = day where id = %s', (second,)); c.rollback()
gate = threading.Barrier(2)
t = threading.Thread(target=swap, args=(1, 2)); t.start()
swap(2, 1); t.join()
"""),
    py("serialization", U, "conflict", "could not serialize access", PRE % "etl" + """a, b = psycopg2.connect(DSN), psycopg2.connect(DSN)
for c in (a, b):
    c.set_session(isolation_level='REPEATABLE READ'); c.cursor().execute('select * from orders')
a.cursor().execute('update orders set day = day where id = 1'); a.commit()
b.cursor().execute('update orders set day = day where id = 1')
"""),
    py("serialization_write_skew", U, "conflict", "could not serialize access", PRE % "etl" + """a, b = psycopg2.connect(DSN), psycopg2.connect(DSN)
for c, i in ((a, 1), (b, 2)):
    c.set_session(isolation_level='SERIALIZABLE'); c.cursor().execute('select sum(amount) from orders')
for c, i in ((a, 1), (b, 2)):
    c.cursor().execute('update orders set amount = 1 where id = %s', (i,))
a.commit(); b.commit()
"""),
    py("lock_timeout", U, "conflict", "lock timeout", PRE % "etl" + "a, b = psycopg2.connect(DSN), psycopg2.connect(DSN)\na.cursor().execute('lock table orders')\ncur = b.cursor(); cur.execute(\"set lock_timeout = '300ms'\"); cur.execute('select * from orders')\n"),
    py("lock_nowait", U, "conflict", "could not obtain lock", PRE % "etl" + "a, b = psycopg2.connect(DSN), psycopg2.connect(DSN)\na.cursor().execute('select * from orders for update')\nb.cursor().execute('select * from orders for update nowait')\n"),
    sql("statement_timeout", U, "deadline_without_cause", "statement timeout", "set statement_timeout = '200ms';;select pg_sleep(5)"),
    py("idle_in_transaction", U, "deadline_without_cause", "idle-in-transaction timeout|closed the connection", PRE % "etl" + "import time\nc = psycopg2.connect(DSN); cur = c.cursor(); cur.execute(\"set idle_in_transaction_session_timeout = '300ms'\")\ncur.execute('select 1'); time.sleep(1); cur.execute('select 2')\n"),
    sql("syntax_error", U, "statement_invalid", "syntax error", "select id amount orders from where"),
    sql("aggregate_misuse", U, "statement_invalid", "must appear in the GROUP BY", "select region, id, sum(amount) from orders group by region"),
    sql("ambiguous_column", U, "statement_invalid", "is ambiguous", "select id from orders join staging on staging.id = orders.id"),
    sql("division_by_zero", U, "bug", "division by zero", "select amount / (id - 1) from orders"),
    sql("raise_exception", U, "bug", "month is closed", "do $$ begin raise exception 'month is closed, posting refused'; end $$"),
    sql("read_only_session", C, "settings_incompatible", "read-only transaction", "set default_transaction_read_only = on;;delete from staging", drivers=0),
    sql("temp_file_limit_disk", R, "disk_full", "No space left", "create table big(x text) tablespace small;;insert into big select repeat(md5(i::text), 30) from generate_series(1, 90000) i"),
]


def setup_all(ctx):
    setup(ctx)
    try:
        ctx.vars["PYTHON"] = venv_python("venv", "psycopg2")
    except Skip as e:
        print("    ", e)
    if (ctx.vars["SMALL"] / "ts").exists():
        for s in (f"create tablespace small location '{ctx.vars['SMALL']}/ts'", "grant create on tablespace small to etl"):
            psql(ctx, s, "postgres")


TOOL = Tool("postgresql", "postgresql", version, FAULTS, setup_all, label="PostgreSQL")

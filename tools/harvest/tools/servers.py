"""Redis, MariaDB and sshd of our own; Kafka's client library without a broker."""
import os
import subprocess

from harvestlib import Fault, Skip, Tool, cmd, find, first_line, hangup_port, py, silent_port, venv_python, wait_port

P, N, S, R, D = "permission_denied", "network_timeout", "schema_mismatch", "resource_exhaustion", "data_duplication"
M, C, Q, A, X, U = ("missing_dependency", "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error")


def version(ctx):
    ctx.vars["PYTHON"] = venv_python("venv", "redis, pymysql, confluent_kafka")
    return f"redis {first_line(find('redis-server'), '--version').split('v=')[1].split()[0]}, mariadb {first_line(find('mariadbd'), '--version').split('Ver ')[1].split('-')[0]}, sshd {first_line('ssh', '-V').split()[0]}"


def setup(ctx):
    secret = "w" + "arehouse"
    ctx.vars |= {"SECRET": secret, "CLOSED": ctx.port(9099), "SILENT": silent_port(ctx, 9400), "HANGUP": hangup_port(ctx, 9401)}
    ctx.env |= {"MART_PASSWORD": secret, "REDISCLI_AUTH": "", "MYSQL_PWD": secret}
    # redis
    r = ctx.port(6379)
    home = ctx.root / "redis"
    home.mkdir()
    (home / "redis.conf").write_text(f"port {r}\nbind 127.0.0.1\nsave ''\nmaxmemory 3mb\nmaxmemory-policy noeviction\nmaxclients 12\nuser etl on >{secret} ~cache:* +@read +@write +ping +info +select +auth +hello +client -flushdb\n"
                                     f"user admin on >{secret} allkeys allcommands\nuser default off\n")
    ctx.daemon([find("redis-server"), "redis.conf"], home)
    wait_port(r)
    ctx.vars["REDIS"] = r
    # mariadb
    m = ctx.port(3306)
    data = ctx.root / "mysql"
    data.mkdir()
    ctx.alias(data, "/var/lib/mysql")
    me = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", *me], check=True, capture_output=True)
    ctx.daemon([find("mariadbd"), "--no-defaults", f"--datadir={data}", f"--port={m}", "--bind-address=127.0.0.1", f"--socket={data}/s", "--innodb-flush-log-at-trx-commit=0", "--max-connections=8",
                "--max-allowed-packet=1M", "--innodb-lock-wait-timeout=1", "--pid-file=pid", *me], data)
    wait_port(m)
    setup_sql = f"""create database mart; create database sealed; create user etl@'127.0.0.1' identified by '{secret}'; grant select, insert, update, create, drop, alter, index on mart.* to etl@'127.0.0.1';
create user few@'127.0.0.1' identified by '{secret}' with max_queries_per_hour 3; grant select on mart.* to few@'127.0.0.1'; create user locked@'127.0.0.1' identified by '{secret}' account lock;
create user expired@'127.0.0.1' identified by '{secret}' password expire; use mart; create table orders(id int primary key, customer varchar(10) not null, amount decimal(6,2) check (amount >= 0), day date);
insert into orders values (1, 'a', 2, '2024-05-01'), (2, 'b', 3, '2024-05-01'); create table order_lines(order_id int, foreign key (order_id) references orders(id)); create table staging(id int, amount decimal(6,2)); insert into staging values (1, 5), (1, 6);"""
    for _ in range(50):
        done = subprocess.run(["mariadb", "--no-defaults", f"--socket={data}/s", "-uroot", "-e", setup_sql], capture_output=True, text=True)
        if not done.returncode:
            break
        if "Can't connect" not in done.stderr:
            raise Skip(done.stderr)
    ctx.vars["MARIA"] = m
    # sshd
    ssh = ctx.root / "ssh"
    ssh.mkdir(mode=0o700)
    ctx.alias(ssh, "/home/etl/.ssh")
    for key in ("host", "id", "other"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", ssh / key], check=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "right", "-f", ssh / "locked"], check=True)
    p = ctx.port(2222)
    (ssh / "authorized").write_bytes((ssh / "id.pub").read_bytes())
    (ssh / "sshd_config").write_text(f"Port {p}\nListenAddress 127.0.0.1\nHostKey {ssh}/host\nAuthorizedKeysFile {ssh}/authorized\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nStrictModes no\nPidFile none\n"
                                     "UsePAM no\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\nAllowTcpForwarding no\n")
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    ctx.daemon([find("sshd"), "-D", "-e", "-f", ssh / "sshd_config"], ssh)
    wait_port(p)
    (ssh / "known").write_text(f"[127.0.0.1]:{p} " + (ssh / "host.pub").read_text())
    (ssh / "changed").write_text(f"[127.0.0.1]:{p} " + (ssh / "other.pub").read_text())
    ctx.vars |= {"SSHDIR": ssh, "SSHPORT": p, "ME": subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()}


def rd(name, type, cause, expect, body, user="etl", **k):
    return py("redis_" + name, type, cause, expect, f"import os, redis\nr = redis.Redis(host='127.0.0.1', port=@REDIS@, username='{user}', password=os.environ['MART_PASSWORD'])\n{body}\n", platform="redis", **k)


def my(name, type, cause, expect, sql):
    """Through the mariadb client and through PyMySQL."""
    def run(ctx, cwd):
        (cwd / "load.sql").write_text(sql + ";\n")
        (cwd / "load_mart.py").write_text("import os\nimport pymysql\n\n\ndef load():\n    conn = pymysql.connect(host='127.0.0.1', port=%d, user='etl', password=os.environ['MART_PASSWORD'], database='mart')\n    with conn.cursor() as cur:\n"
                                          "        for s in filter(str.strip, open('load.sql').read().split(';')):\n            cur.execute(s)\n    conn.commit()\n\n\nload()\n" % ctx.vars["MARIA"])
        return [ctx.call(["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{ctx.vars['MARIA']}", "-uetl", "mart", "-e", "source load.sql"], cwd), ctx.call([ctx.vars["PYTHON"], "load_mart.py"], cwd)]
    return Fault("mariadb_" + name, type, cause, expect, run, "mysql")


def myc(name, type, cause, expect, args, **k):
    return cmd("mariadb_" + name, type, cause, expect, "mariadb --no-defaults --connect-timeout=3 -h127.0.0.1 " + args, platform="mysql", **k)


O = "-o BatchMode=yes -o ConnectTimeout=2 -o IdentitiesOnly=yes -o UserKnownHostsFile=@SSHDIR@/known"


def ssh(name, type, cause, expect, command, **k):
    return cmd("ssh_" + name, type, cause, expect, command, platform="ssh", **k)


def kafka(name, type, cause, expect, body):
    return py("kafka_" + name, type, cause, expect, "from confluent_kafka import Producer, Consumer, KafkaException\nfrom confluent_kafka.admin import AdminClient\n" + body + "\n", platform="kafka")


KEY = "ssh -p @SSHPORT@ -i @SSHDIR@/id " + O
FAULTS = [
    rd("password", A, "password_wrong", "WRONGPASS|invalid username-password", "redis.Redis(host='127.0.0.1', port=@REDIS@, username='etl', password='old').ping()"),
    rd("no_password", A, "credentials_missing", "NOAUTH|Authentication|authenticated", "redis.Redis(host='127.0.0.1', port=@REDIS@).get('cache:a')"),
    rd("key_denied", P, "grant_missing", "No permissions|NOPERM|no permissions", "r.get('secrets:dsn')"),
    rd("command_denied", P, "grant_missing", "NOPERM|no permissions", "r.flushdb()"),
    rd("config_denied", P, "grant_missing", "NOPERM|no permissions", "r.config_set('maxmemory', '1gb')"),
    rd("wrong_type", S, "type_mismatch", "WRONGTYPE", "r.set('cache:a', 'x'); r.lpush('cache:a', 1)"),
    rd("not_integer", X, "value_invalid", "not an integer", "r.set('cache:n', '12a'); r.incr('cache:n')"),
    rd("clients", R, "connection_pool", "max number of clients", "held = [redis.Redis(host='127.0.0.1', port=@REDIS@, username='etl', password=os.environ['MART_PASSWORD']) for _ in range(30)]\nfor c in held: c.ping()"),
    rd("pool", R, "connection_pool", "Too many connections|No connection available", "p = redis.ConnectionPool(host='127.0.0.1', port=@REDIS@, username='etl', password=os.environ['MART_PASSWORD'], max_connections=2)\nheld = [p.get_connection() for _ in range(5)]"),
    rd("refused", N, "connection_refused", "refused", "redis.Redis(host='127.0.0.1', port=@CLOSED@).ping()"),
    rd("timeout", N, "read_timeout", "Timeout", "redis.Redis(host='127.0.0.1', port=@SILENT@, socket_timeout=1).ping()"),
    rd("hangup", N, "connection_reset", "closed by server|reset", "redis.Redis(host='127.0.0.1', port=@HANGUP@).ping()"),
    rd("dns", N, "dns_failure", "Name or service|Temporary|No address", "redis.Redis(host='cache-1.invalid').ping()"),
    rd("command_unknown", M, "function_missing", "unknown command", "r.execute_command('JSON.GET', 'cache:a')", user="admin"),
    rd("script_missing", M, "resource_missing", "NOSCRIPT|No matching script", "r.evalsha('0' * 40, 0)", user="admin"),
    rd("stream_group", M, "resource_missing", "NOGROUP", "r.xreadgroup('loaders', 'w1', {'cache:events': '>'})", user="admin"),
    rd("group_exists", C, "resource_already_exists", "BUSYGROUP|already exists", "for _ in 1, 2: r.xgroup_create('cache:s', 'loaders', mkstream=True)", user="admin"),
    rd("setting_unknown", C, "option_unknown", "Unknown option", "r.config_set('max-memory', '1gb')", user="admin"),
    rd("setting_value", C, "value_invalid", "argument", "r.config_set('maxmemory', 'plenty')", user="admin"),
    rd("database_index", C, "value_invalid", "DB index is out of range", "redis.Redis(host='127.0.0.1', port=@REDIS@, username='admin', password=os.environ['MART_PASSWORD'], db=40).ping()"),
    rd("watch", U, "conflict", "Watched variable changed", "p = r.pipeline(); p.watch('cache:w'); r.set('cache:w', 1); p.multi(); p.set('cache:w', 2); p.execute()", user="admin"),
    rd("arguments", U, "bug", "wrong number of arguments", "r.execute_command('SET', 'cache:a')"),
    rd("script_error", U, "bug", "Script|script|nil value", "r.eval(\"return redis.call('get', KEYS[1]) + 1\", 1, 'cache:none')", user="admin"),
    rd("lock", U, "conflict", "[Ll]ock", "a = r.lock('cache:lock', timeout=20); a.acquire(); r.lock('cache:lock', blocking_timeout=0.2).__enter__()", user="admin"),
    rd("memory", R, "out_of_memory", "command not allowed when used memory", "for i in range(9000): r.set(f'cache:{i}', 'x' * 1000)", user="admin"),
    my("select_denied", P, "grant_missing", "denied", "select * from mysql.user"), my("delete_denied", P, "grant_missing", "DELETE command denied", "delete from orders"),
    my("create_user_denied", P, "access_denied", "Access denied", "create user analyst"), my("file_denied", P, "access_denied", "Access denied", "select * from orders into outfile '/tmp/o.csv'"),
    my("global_denied", P, "access_denied", "Access denied", "set global max_connections = 99"),
    my("database_denied", P, "grant_missing", "Access denied", "use sealed"),
    my("column_missing", S, "column_missing", "Unknown column", "select id, discount from orders"), my("insert_column", S, "column_unknown", "Unknown column", "insert into orders (id, customer, channel) values (9, 'a', 'web')"),
    my("column_count", S, "column_count", "Column count doesn't match", "insert into staging values (1, 2, 3)"), my("too_long", S, "value_too_long", "Data too long", "insert into orders (id, customer) values (9, 'a much longer name')"),
    my("out_of_range", S, "value_too_long", "Out of range value", "insert into orders (id, customer, amount) values (9, 'a', 99999999)"), my("union", S, "column_count", "different number of columns", "select 1 union select 1, 2"),
    my("column_exists", S, "incompatible_evolution", "Duplicate column name", "alter table orders add column day date"),
    my("duplicate", D, "duplicate_key", "Duplicate entry", "insert into orders (id, customer) values (1, 'again')"), my("unique_index", D, "duplicate_key", "Duplicate entry", "create unique index u on staging(id)"),
    my("subquery_rows", D, "merge_multiple_matches", "more than 1 row", "update orders set amount = (select amount from staging)"),
    my("table_missing", M, "table_missing", "doesn't exist", "select * from stg_orders"),
    my("drop_missing", M, "table_missing", "Unknown table", "drop table stg_lines"),
    my("bad_value", X, "value_invalid", "Incorrect integer value|Data truncated", "insert into staging values ('1', 2), ('1O', 2)"), my("bad_date", X, "value_invalid", "Incorrect date value", "insert into orders (id, customer, day) values (9, 'a', '2024-05-32')"),
    my("bad_decimal", X, "value_invalid", "Incorrect decimal value", "insert into staging values (1, 'n/a')"), my("not_null", X, "quality_test_failed", "cannot be null", "insert into orders (id, customer) values (9, null)"),
    my("check", X, "quality_test_failed", "CONSTRAINT .* failed", "insert into orders (id, customer, amount) values (9, 'a', -1)"), my("foreign_key", X, "quality_test_failed", "foreign key constraint fails", "insert into order_lines values (77)"),
    my("utf8", X, "encoding_invalid", "Incorrect string value|Invalid utf8|Cannot convert", "insert into orders (id, customer) values (9, convert(x'4dfc6c' using utf8mb4))"),
    my("table_exists", C, "resource_already_exists", "already exists", "create table orders(id int)"), my("setting_unknown", C, "option_unknown", "Unknown system variable", "set session work_mem = 5"),
    my("setting_value", C, "value_invalid", "Incorrect argument|can't be set|Incorrect", "set session sql_mode = 'STRICTEST'"), my("engine", C, "value_invalid", "Unknown storage engine", "set sql_mode = 'NO_ENGINE_SUBSTITUTION'; create table t(id int) engine = fast"),
    my("charset", C, "value_invalid", "Unknown character set", "create table t(id varchar(5)) character set klingon"),
    my("syntax", U, "statement_invalid", "error in your SQL syntax", "select id amount x from from orders"), my("signal", U, "bug", "closed", "begin not atomic signal sqlstate '45000' set message_text = 'month is closed'"),
    my("statement_timeout", U, "deadline_without_cause", "max_statement_time", "set statement max_statement_time = 0.2 for select sleep(5), count(*) from orders a, orders b where sleep(1)"),
    my("ambiguous", U, "statement_invalid", "ambiguous", "select id from orders, staging"),
    myc("password", A, "password_wrong", "Access denied for user", "-P@MARIA@ -uetl mart -e 'select 1'", env={"MYSQL_PWD": "old"}), myc("no_password", A, "credentials_missing", "using password: NO", "-P@MARIA@ -uetl mart -e 'select 1'", env={"MYSQL_PWD": ""}),
    myc("user_unknown", A, "password_wrong", "Access denied for user", "-P@MARIA@ -uetl_prod mart -e 'select 1'"), myc("locked", A, "account_locked", "account is locked", "-P@MARIA@ -ulocked mart -e 'select 1'"),
    myc("expired", A, "account_locked", "expired|must reset|must SET PASSWORD", "-P@MARIA@ -uexpired -e 'select 1'"),
    myc("refused", N, "connection_refused", "Can't connect", "-P@CLOSED@ -uetl -e 'select 1'"), myc("silent", N, "read_timeout", "Lost connection", "-P@SILENT@ -uetl -e 'select 1'"),
    cmd("mariadb_dns", N, "dns_failure", "Unknown (MySQL )?server host|Unknown", "mariadb --no-defaults -hdb-1.invalid -uetl -e 'select 1'", platform="mysql"),
    myc("query_limit", Q, "quota_exhausted", "max_queries_per_hour", "-P@MARIA@ -ufew mart -e 'select 1; select 2; select 3; select 4; select 5; select 6'"),
    myc("option", C, "option_unknown", "unknown option|unknown variable", "--hostname=db-1 -e 'select 1'"),
    myc("dump_missing", M, "table_missing", "Couldn't find table", "-V >/dev/null; mariadb-dump --no-defaults -h127.0.0.1 -P@MARIA@ -uetl mart stg_orders --no-tablespaces --skip-lock-tables >/dev/null"),
    py("mariadb_too_many", R, "connection_pool", "Too many connections", "import os, pymysql\nheld = [pymysql.connect(host='127.0.0.1', port=@MARIA@, user='etl', password=os.environ['MART_PASSWORD']) for _ in range(30)]\n", platform="mysql"),
    py("mariadb_packet", C, "limit_setting_too_small", "max_allowed_packet|bigger than|gone away|Lost connection", "import os, pymysql\nc = pymysql.connect(host='127.0.0.1', port=@MARIA@, user='etl', password=os.environ['MART_PASSWORD'], database='mart')\nc.cursor().execute('select length(%s)', ('x' * 1100000,))\n", platform="mysql"),
    py("mariadb_lock_wait", U, "conflict", "Lock wait timeout", "import os, pymysql\na, b = (pymysql.connect(host='127.0.0.1', port=@MARIA@, user='etl', password=os.environ['MART_PASSWORD'], database='mart') for _ in 'ab')\na.cursor().execute('update orders set day = null where id = 1')\nb.cursor().execute('update orders set day = null where id = 1')\n", platform="mysql"),
    py("mariadb_deadlock", U, "deadlock", "Deadlock found", "import os, pymysql, threading\ngate = threading.Barrier(2)\ndef swap(x, y):\n    c = pymysql.connect(host='127.0.0.1', port=@MARIA@, user='etl', password=os.environ['MART_PASSWORD'], database='mart'); cur = c.cursor()\n    cur.execute('update orders set amount = amount + 1 where id = %s', (x,)); gate.wait()\n    cur.execute('update orders set amount = amount + 1 where id = %s', (y,))\nt = threading.Thread(target=swap, args=(1, 2)); t.start(); swap(2, 1); t.join()\n", platform="mysql"),
    ssh("refused", N, "connection_refused", "Connection refused", f"ssh -p @CLOSED@ {O} etl@127.0.0.1 true"), ssh("dns", N, "dns_failure", "Could not resolve hostname", f"ssh {O} etl@edge-3.invalid true"),
    ssh("silent", N, "connect_timeout", "timed out", f"ssh -p @SILENT@ {O} etl@127.0.0.1 true"), ssh("hangup", N, "handshake_interrupted", "closed|reset", f"ssh -p @HANGUP@ {O} etl@127.0.0.1 true"),
    ssh("key_rejected", A, "key_rejected", "Permission denied \\(publickey", f"ssh -p @SSHPORT@ -i @SSHDIR@/other {O} @ME@@127.0.0.1 true"), ssh("user_unknown", A, "key_rejected", "Permission denied \\(publickey", f"scp -P @SSHPORT@ -i @SSHDIR@/other {O} /etc/hostname loader@127.0.0.1:/tmp/"),
    ssh("host_key_changed", A, "key_rejected", "IDENTIFICATION HAS CHANGED", "ssh -p @SSHPORT@ -i @SSHDIR@/id -o BatchMode=yes -o UserKnownHostsFile=@SSHDIR@/changed @ME@@127.0.0.1 true"),
    ssh("host_key_unknown", A, "key_rejected", "Host key verification failed", "ssh -p @SSHPORT@ -i @SSHDIR@/id -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null @ME@@127.0.0.1 true"),
    ssh("key_modes", A, "key_rejected", "UNPROTECTED PRIVATE KEY", f"cp @SSHDIR@/id k; chmod 644 k; ssh -p @SSHPORT@ -i k {O} @ME@@127.0.0.1 true"),
    ssh("key_damaged", A, "key_rejected", "error in libcrypto|invalid format", f"seq 9 > k; chmod 600 k; ssh -p @SSHPORT@ -i k {O} @ME@@127.0.0.1 true"),
    ssh("key_passphrase", A, "password_wrong", "incorrect passphrase", "ssh-keygen -y -P left -f @SSHDIR@/locked"),
    ssh("scp_missing", M, "file_missing", "No such file", f"scp -P @SSHPORT@ -i @SSHDIR@/id {O} @ME@@127.0.0.1:/srv/outbound/day.csv ."), ssh("scp_local_missing", M, "file_missing", "No such file", f"scp -P @SSHPORT@ -i @SSHDIR@/id {O} day.csv @ME@@127.0.0.1:/tmp/"),
    ssh("sftp_missing", M, "file_missing", "not found|No such file", f"echo 'get /srv/outbound/day.csv' | sftp -b - -P @SSHPORT@ -i @SSHDIR@/id {O} @ME@@127.0.0.1"),
    ssh("remote_command_missing", M, "binary_missing", "not found", KEY + " @ME@@127.0.0.1 spark-submit --version"), ssh("remote_failure", U, "no_information", "255|exit", KEY + " @ME@@127.0.0.1 'exit 3'; echo \"remote step ended with exit $?\""),
    ssh("remote_killed", R, "process_killed", "Killed|137", KEY + " @ME@@127.0.0.1 \"bash -c 'kill -9 \\$\\$'; echo exit code \\$?\""),
    ssh("scp_disk_full", R, "disk_full", "No space left|Failure|write", f"seq 1 90000 > d; scp -P @SSHPORT@ -i @SSHDIR@/id {O} @ME@@127.0.0.1:$PWD/d /dev/full"),
    ssh("scp_target_mode", P, "file_mode", "Permission denied", f"mkdir o; chmod 555 o; seq 3 > d; scp -P @SSHPORT@ -i @SSHDIR@/id {O} @ME@@127.0.0.1:$PWD/d o/x"),
    ssh("option", C, "option_unknown", "Bad configuration option", "ssh -o ConnectTimeuot=5 etl@127.0.0.1 true"), ssh("option_value", C, "value_invalid", "invalid|Bad number|must be|time value", "ssh -o ConnectTimeout=soon etl@127.0.0.1 true"),
    ssh("config_syntax", C, "syntax_invalid", "terminating|Missing argument|Bad configuration", "printf 'Host edge\\n  Port\\n' > c; ssh -F c edge true"), ssh("cipher", C, "settings_incompatible", "no matching cipher", f"ssh -c aes128-cbc -p @SSHPORT@ {O} @ME@@127.0.0.1 true"),
    ssh("forwarding", P, "policy_denied", "administratively prohibited|forwarding", KEY + " -W 127.0.0.1:22 @ME@@127.0.0.1"),
    ssh("identity_missing", A, "key_rejected", "not accessible|Permission denied", f"ssh -p @SSHPORT@ -i /etc/etl/id_prod {O} @ME@@127.0.0.1 true"),
    kafka("refused", N, "broker_unavailable", "_TRANSPORT|transport failure|_ALL_BROKERS_DOWN|Connection refused|Failed to get metadata", "AdminClient({'bootstrap.servers': '127.0.0.1:@CLOSED@'}).list_topics(timeout=2)"),
    kafka("dns", N, "dns_failure", "resolve", "p = Producer({'bootstrap.servers': 'broker-1.invalid:9092', 'message.timeout.ms': 1500})\np.produce('orders', b'1', callback=lambda e, m: print(e))\np.flush(4)\nraise SystemExit('orders: 1 message not delivered')"),
    kafka("delivery", N, "broker_unavailable", "timed out|_MSG_TIMED_OUT|refused", "def report(error, message):\n    if error: raise KafkaException(error)\np = Producer({'bootstrap.servers': '127.0.0.1:@CLOSED@', 'message.timeout.ms': 1500})\np.produce('orders', b'1', on_delivery=report)\np.flush(5)"),
    kafka("hangup", N, "broker_unavailable", "isconnected|_TRANSPORT|transport", "AdminClient({'bootstrap.servers': '127.0.0.1:@HANGUP@'}).list_topics(timeout=2)"),
    kafka("option", C, "option_unknown", "No such configuration property", "Producer({'bootstrap.servers': 'b:9092', 'max.retries': 5})"), kafka("option_value", C, "value_invalid", "Invalid value|Expected", "Producer({'bootstrap.servers': 'b:9092', 'acks': 'most'})"),
    kafka("option_range", C, "value_invalid", "outside the|range", "Producer({'bootstrap.servers': 'b:9092', 'message.max.bytes': 5})"), kafka("group_missing", C, "variable_missing", "group.id", "Consumer({'bootstrap.servers': 'b:9092'}).subscribe(['orders'])"),
    kafka("incompatible", C, "settings_incompatible", "must be set|idempotence|incompatible", "Producer({'bootstrap.servers': 'b:9092', 'enable.idempotence': True, 'acks': 1})"),
    kafka("ca_missing", C, "value_invalid", "ssl.ca.location|No such file", "Producer({'bootstrap.servers': 'b:9093', 'security.protocol': 'SSL', 'ssl.ca.location': '/etc/etl/ca.pem'})"),
    kafka("sasl", C, "variable_missing", "sasl|SASL", "Producer({'bootstrap.servers': 'b:9093', 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanisms': 'PLAIN'})"), kafka("queue", R, "queue_full", "Queue full|_QUEUE_FULL", "p = Producer({'bootstrap.servers': '127.0.0.1:@CLOSED@', 'queue.buffering.max.messages': 100})\nfor i in range(1000): p.produce('orders', b'x')"),
    kafka("message_size", C, "limit_setting_too_small", "MSG_SIZE_TOO_LARGE|too large", "Producer({'bootstrap.servers': '127.0.0.1:@CLOSED@', 'message.max.bytes': 2000}).produce('orders', b'x' * 9000)"),
]
TOOL = Tool("servers", "servers", version, FAULTS, setup, label="servers:")

"""The Python interpreter and its standard library."""
import platform

from harvestlib import Tool, net_peers, py, sh, tls_peers

MB = 1 << 20


def setup(ctx):
    net_peers(ctx)
    tls_peers(ctx)


P, N, S, R, D = "permission_denied", "network_timeout", "schema_mismatch", "resource_exhaustion", "data_duplication"
M, C, Q, A, X, U = ("missing_dependency", "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error")
GET = "import urllib.request\n\ndef fetch(url):\n    with urllib.request.urlopen(url, timeout=%s) as r:\n        return r.read()\n\nprint(len(fetch('%s')))\n"


def get(path: str, timeout: int = 3, base: str = "http://127.0.0.1:@HTTP@/v1/") -> str:
    return GET % (timeout, base + path)


def https(port: str, host: str = "localhost", ca: bool = True) -> str:
    return ("import ssl, urllib.request\n"
            f"ctx = ssl.create_default_context({'cafile=%r' % '@CERTS@/ca.pem' if ca else ''})\n"
            f"urllib.request.urlopen('https://{host}:@{port}@/v1/feed', context=ctx, timeout=3)\n")


FAULTS = [
    # permission
    py("read_file_without_right", P, "file_mode", "PermissionError", """
        import csv, os
        with open('rates.csv', 'w') as f: f.write('a,b\\n')
        os.chmod('rates.csv', 0o000)
        def rows(path):
            with open(path, newline='') as f:
                yield from csv.reader(f)
        print(sum(1 for _ in rows('rates.csv')))
        """),
    py("write_into_read_only_folder", P, "file_mode", "PermissionError", """
        import os, json
        os.mkdir('outbound'); os.chmod('outbound', 0o555)
        json.dump({'rows': 12}, open('outbound/summary.json', 'w'))
        """),
    py("makedirs_without_right", P, "file_mode", "PermissionError", """
        import os
        os.mkdir('mart'); os.chmod('mart', 0o500)
        os.makedirs(os.path.abspath('mart/2024/05'), exist_ok=True)
        """),
    py("rename_into_read_only_folder", P, "file_mode", "PermissionError", """
        import os, shutil
        open('part-0.tmp', 'w').write('x'); os.mkdir('final'); os.chmod('final', 0o555)
        os.replace('part-0.tmp', 'final/part-0.csv')
        """),
    py("list_folder_without_right", P, "file_mode", "PermissionError", """
        import os
        os.mkdir('inbox'); os.chmod('inbox', 0o000)
        print(sorted(os.listdir('inbox')))
        """),
    py("execute_without_right", P, "file_mode", "PermissionError", """
        import subprocess
        open('compact', 'w').write('#!/bin/sh\\necho ok\\n')
        subprocess.run(['./compact', '--all'], check=True)
        """),
    py("chown_not_owner", P, "ownership_required", "Operation not permitted", """
        import os, shutil
        open('extract.csv', 'w').close()
        shutil.chown('extract.csv', user=12)
        """),
    py("low_port_without_right", P, "access_denied", "Permission denied", """
        import http.server
        http.server.HTTPServer(('127.0.0.1', 81), http.server.SimpleHTTPRequestHandler).serve_forever()
        """),
    py("delete_without_right", P, "file_mode", "PermissionError", """
        import os, pathlib
        d = pathlib.Path('landing'); d.mkdir(); (d / 'day.csv').write_text('1'); d.chmod(0o555)
        for old in d.glob('*.csv'):
            old.unlink()
        """),
    py("http_403", P, "access_denied", "HTTP Error 403", get("ledger")),
    # network
    py("refused_urllib", N, "connection_refused", "Connection refused", get("feed", base="http://127.0.0.1:@CLOSED@/v1/")),
    py("refused_socket", N, "connection_refused", "ConnectionRefusedError", """
        import socket
        with socket.create_connection(('127.0.0.1', @CLOSED@), timeout=5) as s:
            s.sendall(b'PING')
        """),
    py("refused_smtp", N, "connection_refused", "Connection ?[rR]efused", """
        import smtplib
        from email.message import EmailMessage
        m = EmailMessage(); m['To'] = 'ops@example.com'; m.set_content('done')
        with smtplib.SMTP('127.0.0.1', @CLOSED@, timeout=5) as s:
            s.send_message(m)
        """),
    py("refused_ftp", N, "connection_refused", "Connection ?[rR]efused", """
        import ftplib
        ftp = ftplib.FTP(); ftp.connect('127.0.0.1', @CLOSED@, timeout=5); ftp.login()
        """),
    py("refused_asyncio", N, "connection_refused", "Connect call failed", """
        import asyncio
        async def main():
            r, w = await asyncio.open_connection('127.0.0.1', @CLOSED@)
            w.write(b'hello')
        asyncio.run(main())
        """),
    py("read_timeout_urllib", N, "read_timeout", "TimeoutError", get("events", 1)),
    py("read_timeout_socket", N, "read_timeout", "TimeoutError: timed out", """
        import socket
        s = socket.create_connection(('127.0.0.1', @SILENT@), timeout=1)
        s.sendall(b'GET /\\r\\n'); print(s.recv(100))
        """),
    py("connect_timeout", N, "connect_timeout", "timed out", """
        import http.client
        c = http.client.HTTPConnection('127.0.0.1', @FULL@, timeout=1)
        c.request('GET', '/prices'); print(c.getresponse().status)
        """),
    py("connect_timeout_urllib", N, "connect_timeout", "timed out", get("feed", 1, "http://127.0.0.1:@FULL@/v1/")),
    py("dns_urllib", N, "dns_failure", "Name or service not known|Temporary failure|No address", get("feed", base="http://warehouse-api.invalid/v1/")),
    py("dns_getaddrinfo", N, "dns_failure", "gaierror", """
        import socket
        for host in ('localhost', 'broker-2.example.invalid'):
            print(host, socket.getaddrinfo(host, 9092)[0][4])
        """),
    py("remote_closed", N, "connection_reset", "RemoteDisconnected", get("feed", base="http://127.0.0.1:@HANGUP@/v1/")),
    py("reset_by_peer", N, "connection_reset", "Connection reset by peer", """
        import http.client
        c = http.client.HTTPConnection('127.0.0.1', @HTTP@, timeout=5)
        c.request('GET', '/v1/reset'); r = c.getresponse(); print(r.read())
        """),
    py("broken_pipe_socket", N, "connection_reset", "BrokenPipeError|ConnectionResetError", """
        import socket, time
        s = socket.create_connection(('127.0.0.1', @HANGUP@), timeout=5)
        for chunk in range(100):
            s.sendall(b'0,1,2\\n' * 20000); time.sleep(.05)
        """),
    py("http_502", N, "service_unavailable", "HTTP Error 502", get("gateway")),
    py("http_503", N, "service_unavailable", "HTTP Error 503", get("stock")),
    py("http_504", N, "service_unavailable", "HTTP Error 504", get("prices")),
    py("tls_to_plain_port_closed", N, "handshake_interrupted", "EOF occurred|UNEXPECTED_EOF|reset by peer", """
        import ssl, urllib.request
        urllib.request.urlopen('https://localhost:@HANGUP@/v1/feed', timeout=3)
        """),
    py("unreachable_network", N, "unreachable", "unreachable|No route", """
        import socket
        s = socket.socket(socket.AF_INET6); s.settimeout(3); s.connect(('2001:db8::10', 5432))
        """),
    # schema
    py("csv_dictreader_fields_missing", S, "column_missing", "KeyError|ValueError", """
        import csv, io
        NEEDED = {'id', 'amount', 'currency'}
        r = csv.DictReader(io.StringIO('id,amount\\n1,2\\n'))
        missing = NEEDED - set(r.fieldnames)
        if missing:
            raise ValueError(f'input lacks columns {sorted(missing)}; header is {r.fieldnames}')
        """),
    py("sqlite_no_such_column", S, "column_missing", "no such column", """
        import sqlite3
        c = sqlite3.connect(':memory:'); c.execute('create table trips(id integer, km real)')
        c.execute('select id, distance_km from trips').fetchall()
        """, platform="sqlite"),
    py("sqlite_insert_column_count", S, "column_count", "has 2 columns but 3 values", """
        import sqlite3
        c = sqlite3.connect(':memory:'); c.execute('create table trips(id integer, km real)')
        c.executemany('insert into trips values (?, ?, ?)', [(1, 2.0, 'x')])
        """, platform="sqlite"),
    py("sqlite_no_column_named", S, "column_unknown", "has no column named", """
        import sqlite3
        c = sqlite3.connect('mart.db'); c.execute('create table trips(id integer, km real)')
        c.execute("insert into trips (id, km, driver) values (1, 2.5, 'A')")
        """, platform="sqlite"),
    py("sqlite_strict_type", S, "type_mismatch", "cannot store TEXT value", """
        import sqlite3
        c = sqlite3.connect(':memory:'); c.execute('create table trips(id integer, km real) strict')
        c.execute("insert into trips values (1, 'twelve')")
        """, platform="sqlite"),
    # resources
    py("memory_limit", R, "out_of_memory", "MemoryError", """
        def load(n):
            rows = []
            for i in range(n):
                rows.append(bytearray(16 << 20))
            return rows
        load(1000)
        """, limits={"as": 300 * MB}),
    py("memory_limit_read", R, "out_of_memory", "MemoryError", """
        import os
        with open('dump.bin', 'wb') as f: f.truncate(2 << 30)
        data = open('dump.bin', 'rb').read()
        print(len(data))
        """, limits={"as": 400 * MB}),
    py("memory_limit_mmap", R, "out_of_memory", "Cannot allocate memory", """
        import mmap
        m = mmap.mmap(-1, 3 << 30)
        print(len(m))
        """, limits={"as": 400 * MB}),
    py("memory_limit_fork", R, "out_of_memory", "Cannot allocate|MemoryError|can't start new thread", """
        import threading, time
        for i in range(2000):
            threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
        """, limits={"as": 600 * MB}),
    py("disk_full_write", R, "disk_full", "No space left on device", """
        import os, csv
        os.symlink('/dev/full', 'export.csv')
        with open('export.csv', 'w', newline='') as f:
            w = csv.writer(f)
            for i in range(100000): w.writerow([i, i * 2])
        """),
    py("disk_full_copy", R, "disk_full", "No space left on device", """
        import os, shutil
        open('part-00.csv', 'w').write('1,2\\n' * 50000); os.symlink('/dev/full', 'merged.csv')
        shutil.copyfileobj(open('part-00.csv'), out := open('merged.csv', 'w')); out.close()
        """),
    py("disk_full_flush", R, "disk_full", "No space left on device", """
        import logging, os
        os.symlink('/dev/full', 'job.log')
        logging.basicConfig(filename='job.log', level='INFO'); logging.info('started')
        """),
    py("file_size_limit", R, "disk_full", "File too large", """
        import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with open('spool.bin', 'wb') as f:
            for _ in range(64): f.write(bytes(1 << 20))
        """, limits={"fsize": 8 * MB}),
    py("too_many_open_files", R, "file_handles", "Too many open files", """
        parts = []
        for i in range(500):
            parts.append(open(f'part-{i:04}.csv', 'w'))
        """, limits={"nofile": 64}),
    py("too_many_open_sockets", R, "file_handles", "Too many open files", """
        import socket
        pool = [socket.create_connection(('127.0.0.1', @HTTP@)) for _ in range(200)]
        """, limits={"nofile": 40}),
    py("too_many_open_subprocess", R, "file_handles", "Too many open files", """
        import subprocess
        jobs = [subprocess.Popen(['sleep', '2'], stdout=subprocess.PIPE, stdin=subprocess.PIPE) for _ in range(100)]
        """, limits={"nofile": 32}),
    py("process_pool_worker_killed", R, "process_killed", "SIGKILL|-9", """
        import subprocess
        subprocess.run(['bash', '-c', 'kill -9 $$'], check=True)
        """),
    py("sqlite_disk_full", R, "disk_full", "database or disk is full", """
        import sqlite3
        c = sqlite3.connect('events.db'); c.execute('pragma max_page_count = 20'); c.execute('create table e(x blob)')
        for _ in range(1000): c.execute('insert into e values (randomblob(4000))')
        """, platform="sqlite"),
    py("executor_queue_full", R, "queue_full", "queue.Full", """
        import queue
        q = queue.Queue(maxsize=100)
        for event in range(1000):
            q.put(event, timeout=0.1)
        """),
    # duplicates
    py("sqlite_primary_key", D, "duplicate_key", "UNIQUE constraint failed", """
        import sqlite3
        c = sqlite3.connect(':memory:'); c.execute('create table invoices(id integer primary key, total real)')
        c.executemany('insert into invoices values (?, ?)', [(1, 2.0), (2, 3.5), (1, 2.0)])
        """, platform="sqlite"),
    py("sqlite_unique_columns", D, "duplicate_key", "UNIQUE constraint failed", """
        import sqlite3
        c = sqlite3.connect('crm.db'); c.execute('create table contacts(id integer, tenant text, email text, unique(tenant, email))')
        with c:
            c.execute("insert into contacts values (1, 'north', 'a@example.com')")
            c.execute("insert into contacts values (2, 'north', 'a@example.com')")
        """, platform="sqlite"),
    py("sqlite_unique_index_on_duplicates", D, "duplicate_key", "UNIQUE constraint failed", """
        import sqlite3
        c = sqlite3.connect('crm.db'); c.execute('create table scans(code text)')
        c.executemany('insert into scans values (?)', [('A',), ('B',), ('A',)])
        c.execute('create unique index scans_code on scans(code)')
        """, platform="sqlite"),
    py("sqlite_replicated_upsert", D, "duplicate_key", "UNIQUE constraint failed", """
        import sqlite3
        c = sqlite3.connect('stock.db'); c.execute('create table stock(sku text unique, qty integer)')
        c.execute("insert into stock values ('A-1', 5), ('B-2', 7)")
        c.execute("update stock set sku = 'A-1' where qty = 7")
        """, platform="sqlite"),
    # missing
    py("module_missing", M, "module_missing", "ModuleNotFoundError", "import json\nimport weather_feed_client\n"),
    py("submodule_missing", M, "module_missing", "ModuleNotFoundError", "from xml.etree.fastparser import parse\n"),
    py("name_missing_in_module", M, "module_missing", "ImportError: cannot import name", "from collections import OrderedSet\n"),
    py("module_of_own_package_missing", M, "module_missing", "ModuleNotFoundError", """
        import importlib
        plugin = importlib.import_module('plugins.sinks.warehouse')
        """),
    py("run_module_missing", M, "module_missing", "No module named", "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'etl_tools.compact'])\n"),
    py("input_file_missing", M, "file_missing", "FileNotFoundError", """
        import csv
        def read(day):
            with open(f'inbox/sales_{day}.csv', newline='') as f:
                return list(csv.DictReader(f))
        read('2024-05-02')
        """),
    py("input_folder_missing", M, "file_missing", "FileNotFoundError", "import os\nfor p in os.scandir('/srv/landing/2024-05-02'):\n    print(p)\n"),
    py("binary_missing", M, "binary_missing", "FileNotFoundError", "import subprocess\nsubprocess.run(['parquet-merge', '--in', 'a', '--out', 'b'], check=True)\n"),
    py("script_missing", M, "file_missing", "can't open file", "import subprocess, sys\nsubprocess.run([sys.executable, 'jobs/nightly.py'])\n"),
    py("shared_library_missing", M, "library_missing", "cannot open shared object file", "import ctypes\nctypes.CDLL('libodbcwarehouse.so.2')\n"),
    py("package_metadata_missing", M, "package_missing", "PackageNotFoundError", "from importlib.metadata import version\nprint(version('acme-pipeline-sdk'))\n"),
    py("sqlite_table_missing", M, "table_missing", "no such table", """
        import sqlite3
        sqlite3.connect('mart.db').execute('select count(*) from daily_totals')
        """, platform="sqlite"),
    py("sqlite_function_missing", M, "function_missing", "no such function", """
        import sqlite3
        sqlite3.connect(':memory:').execute("select regexp_replace('a', 'b', 'c')")
        """, platform="sqlite"),
    py("sqlite_folder_missing", M, "file_missing", "unable to open database file", """
        import sqlite3
        c = sqlite3.connect('state/2024/cursor.db'); c.execute('select 1')
        """, platform="sqlite"),
    py("zip_member_missing", M, "file_missing", "There is no item named", """
        import zipfile
        with zipfile.ZipFile('bundle.zip', 'w') as z: z.writestr('a.csv', '1')
        zipfile.ZipFile('bundle.zip').open('manifest.json')
        """),
    py("time_zone_unknown", C, "value_invalid", "ZoneInfoNotFoundError", "import zoneinfo\nzoneinfo.ZoneInfo('Europe/Atlantis')\n"),
    py("http_404", M, "resource_missing", "HTTP Error 404", get("export-2019")),
    py("entry_function_missing", M, "function_missing", "undefined symbol", """
        import ctypes
        lib = ctypes.CDLL(None); lib.warehouse_connect_v3(b'x')
        """),
    # settings
    py("environment_variable_missing", C, "variable_missing", "KeyError: 'WAREHOUSE_DSN'", "import os\nDSN = os.environ['WAREHOUSE_DSN']\n"),
    py("environment_variable_checked", C, "variable_missing", "must be set", """
        import os, sys
        for name in ('HOME', 'LEDGER_BUCKET'):
            if not os.environ.get(name):
                sys.exit(f'error: environment variable {name} must be set')
        """),
    py("ini_section_missing", C, "resource_undefined", "NoSectionError", """
        import configparser
        c = configparser.ConfigParser(); c.read_string('[source]\\nhost=a\\n')
        print(c.get('target', 'host'))
        """),
    py("ini_option_missing", C, "variable_missing", "NoOptionError", """
        import configparser
        c = configparser.ConfigParser(); c.read_string('[source]\\nhost=a\\n')
        print(c.getint('source', 'port'))
        """),
    py("ini_syntax", C, "syntax_invalid", "MissingSectionHeaderError", """
        import configparser
        open('pipeline.ini', 'w').write('host = a\\n[source]\\n')
        configparser.ConfigParser().read_file(open('pipeline.ini'))
        """),
    py("ini_duplicate_option", C, "syntax_invalid", "DuplicateOptionError", """
        import configparser
        open('pipeline.ini', 'w').write('[source]\\nhost = a\\nhost = b\\n')
        configparser.ConfigParser().read('pipeline.ini')
        """),
    py("ini_interpolation", C, "variable_missing", "InterpolationMissingOptionError", """
        import configparser
        c = configparser.ConfigParser(); c.read_string('[paths]\\nout=%(base)s/out\\n')
        c['paths']['out']
        """),
    py("ini_not_boolean", C, "value_invalid", "Not a boolean", """
        import configparser
        c = configparser.ConfigParser(); c.read_string('[load]\\nincremental = sometimes\\n')
        c.getboolean('load', 'incremental')
        """),
    py("toml_config_syntax", C, "syntax_invalid", "TOMLDecodeError", """
        import tomllib
        open('pipeline.toml', 'w').write('[source]\\nhost = db-1\\n')
        CONFIG = tomllib.load(open('pipeline.toml', 'rb'))
        """),
    py("json_config_syntax", C, "syntax_invalid", "JSONDecodeError", """
        import json
        open('config.json', 'w').write('{"source": {"host": "db-1",}}')
        def load_config(path):
            return json.load(open(path))
        config = load_config('config.json')
        """),
    py("argparse_required", C, "variable_missing", "the following arguments are required", """
        import argparse
        p = argparse.ArgumentParser(); p.add_argument('--target', required=True); p.add_argument('--day', required=True)
        p.parse_args(['--day', '2024-05-02'])
        """),
    py("argparse_unknown_option", C, "option_unknown", "unrecognized arguments", """
        import argparse
        p = argparse.ArgumentParser(); p.add_argument('--day')
        p.parse_args(['--day', '2024-05-02', '--full-refresh'])
        """),
    py("argparse_choice", C, "value_invalid", "invalid choice", """
        import argparse
        p = argparse.ArgumentParser(); p.add_argument('--mode', choices=['append', 'overwrite'])
        p.parse_args(['--mode', 'upsert'])
        """),
    py("argparse_int", C, "value_invalid", "invalid int value", """
        import argparse
        p = argparse.ArgumentParser(); p.add_argument('--batch-size', type=int)
        p.parse_args(['--batch-size', '10k'])
        """),
    py("logging_config", C, "value_invalid", "Unable to configure|Unknown level", """
        import logging.config
        logging.config.dictConfig({'version': 1, 'root': {'level': 'VERBOSE'}})
        """),
    py("url_without_scheme", C, "endpoint_wrong", "unknown url type", "import urllib.request\nurllib.request.urlopen('warehouse.example/v1/feed')\n"),
    py("url_port_wrong", C, "endpoint_wrong", "nonnumeric port|Port could not", "import urllib.request\nurllib.request.urlopen('http://localhost:http-alt/v1')\n"),
    py("folder_exists", C, "resource_already_exists", "FileExistsError", "import os\nos.mkdir('checkpoint')\nos.mkdir('checkpoint')\n"),
    py("port_in_use", C, "settings_incompatible", "Address already in use", """
        import http.server
        http.server.HTTPServer.allow_reuse_address = False
        http.server.HTTPServer(('127.0.0.1', @HTTP@), http.server.SimpleHTTPRequestHandler)
        """),
    py("tls_key_not_of_certificate", C, "settings_incompatible", "KEY_VALUES_MISMATCH", """
        import ssl
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain('@CERTS@/good.pem', '@CERTS@/expired.key')
        """),
    py("unknown_codec_name", C, "value_invalid", "unknown encoding", "open('names.csv', 'w').close()\nopen('names.csv', encoding='latin-16').read()\n"),
    py("bad_interpreter_option", C, "option_unknown", "Unknown option|unknown option", "import subprocess, sys\nsubprocess.run([sys.executable, '--fast', 'job.py'])\n"),
    py("http_405", C, "endpoint_wrong", "HTTP Error 405", get("method")),
    # quota
    py("http_429", Q, "rate_limited", "HTTP Error 429", get("orders")),
    py("http_429_body", Q, "rate_limited", "429", """
        import http.client, sys
        c = http.client.HTTPConnection('127.0.0.1', @HTTP@, timeout=5); c.request('GET', '/v1/orders?page=81')
        r = c.getresponse()
        if r.status != 200:
            sys.exit(f'page 81: {r.status} {r.reason} {dict(r.getheaders())} {r.read().decode()}')
        """),
    py("http_413", Q, "payload_limit", "HTTP Error 413", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:@HTTP@/v1/upload', data=b'x' * 200000)\n"),
    # credentials
    py("http_401", A, "token_expired", "HTTP Error 401", get("invoices")),
    py("http_401_body", A, "token_expired", "401", """
        import urllib.request, urllib.error, sys
        try:
            urllib.request.urlopen('http://127.0.0.1:@HTTP@/v1/invoices')
        except urllib.error.HTTPError as e:
            sys.exit(f'{e.code} {e.reason}: {e.read().decode()} ({e.headers["WWW-Authenticate"]})')
        """),
    py("http_401_xmlrpc", A, "credentials_missing", "ProtocolError", """
        import xmlrpc.client
        xmlrpc.client.ServerProxy('http://127.0.0.1:@HTTP@/rpc/basic').stock.levels()
        """),
    py("certificate_expired", A, "certificate_expired", "certificate has expired", https("TLS_EXPIRED")),
    py("certificate_self_signed", A, "certificate_untrusted", "self-signed certificate", https("TLS_SELFSIGNED")),
    py("certificate_unknown_issuer", A, "certificate_untrusted", "unable to get local issuer", https("TLS_GOOD", ca=False)),
    py("certificate_host", A, "certificate_untrusted", "Hostname mismatch", https("TLS_OTHERHOST")),
    py("certificate_address", A, "certificate_untrusted", "IP address mismatch", https("TLS_OTHERHOST", "127.0.0.1")),
    py("certificate_not_yet_valid", A, "certificate_untrusted", "not yet valid", https("TLS_FUTURE")),
    py("key_passphrase_wrong", A, "password_wrong", "SSLError|bad decrypt", """
        import ssl
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain('@CERTS@/good.pem', '@CERTS@/locked.key', password='left')
        """),
    py("hmac_signature_wrong", A, "signature_mismatch", "signature", """
        import hmac, hashlib
        body = b'{"event":"load.done"}'
        sent = hmac.new(b'old', body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(sent, hmac.new(b'new', body, hashlib.sha256).hexdigest()):
            raise RuntimeError('webhook refused: signature does not match the request body')
        """),
    # corrupt data
    py("gzip_crc", X, "checksum_mismatch", "CRC check failed", """
        import gzip
        data = bytearray(gzip.compress(b'id,amount\\n' * 1000)); data[-7] ^= 255
        open('day.csv.gz', 'wb').write(data)
        print(sum(1 for _ in gzip.open('day.csv.gz', 'rt')))
        """),
    py("gzip_truncated", X, "truncated", "Compressed file ended before", """
        import gzip, os
        open('day.csv.gz', 'wb').write(gzip.compress(os.urandom(20000))[:9000])
        print(len(gzip.open('day.csv.gz').read()))
        """),
    py("gzip_bad_magic", X, "bad_magic", "Not a gzipped file", "open('day.csv.gz', 'w').write('id,amount\\n')\nimport gzip\ngzip.open('day.csv.gz').read()\n"),
    py("zip_bad_magic", X, "bad_magic", "File is not a zip file", "open('bundle.zip', 'w').write('<html>')\nimport zipfile\nzipfile.ZipFile('bundle.zip')\n"),
    py("zip_crc", X, "checksum_mismatch", "Bad CRC-32", """
        import zipfile
        with zipfile.ZipFile('b.zip', 'w') as z: z.writestr('a.csv', '1,2,3' * 100)
        data = bytearray(open('b.zip', 'rb').read()); data[60] ^= 1; open('b.zip', 'wb').write(data)
        zipfile.ZipFile('b.zip').read('a.csv')
        """),
    py("tar_truncated", X, "truncated", "unexpected end of data", """
        import tarfile, os
        open('big', 'wb').write(os.urandom(50000))
        with tarfile.open('a.tar', 'w') as t: t.add('big')
        os.truncate('a.tar', 20000)
        tarfile.open('a.tar').extractall('out')
        """),
    py("tar_bad_magic", X, "bad_magic", "file could not be opened", "open('a.tar.gz', 'w').write('x' * 2000)\nimport tarfile\ntarfile.open('a.tar.gz')\n"),
    py("bz2_corrupt", X, "bad_magic", "Invalid data stream", "open('a.bz2', 'w').write('not it')\nimport bz2\nbz2.open('a.bz2').read()\n"),
    py("lzma_corrupt", X, "checksum_mismatch", "Corrupt input data", """
        import lzma
        d = bytearray(lzma.compress(b'1,2\\n' * 9000)); d[40] ^= 90; open('a.xz', 'wb').write(d)
        lzma.open('a.xz').read()
        """),
    py("zlib_corrupt", X, "checksum_mismatch", "incorrect data check|invalid", """
        import zlib
        d = bytearray(zlib.compress(b'payload' * 50)); d[-1] ^= 1
        zlib.decompress(bytes(d))
        """),
    py("json_record_malformed", X, "malformed_record", "JSONDecodeError", """
        import json
        lines = ['{"id": 1, "v": 2}', '{"id": 2, "v": ', '{"id": 3, "v": 9}']
        for n, line in enumerate(lines, 1):
            record = json.loads(line)
            print(n, record['id'])
        """),
    py("json_response_html", X, "malformed_record", "Expecting value", """
        import json, urllib.request
        print(json.load(urllib.request.urlopen('http://127.0.0.1:@HTTP@/v1/page'))['rows'])
        """),
    py("json_response_half", X, "truncated", "Unterminated string", """
        import json, urllib.request
        print(json.load(urllib.request.urlopen('http://127.0.0.1:@HTTP@/v1/half'))['rows'])
        """),
    py("http_incomplete_read", N, "connection_reset", "IncompleteRead", get("archive")),
    py("http_chunk_broken", N, "connection_reset", "IncompleteRead", get("chunks")),
    py("utf8_invalid_byte", X, "encoding_invalid", "UnicodeDecodeError", """
        open('names.csv', 'wb').write('id,name\\n1,Müller\\n'.encode('latin-1'))
        with open('names.csv', encoding='utf-8') as f:
            for line in f: print(line.strip())
        """),
    py("utf16_truncated", X, "encoding_invalid", "UnicodeDecodeError", "open('n.txt', 'wb').write(b'\\xff\\xfea\\x00b')\nprint(open('n.txt', encoding='utf-16').read())\n"),
    py("csv_nul_or_field", X, "malformed_record", "_csv.Error", """
        import csv
        open('m.csv', 'w').write('id,note\\n1,"open quote\\n' + 'x' * 140000)
        for row in csv.reader(open('m.csv')): pass
        """),
    py("csv_strict_quote", X, "malformed_record", "_csv.Error", """
        import csv
        open('m.csv', 'w').write('id,note\\n1,"a"b\\n2,ok\\n')
        for n, row in enumerate(csv.reader(open('m.csv'), strict=True)): print(n, row)
        """),
    py("xml_malformed", X, "malformed_record", "ParseError", """
        import xml.etree.ElementTree as ET
        open('feed.xml', 'w').write('<feed><item id="1"></item><item id="2"></feed>')
        ET.parse('feed.xml')
        """),
    py("xml_empty", X, "truncated", "no element found", "import xml.etree.ElementTree as ET\nopen('feed.xml', 'w').close()\nET.parse('feed.xml')\n"),
    py("pickle_truncated", X, "truncated", "pickle|EOFError", """
        import pickle
        open('model.pkl', 'wb').write(pickle.dumps(list(range(1000)))[:500])
        pickle.load(open('model.pkl', 'rb'))
        """),
    py("pickle_bad_magic", X, "bad_magic", "UnpicklingError", "import pickle\nopen('model.pkl', 'w').write('<html>')\npickle.load(open('model.pkl', 'rb'))\n"),
    py("struct_short", X, "truncated", "unpack requires a buffer", """
        import struct
        open('readings.bin', 'wb').write(b'\\x01' * 30)
        with open('readings.bin', 'rb') as f:
            while chunk := f.read(16): print(struct.unpack('<qd', chunk))
        """),
    py("base64_broken", X, "malformed_record", "binascii.Error", "import base64\nbase64.b64decode('aGVsbG8gd29ybGQ')\n"),
    py("one_bad_number", X, "value_invalid", "ValueError|InvalidOperation", """
        rows = ['10.5', '11.0', '1O.2', '9.9']
        total = 0.0
        for n, r in enumerate(rows, 1):
            total += float(r)
        """),
    py("one_bad_date", X, "value_invalid", "does not match format|out of range", """
        from datetime import datetime
        for n, v in enumerate(['2024-02-27', '2024-02-28', '2024-02-30'], 1):
            print(n, datetime.strptime(v, '%Y-%m-%d'))
        """),
    py("one_bad_decimal", X, "value_invalid", "InvalidOperation", """
        from decimal import Decimal
        for line, v in enumerate(['1.20', '3.40', '7,80'], 2): print(line, Decimal(v))
        """),
    py("checksum_of_download", X, "checksum_mismatch", "sha256", """
        import hashlib
        open('part.bin', 'wb').write(b'abc'); want = hashlib.sha256(b'abd').hexdigest()
        got = hashlib.sha256(open('part.bin', 'rb').read()).hexdigest()
        if got != want:
            raise ValueError(f'part.bin: sha256 is {got}, manifest says {want}')
        """),
    py("sqlite_not_a_database", X, "bad_magic", "file is not a database", """
        import sqlite3
        open('mart.db', 'w').write('id,amount\\n' * 200)
        sqlite3.connect('mart.db').execute('select 1 from sqlite_master').fetchall()
        """, platform="sqlite"),
    py("sqlite_malformed", X, "block_missing", "malformed", """
        import sqlite3
        c = sqlite3.connect('mart.db'); c.execute('create table t(x blob)')
        c.executemany('insert into t values (randomblob(900))', [()] * 400); c.commit(); c.close()
        d = bytearray(open('mart.db', 'rb').read()); d[4096:40960] = b'\\xee' * 36864; open('mart.db', 'wb').write(d)
        print(sqlite3.connect('mart.db').execute('select sum(length(x)) from t').fetchall())
        """, platform="sqlite"),
    py("sqlite_not_null", X, "quality_test_failed", "NOT NULL constraint failed", """
        import sqlite3
        c = sqlite3.connect(':memory:'); c.execute('create table p(id integer, name text not null)')
        c.executemany('insert into p values (?, ?)', [(1, 'a'), (2, None)])
        """, platform="sqlite"),
    py("sqlite_check", X, "quality_test_failed", "CHECK constraint failed", """
        import sqlite3
        c = sqlite3.connect(':memory:'); c.execute('create table p(id integer, pct real check (pct between 0 and 100))')
        c.executemany('insert into p values (?, ?)', [(1, 40), (2, 140)])
        """, platform="sqlite"),
    py("sqlite_datatype_mismatch", X, "value_invalid", "datatype mismatch", """
        import sqlite3
        c = sqlite3.connect(':memory:'); c.execute('create table p(id integer primary key, n text)')
        c.executemany('insert into p values (?, ?)', [(1, 'a'), ('x7', 'b')])
        """, platform="sqlite"),
    # unknown
    py("assertion", U, "bug", "AssertionError", """
        def allocate(total, parts):
            shares = [round(total / parts, 2)] * parts
            assert sum(shares) == total, f'shares add up to {sum(shares)}'
            return shares
        allocate(100, 3)
        """),
    py("none_attribute", U, "bug", "NoneType", """
        import re
        def region(code):
            return re.match(r'([A-Z]{2})-', code).group(1)
        print([region(c) for c in ('DE-1', 'FR-2', '12-AT')])
        """),
    py("none_subscript", U, "bug", "not subscriptable", "def latest(rows):\n    if rows: return rows[-1]\nprint(latest([])['day'])\n"),
    py("type_error_add", U, "bug", "TypeError", "total = 0\nfor v in (1, 2, '3'):\n    total += v\n"),
    py("type_error_argument", U, "bug", "unexpected keyword argument", "def publish(rows, target):\n    pass\npublish([], target='a', retries=3)\n"),
    py("key_error", U, "bug", "KeyError", "rates = {'EUR': 1.0, 'USD': 1.1}\nprint(sum(rates[c] for c in ('EUR', 'GBX')))\n"),
    py("index_error", U, "bug", "IndexError", "days = []\nprint('latest day', days[-1])\n"),
    py("zero_division", U, "bug", "ZeroDivisionError", "def mean(xs):\n    return sum(xs) / len(xs)\nprint(mean([]))\n"),
    py("recursion", U, "bug", "RecursionError", "def children(node):\n    return [children(c) for c in (node, node)]\nchildren({})\n"),
    py("name_error", U, "bug", "NameError", "rows = [1]\nprint(len(row))\n"),
    py("unbound_local", U, "bug", "UnboundLocalError", "n = 0\ndef tick():\n    n += 1\ntick()\n"),
    py("syntax_error", U, "bug", "SyntaxError", "def load(path)\n    return open(path)\n"),
    py("indentation", U, "bug", "IndentationError|TabError", "def load(path):\nreturn open(path)\n"),
    py("business_rule", U, "bug", "ValueError", """
        def close_month(ledger):
            if round(sum(ledger), 2) != 0:
                raise ValueError(f'ledger does not balance: {sum(ledger):+.2f}')
        close_month([100.0, -99.5])
        """),
    py("exit_without_words", U, "no_information", "job failed", "import sys\nprint('step 1 of 3')\nprint('job failed')\nsys.exit(1)\n"),
    py("child_failed_without_words", U, "no_information", "returned non-zero exit status 1", "import subprocess\nsubprocess.run(['false'], check=True)\n"),
    py("child_segfault", U, "crash", "SIGSEGV", "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import ctypes; ctypes.string_at(0)'], check=True)\n"),
    py("segfault_faulthandler", U, "crash", "Segmentation fault", "import ctypes, faulthandler\nfaulthandler.enable()\nctypes.string_at(0)\n"),
    py("abort", U, "crash", "Aborted", "import faulthandler, os\nfaulthandler.enable()\nos.abort()\n"),
    py("pool_broken", U, "crash", "BrokenProcessPool", """
        import concurrent.futures as cf, os
        def work(n): os.abort()
        if __name__ == '__main__':
            with cf.ProcessPoolExecutor(1) as pool: print(list(pool.map(work, range(2))))
        """),
    py("interrupted", U, "cancelled", "KeyboardInterrupt", "import time\nwhile True:\n    time.sleep(0.2)\n", kill_after=(1.0, 2)),
    py("cancelled_task", U, "cancelled", "CancelledError", """
        import asyncio
        async def main():
            t = asyncio.create_task(asyncio.sleep(9)); await asyncio.sleep(0); t.cancel(); await t
        asyncio.run(main())
        """),
    py("own_deadline", U, "deadline_without_cause", "TimeoutExpired", "import subprocess\nsubprocess.run(['sleep', '5'], timeout=0.5)\n"),
    py("own_deadline_asyncio", U, "deadline_without_cause", "TimeoutError", """
        import asyncio
        async def rebuild(): await asyncio.sleep(9)
        asyncio.run(asyncio.wait_for(rebuild(), 0.3))
        """),
    py("sqlite_locked", U, "conflict", "database is locked", """
        import sqlite3
        a = sqlite3.connect('s.db'); a.execute('create table t(x)'); a.execute('begin exclusive')
        sqlite3.connect('s.db', timeout=0.3).execute('insert into t values (1)')
        """, platform="sqlite"),
    py("sqlite_syntax", U, "statement_invalid", "syntax error", "import sqlite3\nsqlite3.connect(':memory:').execute('select a b c from')\n", platform="sqlite"),
    py("sqlite_wrong_binding", U, "bug", "Incorrect number of bindings", "import sqlite3\nsqlite3.connect(':memory:').execute('select ?, ?', (1,))\n", platform="sqlite"),
    py("sqlite_closed", U, "bug", "closed database", "import sqlite3\nc = sqlite3.connect(':memory:')\nc.close()\nc.execute('select 1')\n", platform="sqlite"),
    py("http_500", U, "internal_error", "HTTP Error 500", get("report")),
    py("http_409", U, "conflict", "HTTP Error 409", get("batch")),
    py("redirect_loop", C, "endpoint_wrong", "redirect", get("moved")),
    py("not_implemented", U, "unsupported_operation", "NotImplementedError", """
        class Sink:
            def write(self, rows): raise NotImplementedError('Sink.write')
        Sink().write([])
        """),
    py("seek_on_pipe", U, "unsupported_operation", "UnsupportedOperation|not seekable|Illegal seek", "import os\nr, w = os.pipe()\nos.fdopen(r, 'rb').seek(10)\n"),
    py("exception_group", U, "bug", "ExceptionGroup", """
        import asyncio
        async def bad(n): raise RuntimeError(f'shard {n} gave no result')
        async def main():
            async with asyncio.TaskGroup() as g:
                g.create_task(bad(1)); g.create_task(bad(2))
        asyncio.run(main())
        """),
]
TOOL = Tool("python", "python", lambda ctx: platform.python_version(), FAULTS, setup, quick=True)

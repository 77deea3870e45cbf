"""curl against servers on this machine."""
from harvestlib import Tool, cmd, find, first_line, net_peers, sh, tls_peers

P, N, S, R, D = "permission_denied", "network_timeout", "schema_mismatch", "resource_exhaustion", "data_duplication"
M, C, Q, A, X, U = ("missing_dependency", "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error")


def version(ctx):
    find("curl")
    return first_line("curl", "--version").split()[1]


def setup(ctx):
    net_peers(ctx)
    tls_peers(ctx)


B = "http://127.0.0.1:@HTTP@/v1/"


def answer(type, cause, path, code, alone=True):
    """Codes of one type print the same but for the number: one of them is enough without the body."""
    return [f for f in _answer(type, cause, path, code) if alone or "verbose" in f.name]


def _answer(type, cause, path, code):
    return [cmd(f"http_{code}_fail", type, cause, f"returned error: {code}", f"curl -sSf {B}{path}"),
            cmd(f"http_{code}_verbose", type, cause, f"HTTP/1.1 {code}|returned error: {code}", f"curl -sS --fail-with-body -i -X POST -d @/etc/hostname {B}{path}")]


FAULTS = [
    *answer(A, "token_expired", "invoices", 401), *answer(P, "access_denied", "ledger", 403), *answer(Q, "rate_limited", "orders", 429),
    *answer(U, "internal_error", "report", 500), *answer(N, "service_unavailable", "gateway", 502),
    *answer(N, "service_unavailable", "stock", 503, False), *answer(N, "service_unavailable", "prices", 504, False),
    *answer(M, "resource_missing", "export-2019", 404), *answer(Q, "payload_limit", "upload", 413, False), *answer(U, "conflict", "batch", 409, False),
    *answer(C, "endpoint_wrong", "method", 405),
    cmd("refused", N, "connection_refused", "\\(7\\)", "curl -sS http://127.0.0.1:@CLOSED@/v1/feed -o feed.json"),
    cmd("refused_retry", N, "connection_refused", "Connection refused|Could not connect|Failed to connect", "curl -sS --retry 2 --retry-delay 1 --retry-connrefused http://127.0.0.1:@CLOSED@/"),
    cmd("refused_progress", N, "connection_refused", "Failed to connect|Couldn't connect", "curl -O http://127.0.0.1:@CLOSED@/exports/day.csv"),
    cmd("dns", N, "dns_failure", "\\(6\\)", "curl -sS https://warehouse-api.invalid/v1/feed"),
    cmd("dns_proxy", N, "proxy_failure", "\\(5\\)", "curl -sS -x http://proxy.corp.invalid:3128 http://127.0.0.1:@HTTP@/v1/feed"),
    cmd("proxy_connect_401", N, "proxy_failure", "\\(56\\)|CONNECT", "curl -sS -x http://127.0.0.1:@HTTP@ https://api.example/v1/feed"),
    cmd("read_timeout", N, "read_timeout", "\\(28\\)", f"curl -sS -m 1 {B}events"),
    cmd("connect_timeout", N, "connect_timeout", "\\(28\\)", "curl -sS --connect-timeout 1 http://127.0.0.1:@FULL@/"),
    cmd("low_speed", N, "read_timeout", "\\(28\\)", f"curl -sS -Y 100 -y 1 {B}events"),
    cmd("empty_reply", N, "connection_reset", "\\(52\\)", "curl -sS http://127.0.0.1:@HANGUP@/"),
    cmd("reset", N, "connection_reset", "\\(56\\)|reset by peer", f"curl -sS {B}reset"),
    cmd("partial", N, "connection_reset", "\\(18\\)", f"curl -sS {B}archive -o archive.csv"),
    cmd("partial_chunked", N, "connection_reset", "\\(18\\)|\\(56\\)", f"curl -sS {B}chunks -o archive.csv"),
    cmd("tls_to_plain", C, "endpoint_wrong", "\\(35\\)", "curl -sS https://127.0.0.1:@HTTP@/v1/feed"),
    cmd("tls_hangup", N, "handshake_interrupted", "\\(35\\)", "curl -sS https://127.0.0.1:@HANGUP@/v1/feed"),
    cmd("not_http", U, "internal_error", "\\(1\\)|\\(8\\)|HTTP/0.9", f"curl -sS {B}odd -o out"),
    cmd("expired", A, "certificate_expired", "certificate has expired", "curl -sS --cacert @CERTS@/ca.pem https://localhost:@TLS_EXPIRED@/v1/feed"),
    cmd("self_signed", A, "certificate_untrusted", "self-signed certificate", "curl -sS https://localhost:@TLS_SELFSIGNED@/v1/feed"),
    cmd("unknown_issuer", A, "certificate_untrusted", "unable to get local issuer", "curl -sS https://localhost:@TLS_GOOD@/v1/feed"),
    cmd("host_name", A, "certificate_untrusted", "does not match|matches target", "curl -sS --cacert @CERTS@/ca.pem https://localhost:@TLS_OTHERHOST@/v1/feed"),
    cmd("not_yet_valid", A, "certificate_untrusted", "not yet valid", "curl -sS --cacert @CERTS@/ca.pem https://localhost:@TLS_FUTURE@/v1/feed"),
    cmd("ca_file_missing", C, "value_invalid", "\\(77\\)", "curl -sS --cacert /etc/etl/tls/root.pem https://localhost:@TLS_GOOD@/"),
    cmd("client_cert_missing", C, "value_invalid", "\\(58\\)", "curl -sS --cert /etc/etl/client.pem https://localhost:@TLS_GOOD@/"),
    cmd("client_key_passphrase", A, "password_wrong", "\\(58\\)", "curl -sS --cert @CERTS@/good.pem --key @CERTS@/locked.key --pass left https://localhost:@TLS_GOOD@/"),
    cmd("output_without_right", P, "file_mode", "\\(23\\)|Permission denied", f"mkdir out; chmod 555 out; curl -sS {B}feed -o out/feed.json"),
    cmd("output_disk_full", R, "disk_full", "\\(23\\)|No space", f"ln -s /dev/full feed.json; curl -sS {B}page -o feed.json", ),
    cmd("upload_missing", M, "file_missing", "\\(26\\)|Can't open", f"curl -sS -T day.csv {B}feed"),
    cmd("form_file_missing", M, "file_missing", "\\(26\\)", f"curl -sS -F file=@day.csv {B}feed"),
    cmd("config_missing", M, "file_missing", "read config|reading a file", f"curl -sS -K curl.conf {B}feed"),
    cmd("scheme_unknown", C, "endpoint_wrong", "\\(1\\)", "curl -sS s3://lake/raw/day.csv"),
    cmd("url_malformed", C, "endpoint_wrong", "\\(3\\)", "curl -sS 'http://127.0.0.1:80a/v1'"),
    cmd("option_unknown", C, "option_unknown", "is unknown", f"curl --retry-forever {B}feed"),
    cmd("option_value", C, "value_invalid", "expected a proper|\\(2\\)|badly used", f"curl --max-time soon {B}feed"),
    cmd("no_url", C, "variable_missing", "\\(3\\)|no URL|\\(2\\)|try 'curl --help'", "curl -sS -o day.csv"),
    cmd("redirect_loop", C, "endpoint_wrong", "\\(47\\)", f"curl -sSL --max-redirs 5 {B}moved"),
    cmd("bad_encoding", X, "malformed_record", "\\(61\\)|\\(23\\)|[Ff]ailed", f"curl -sS --compressed {B}zip"),
    cmd("file_missing_url", M, "file_missing", "\\(37\\)", "curl -sS file:///srv/landing/day.csv"),
    cmd("max_filesize", C, "limit_setting_too_small", "\\(63\\)", f"curl -sS --max-filesize 10 {B}page -o p"),
    sh("script_download_then_parse", A, "token_expired", "401", f"set -euo pipefail\ntoken=old\ncode=$(curl -s -o body.json -w '%{{http_code}}' -H \"Authorization: Bearer $token\" {B}invoices)\nif [ \"$code\" != 200 ]; then\n  echo \"download failed: HTTP $code\" >&2\n  cat body.json >&2\n  exit 22\nfi\n"),
    sh("script_rate_limit", Q, "rate_limited", "429", f"for page in 1 2 3; do\n  curl -s -o p.json -D h.txt -w '%{{http_code}} %{{url_effective}}\\n' \"{B}orders?page=$page\"\ndone\ncat h.txt p.json\nexit 1\n"),
    sh("script_forbidden", P, "access_denied", "403", f"curl -sS -w '\\n%{{http_code}}\\n' {B}ledger\necho 'upload rejected, giving up' >&2; exit 1\n"),
]
TOOL = Tool("curl", "curl", version, FAULTS, setup, quick=True)

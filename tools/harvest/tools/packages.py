"""pip, npm and Maven against indexes on this machine that refuse, are missing or are slow. Nothing outside is asked."""
from harvestlib import Tool, cmd, find, first_line, net_peers, package_version, tls_peers, venv_python

P, N, R = "permission_denied", "network_timeout", "resource_exhaustion"
M, C, Q, A, X, U = ("missing_dependency", "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error")


def version(ctx):
    ctx.vars["PY"] = venv_python("venv", "pip")
    return f"pip {package_version(ctx.vars['PY'], 'pip')}, npm {first_line(find('npm'), '--version')}, maven {first_line(find('mvn'), '--version').split()[2]}"


def setup(ctx):
    net_peers(ctx)
    tls_peers(ctx)
    ctx.env |= {"PIP_CONFIG_FILE": "/dev/null", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1", "NPM_CONFIG_CACHE": str(ctx.root / "npm"), "NPM_CONFIG_UPDATE_NOTIFIER": "false",
                "NPM_CONFIG_FETCH_RETRIES": "0", "NPM_CONFIG_AUDIT": "false"}
    ctx.alias(ctx.root / "npm", "/home/etl/.npm")


B = "http://127.0.0.1:@HTTP@/v1/"
PIP = "@PY@ -m pip install --retries 1 --timeout 1 --target lib "


def pip(name, type, cause, expect, args, before="", **k):
    return cmd("pip_" + name, type, cause, expect, before + PIP + args, platform="pip", **k)


def npm(name, type, cause, expect, args, before="", **k):
    return cmd("npm_" + name, type, cause, expect, before + "npm " + args, platform="npm", **k)


def mvn(name, type, cause, expect, dependency="", before="", url="http://127.0.0.1:@CLOSED@/maven", goal="compile", pom=None):
    pom = pom or (f"<project><modelVersion>4.0.0</modelVersion><groupId>com.example</groupId><artifactId>etl</artifactId><version>1</version><repositories><repository><id>central</id><url>{url}</url></repository></repositories>"
                  f"<pluginRepositories><pluginRepository><id>central</id><url>{url}</url></pluginRepository></pluginRepositories>{dependency}</project>")
    settings = "<settings><localRepository>$PWD/m2</localRepository></settings>"
    return cmd("maven_" + name, type, cause, expect, f"{before} printf '%s' '{pom}' > pom.xml; printf '%s' \"{settings}\" > s.xml; mvn -B -s s.xml -gs s.xml -Daether.connector.basic.threads=1 -Dmaven.wagon.http.retryHandler.count=0 -Daether.connector.http.retryHandler.count=0 {goal}", platform="maven")


FAULTS = [
    pip("not_found", M, "package_missing", "No matching distribution", f"--no-index --find-links . etl-warehouse-sdk"),
    pip("404", M, "package_missing", "No matching distribution", f"-i {B}export-2019 etl-warehouse-sdk"),
    pip("refused", N, "connection_refused", "refused|No matching distribution", "-i http://127.0.0.1:@CLOSED@/simple etl-sdk"), pip("dns", N, "dns_failure", "resolve|Name or service", "-i https://packages.invalid/simple etl-sdk"),
    pip("timeout", N, "read_timeout", "Read timed out|ReadTimeout", "-i http://127.0.0.1:@SILENT@/simple etl-sdk"), pip("reset", N, "connection_reset", "[Cc]onnection (reset|aborted|broken)|Remote end closed", "-i http://127.0.0.1:@HANGUP@/simple etl-sdk"),
    pip("certificate", A, "certificate_untrusted", "CERTIFICATE_VERIFY_FAILED|self-signed", "-i https://localhost:@TLS_SELFSIGNED@/simple etl-sdk"), pip("expired", A, "certificate_expired", "certificate has expired", "--cert @CERTS@/ca.pem -i https://localhost:@TLS_EXPIRED@/simple etl-sdk"),
    pip("requirements_missing", M, "file_missing", "Could not open requirements", "-r requirements-prod.txt"), pip("requirement_syntax", C, "syntax_invalid", "Invalid requirement", "--no-index 'etl-sdk=>1.0'"),
    pip("option", C, "option_unknown", "no such option", "--upgrade-all etl-sdk"), pip("hash", X, "checksum_mismatch", "DO NOT MATCH THE HASHES|hash", "--no-index --require-hashes -r r.txt", "mkdir -p p; printf 'from setuptools import setup\\nsetup(name=\"etl-sdk\", version=\"1.0\")\\n' > p/setup.py; tar czf etl-sdk-1.0.tar.gz p; echo './etl-sdk-1.0.tar.gz --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000' > r.txt; "),
    pip("wheel_damaged", X, "bad_magic", "invalid|not a zip|zip", "--no-index ./etl_sdk-1.0-py3-none-any.whl", "echo '<html>' > etl_sdk-1.0-py3-none-any.whl; "), pip("wheel_platform", M, "version_conflict", "not a supported wheel", "--no-index ./etl_sdk-1.0-cp27-cp27m-win32.whl", "echo > etl_sdk-1.0-cp27-cp27m-win32.whl; "),
    pip("archive_damaged", X, "bad_magic", "not a gzip|gzip|ReadError|unpack|header", "--no-index ./etl-sdk-1.0.tar.gz", "echo '<html>' > etl-sdk-1.0.tar.gz; "), pip("path_missing", M, "file_missing", "does not exist|non-existent|Expected|No such file|Invalid requirement", "--no-index ./vendor/etl_sdk-1.0-py3-none-any.whl"),
    pip("no_project", C, "resource_undefined", "does not appear to be a Python project|Neither", "--no-index .", "seq 3 > a; "),
    npm("404", M, "package_missing", "404|ENOVERSIONS", f"install etl-warehouse-sdk --registry {B}export-2019/"), npm("401", A, "credentials_missing", "401|E401|code E", f"install basic --registry {B}"), npm("403", P, "access_denied", "403", f"install ledger --registry {B}"),
    npm("429", Q, "rate_limited", "429", f"install orders --registry {B}"), npm("503", N, "service_unavailable", "503", f"install stock --registry {B}"), npm("refused", N, "connection_refused", "ECONNREFUSED", "install etl-sdk --registry http://127.0.0.1:@CLOSED@/"),
    npm("dns", N, "dns_failure", "ENOTFOUND|EAI_AGAIN", "install etl-sdk --registry https://packages.invalid/"), npm("certificate", A, "certificate_untrusted", "self-signed|SELF_SIGNED", "install etl-sdk --registry https://localhost:@TLS_SELFSIGNED@/"),
    npm("package_json_missing", M, "file_missing", "ENOENT", "run build"), npm("package_json_syntax", C, "syntax_invalid", "EJSONPARSE|JSON", "install", "echo '{\"name\": \"etl\",}' > package.json; "), npm("script_missing", C, "resource_undefined", "Missing script", "run nightly", "echo '{\"name\": \"etl\"}' > package.json; "),
    npm("lock_missing", M, "file_missing", "package-lock.json", "ci", "echo '{\"name\": \"etl\"}' > package.json; "), npm("name", C, "value_invalid", "Invalid|EINVALIDPACKAGENAME", "install 'ETL Sdk!'"),
    npm("integrity", X, "checksum_mismatch", "EINTEGRITY", "ci", "mkdir -p package; echo '{\"name\": \"a\", \"version\": \"1.0.0\"}' > package/package.json; tar czf a.tgz package; echo '{\"name\": \"etl\", \"dependencies\": {\"a\": \"file:a.tgz\"}}' > package.json; printf '%s' '{\"name\": \"etl\", \"lockfileVersion\": 3, \"packages\": {\"\": {\"name\": \"etl\", \"dependencies\": {\"a\": \"file:a.tgz\"}}, \"node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"file:a.tgz\", \"integrity\": \"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\"}}}' > package-lock.json; "),
    npm("lock_differs", C, "settings_incompatible", "in sync", "ci --offline", "echo '{\"name\": \"etl\", \"dependencies\": {\"b\": \"file:b\"}}' > package.json; mkdir b; echo '{\"name\": \"b\", \"version\": \"1.0.0\"}' > b/package.json; echo '{\"name\": \"etl\", \"lockfileVersion\": 3, \"packages\": {\"\": {\"name\": \"etl\"}}}' > package-lock.json; "),
    npm("mode", P, "file_mode", "EACCES", "install ./b", "mkdir b; echo '{\"name\": \"b\", \"version\": \"1.0.0\"}' > b/package.json; echo '{\"name\": \"etl\"}' > package.json; mkdir node_modules; chmod 555 node_modules; "),
    npm("failed_script", U, "no_information", "code 1|exit", "run load", "echo '{\"name\": \"etl\", \"version\": \"1.0.0\", \"scripts\": {\"load\": \"exit 1\"}}' > package.json; "),
    mvn("refused", N, "connection_refused", "Connection refused|refused"), mvn("pom_syntax", C, "syntax_invalid", "Non-parseable|Malformed", pom="<project><modelVersion>4.0.0</modelVersion><groupId>a</group></project>"),
    mvn("pom_field", C, "variable_missing", "is missing", pom="<project><modelVersion>4.0.0</modelVersion><artifactId>etl</artifactId></project>"), cmd("maven_pom_missing", C, "resource_undefined", "there is no POM", "mvn -B -o compile", platform="maven"),
    cmd("maven_goal", C, "option_unknown", "Unknown lifecycle phase", "printf '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version></project>' > pom.xml; mvn -B -o compil", platform="maven"),
    cmd("maven_option", C, "option_unknown", "Unrecognized option|Unable to parse", "mvn --fast-build compile", platform="maven"),
    mvn("dns", N, "dns_failure", "Unknown host|UnknownHost|unknown|resolv", url="https://packages.invalid/maven"),
]
TOOL = Tool("packages", "pip", version, FAULTS, setup, label="package managers:")

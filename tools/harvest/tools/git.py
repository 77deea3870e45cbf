"""git with local repositories and refusing servers."""
from harvestlib import Tool, cmd, find, first_line, net_peers, sh, tls_peers

P, N, R, M, C, A, X, U, Q = ("permission_denied", "network_timeout", "resource_exhaustion", "missing_dependency", "configuration_error", "authentication_failure", "data_corruption",
                             "unknown_error", "quota_exceeded")


def version(ctx):
    find("git")
    return first_line("git", "--version").split()[2]


def setup(ctx):
    net_peers(ctx)
    tls_peers(ctx)
    ctx.env |= {"GIT_TERMINAL_PROMPT": "0", "GIT_AUTHOR_NAME": "etl", "GIT_AUTHOR_EMAIL": "etl@example.com", "GIT_COMMITTER_NAME": "etl", "GIT_COMMITTER_EMAIL": "etl@example.com"}


R0 = "git init -q -b main up; cd up; seq 9 > a.sql; git add .; git commit -qm one; cd ..; git clone -q up job 2>/dev/null; "
B = "http://127.0.0.1:@HTTP@/v1/"
FAULTS = [
    cmd("clone_missing", M, "resource_missing", "does not exist|not found|does not appear", "git clone /srv/git/dags.git"),
    cmd("clone_refused", N, "connection_refused", "Failed to connect|Couldn't connect", "git clone http://127.0.0.1:@CLOSED@/data/dags.git"),
    cmd("clone_dns", N, "dns_failure", "Could not resolve", "git clone https://git.warehouse.invalid/data/dags.git"),
    cmd("clone_ssh_dns", N, "dns_failure", "Could not resolve|Name or service", "git clone git@git.warehouse.invalid:data/dags.git"),
    cmd("clone_ssh_refused", N, "connection_refused", "Connection refused", "git clone ssh://git@127.0.0.1:@CLOSED@/data/dags.git"),
    cmd("clone_401", A, "credentials_missing", "could not read Username|Authentication failed|terminal prompts disabled", f"git clone {B}basic"),
    cmd("clone_ssl", A, "certificate_untrusted", "certificate", "git clone https://localhost:@TLS_SELFSIGNED@/data/dags.git"),
    cmd("clone_expired", A, "certificate_expired", "certificate", "git -c http.sslCAInfo=@CERTS@/ca.pem clone https://localhost:@TLS_EXPIRED@/data/dags.git"),
    cmd("clone_hangup", N, "connection_reset", "Empty reply|unable to access", "git clone http://127.0.0.1:@HANGUP@/data/dags.git"),
    cmd("clone_exists", C, "resource_already_exists", "already exists and is not an empty", R0 + "git clone up job"),
    cmd("branch_missing", M, "resource_missing", "Remote branch|did not match|not found", R0 + "git clone -q -b release/42 up other"),
    cmd("checkout_missing", M, "resource_missing", "did not match any file", R0 + "cd job; git checkout v2.1.0"),
    cmd("path_missing", M, "file_missing", "exists on disk|does not exist|did not match", R0 + "cd job; git show HEAD:models/fct.sql"),
    cmd("fetch_ref", M, "resource_missing", "couldn't find remote ref", R0 + "cd job; git fetch origin nightly"),
    cmd("no_remote", C, "connection_undefined", "does not appear to be a git repository|No such remote|'upstream'", R0 + "cd job; git pull upstream main"),
    cmd("not_a_repository", C, "settings_incompatible", "not a git repository", "git pull"),
    cmd("identity_missing", C, "variable_missing", "tell me who you are|empty ident|unable to auto-detect", R0 + "cd job; seq 3 > b; git add b; env -u GIT_AUTHOR_NAME -u GIT_AUTHOR_EMAIL -u GIT_COMMITTER_NAME -u GIT_COMMITTER_EMAIL git -c user.useConfigOnly=true commit -m two"),
    cmd("config_syntax", C, "syntax_invalid", "bad config line", R0 + "cd job; echo '[remote \"x\"' >> .git/config; git status"),
    cmd("config_value", C, "value_invalid", "bad numeric|bad boolean", R0 + "cd job; git -c core.compression=high commit --allow-empty -m x"),
    cmd("option", C, "option_unknown", "unknown option", "git init -q; git status --shorts"),
    cmd("subcommand", C, "option_unknown", "is not a git command", "git pul"),
    cmd("push_rejected", U, "conflict", "rejected", R0 + "cd up; git checkout -q -b w; git checkout -q main; seq 4 > c; git add c; git commit -qm two; git checkout -q w; cd ../job; seq 5 > d; git add d; git commit -qm x; git push origin main"),
    cmd("push_non_bare", C, "settings_incompatible", "refusing to update checked out branch", R0 + "cd job; seq 5 > d; git add d; git commit -qm x; git push origin main"),
    cmd("merge_conflict", U, "conflict", "CONFLICT", R0 + "cd job; git checkout -q -b w; seq 2 > a.sql; git commit -qam w; git checkout -q main; seq 3 > a.sql; git commit -qam m; git merge w"),
    cmd("pull_overwrite", U, "conflict", "would be overwritten", R0 + "cd up; seq 2 > a.sql; git commit -qam two; cd ../job; seq 3 > a.sql; git pull --no-rebase"),
    cmd("lock", U, "conflict", "index.lock", R0 + "cd job; touch .git/index.lock; seq 2 > a.sql; git add a.sql"),
    cmd("divergent", C, "variable_missing", "divergent branches", R0 + "cd up; seq 2 > a.sql; git commit -qam two; cd ../job; seq 3 > b; git add b; git commit -qm x; git pull"),
    cmd("object_damaged", X, "checksum_mismatch", "corrupt|inflate|loose object", R0 + "cd up; f=$(find .git/objects -type f | sort | head -1); chmod u+w $f; printf zzzz | dd of=$f bs=1 seek=3 conv=notrunc status=none; git fsck --full; git log -p"),
    cmd("pack_damaged", X, "checksum_mismatch", "pack|corrupt|mismatch", R0 + "cd up; git gc -q; f=$(ls .git/objects/pack/*.pack); chmod u+w $f; printf zz | dd of=$f bs=1 seek=60 conv=notrunc status=none; git fsck"),
    cmd("index_damaged", X, "bad_magic", "bad signature|index file corrupt|smaller than expected", R0 + "cd job; seq 1 200 > .git/index; git status"),
    cmd("object_empty", X, "truncated", "is empty|unable to read", R0 + "cd up; f=.git/objects/$(git rev-parse HEAD | sed 's,^..,&/,'); chmod u+w $f; : > $f; git log"),
    cmd("head_damaged", X, "malformed_record", "not a git repository|bad|unknown|broken", R0 + "cd up; echo zzz > .git/refs/heads/main; git log"),
    cmd("apply_damaged", X, "malformed_record", "corrupt patch|patch fragment|No valid patches|unrecognized", R0 + "cd job; printf 'diff --git a/a.sql b/a.sql\\n--- a/a.sql\\n+++ b/a.sql\\n@@ -1,3 +1,4 @@\\n 1\\n' > p; git apply p"),
    cmd("apply_conflict", U, "conflict", "patch does not apply", R0 + "cd job; seq 3 > a.sql; git diff > ../p; git checkout -q .; seq 40 50 > a.sql; git apply ../p"),
    cmd("write_mode", P, "file_mode", "Permission denied|insufficient permission", R0 + "cd job; chmod -R a-w .git/objects; seq 2 > b; git add b"),
    cmd("clone_mode", P, "file_mode", "Permission denied", R0 + "mkdir o; chmod 555 o; git clone up o/x"),
    cmd("hook_refused", P, "policy_denied", "hook declined|pre-receive", "git init -q --bare b.git; printf '#!/bin/sh\\necho \"branch main is protected\"\\nexit 1\\n' > b.git/hooks/pre-receive; chmod +x b.git/hooks/pre-receive; git init -q -b main w; cd w; seq 3 > a; git add a; git commit -qm x; git push ../b.git main"),
    cmd("ownership", P, "ownership_required", "dubious ownership", R0 + "GIT_TEST_ASSUME_DIFFERENT_OWNER=1 git -C up status"),
    cmd("file_size_limit", R, "disk_full", "File too large|File size limit|unable to write|write error", R0 + "cd up; head -c 3000000 /dev/urandom > big; trap '' XFSZ; ulimit -f 500; git add big"),
    cmd("clone_429", Q, "rate_limited", "429", f"git clone {B}orders"),
    cmd("clone_403", P, "access_denied", "403", f"git clone {B}ledger"),
    cmd("clone_503", N, "service_unavailable", "503", f"git clone {B}stock"),
    cmd("clone_500", U, "internal_error", "500", f"git clone {B}report"),
    cmd("clone_404", M, "resource_missing", "not found", f"git clone {B}export-2019"),
]
TOOL = Tool("git", "git", version, FAULTS, setup)

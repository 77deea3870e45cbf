"""openssl: certificates, keys, connections."""
from harvestlib import Tool, cmd, find, first_line, net_peers, tls_peers

P, N, R = "permission_denied", "network_timeout", "resource_exhaustion"
M, C, A, X, U = ("missing_dependency", "configuration_error", "authentication_failure", "data_corruption", "unknown_error")


def version(ctx):
    find("openssl")
    return first_line("openssl", "version").split()[1]


def setup(ctx):
    net_peers(ctx)
    tls_peers(ctx)


FAULTS = [
    cmd("verify_expired", A, "certificate_expired", "certificate has expired", "openssl verify -CAfile @CERTS@/ca.pem @CERTS@/expired.pem"),
    cmd("verify_future", A, "certificate_untrusted", "not yet valid", "openssl verify -CAfile @CERTS@/ca.pem @CERTS@/future.pem"),
    cmd("verify_unknown_issuer", A, "certificate_untrusted", "unable to get local issuer", "openssl verify @CERTS@/good.pem"),
    cmd("verify_self_signed", A, "certificate_untrusted", "self-signed", "openssl verify @CERTS@/selfsigned.pem"),
    cmd("verify_host", A, "certificate_untrusted", "[hH]ostname mismatch", "openssl verify -CAfile @CERTS@/ca.pem -verify_hostname warehouse.internal @CERTS@/good.pem"),
    cmd("connect_expired", A, "certificate_expired", "certificate has expired", "openssl s_client -connect localhost:@TLS_EXPIRED@ -CAfile @CERTS@/ca.pem -verify_return_error -brief </dev/null"),
    cmd("connect_self_signed", A, "certificate_untrusted", "self-signed", "openssl s_client -connect localhost:@TLS_SELFSIGNED@ -verify_return_error -brief </dev/null"),
    cmd("connect_host", A, "certificate_untrusted", "[hH]ostname mismatch", "openssl s_client -connect localhost:@TLS_OTHERHOST@ -CAfile @CERTS@/ca.pem -verify_hostname localhost -verify_return_error -brief </dev/null"),
    cmd("connect_refused", N, "connection_refused", "Connection refused", "openssl s_client -connect 127.0.0.1:@CLOSED@ -brief </dev/null"),
    cmd("connect_dns", N, "dns_failure", "Name or service not known|Temporary failure|No address", "openssl s_client -connect ledger.invalid:443 -brief </dev/null"),
    cmd("connect_plain", C, "endpoint_wrong", "wrong version number", "openssl s_client -connect 127.0.0.1:@HTTP@ -brief </dev/null"),
    cmd("connect_reset", N, "handshake_interrupted", "errno=104|reset by peer|unexpected eof", "openssl s_client -connect 127.0.0.1:@RESET@ -brief </dev/null"),
    cmd("connect_protocol", C, "settings_incompatible", "alert|no protocols|unsupported", "openssl s_client -connect localhost:@TLS_GOOD@ -tls1_1 -brief </dev/null"),
    cmd("connect_cipher", C, "value_invalid", "no cipher match", "openssl s_client -connect localhost:@TLS_GOOD@ -cipher FANCY-256 -brief </dev/null"),
    cmd("key_passphrase", A, "password_wrong", "bad decrypt|maybe wrong password", "openssl rsa -in @CERTS@/locked.key -passin pass:left -noout"),
    cmd("decrypt_password", A, "password_wrong", "bad decrypt|bad magic", "seq 1 900 | openssl enc -aes-256-cbc -pbkdf2 -pass pass:one -out d.enc; openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:two -in d.enc -out d.txt"),
    cmd("decrypt_magic", X, "bad_magic", "bad magic number", "seq 1 900 > d.enc; openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:one -in d.enc"),
    cmd("decrypt_truncated", X, "truncated", "wrong final block length|error reading", "seq 1 900 | openssl enc -aes-256-cbc -pbkdf2 -pass pass:one -out d.enc; truncate -s 1001 d.enc; openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:one -in d.enc -out d"),
    cmd("certificate_malformed", X, "malformed_record", "Could not read|unable to load", "seq 4 > c.pem; openssl x509 -in c.pem -noout -enddate"),
    cmd("certificate_damaged", X, "malformed_record", "bad base64|Could not read|asn1", "sed '5s/./!/g' @CERTS@/good.pem > c.pem; openssl x509 -in c.pem -noout -text"),
    cmd("der_damaged", X, "malformed_record", "asn1|wrong tag|too long|Could not", "openssl x509 -in @CERTS@/good.pem -outform der -out c.der; truncate -s 200 c.der; openssl x509 -inform der -in c.der -noout"),
    cmd("signature_differs", A, "signature_mismatch", "Verification failure|Verification Failure", "seq 9 > m; openssl dgst -sha256 -sign @CERTS@/good.key -out s m; seq 8 > m; openssl x509 -in @CERTS@/good.pem -pubkey -noout > k; openssl dgst -sha256 -verify k -signature s m"),
    cmd("p12_password", A, "password_wrong", "Mac verify error|invalid password", "openssl pkcs12 -export -in @CERTS@/good.pem -inkey @CERTS@/good.key -passout pass:a -out c.p12; openssl pkcs12 -in c.p12 -passin pass:b -nokeys"),
    cmd("p12_key_differs", C, "settings_incompatible", "No cert.* matches private key", "openssl pkcs12 -export -in @CERTS@/good.pem -inkey @CERTS@/expired.key -passout pass:a -out c.p12"),
    cmd("file_missing", M, "file_missing", "No such file", "openssl x509 -in /etc/etl/tls/client.pem -noout -dates"),
    cmd("key_without_right", P, "file_mode", "Permission denied", "cp @CERTS@/good.key k.pem; chmod 0 k.pem; openssl pkey -in k.pem -noout"),
    cmd("write_without_right", P, "file_mode", "Permission denied", "mkdir o; chmod 555 o; openssl genpkey -algorithm ed25519 -out o/k.pem"),
    cmd("disk_full", R, "disk_full", "No space left|error writing", "ln -s /dev/full d.enc; seq 1 90000 | openssl enc -aes-256-cbc -pbkdf2 -pass pass:one -out d.enc"),
    cmd("option_unknown", C, "option_unknown", "Unknown option|unknown option", "openssl s_client -retry-forever -connect localhost:443"),
    cmd("cipher_unknown", C, "option_unknown", "Unknown option or cipher|Unknown cipher|unknown option", "openssl enc -aes-512-xyz -in /etc/hostname"),
    cmd("config_missing", C, "resource_undefined", "unable to find|missing|cannot|lookup failed", "printf '[ca]\\n' > o.cnf; openssl ca -config o.cnf -in x.csr -batch"),
    cmd("provider_missing", M, "library_missing", "could not load the shared library|unable to load provider", "openssl list -providers -provider fips_warehouse"),
    cmd("expiry_check", A, "certificate_expired", "Certificate will expire", "openssl x509 -in @CERTS@/expired.pem -noout -subject -enddate -checkend 86400"),
]
TOOL = Tool("openssl", "openssl", version, FAULTS, setup, quick=True)

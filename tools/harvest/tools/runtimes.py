"""Compilers and runtimes: Java, Node, Go, Rust, C."""
import os

from harvestlib import Fault, Skip, Tool, cmd, find, first_line, net_peers, tls_peers

P, N, S, R, D = "permission_denied", "network_timeout", "schema_mismatch", "resource_exhaustion", "data_duplication"
M, C, Q, A, X, U = ("missing_dependency", "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error")


def version(ctx):
    return ", ".join(f"{name} {first_line(find(name), flag).replace(name, '').strip()}" for name, flag in (("java", "--version"), ("node", "--version"), ("go", "version")))


def setup(ctx):
    net_peers(ctx)
    tls_peers(ctx)
    ctx.env |= {"GOCACHE": str(ctx.root / "gocache"), "GOPATH": str(ctx.root / "gopath"), "GOTOOLCHAIN": "local", "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup")), "CARGO_HOME": str(ctx.root / "cargo"), "PATH": os.environ["PATH"] + ":/usr/local/go/bin"}


def _file(name, type, cause, expect, file, text, command, platform, **call):
    from harvestlib import fill

    def run(ctx, cwd):
        (cwd / file).write_text(fill(ctx, text))
        return ctx.call(["bash", "-c", fill(ctx, command)], cwd, **call)
    return Fault(name, type, cause, expect, run, platform)


def java(name, type, cause, expect, body, flags="", imports="import java.io.*; import java.net.*; import java.nio.file.*; import java.util.*;", **call):
    return _file("java_" + name, type, cause, expect, "Load.java", f"{imports}\n\npublic class Load {{\n    public static void main(String[] args) throws Exception {{\n        new Load().run();\n    }}\n\n    void run() throws Exception {{\n        {body}\n    }}\n}}\n",
                 f"java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC {flags} Load.java", "java", **call)


def node(name, type, cause, expect, text, flags="", **call):
    return _file("node_" + name, type, cause, expect, "load.js", text + "\n", f"node {flags} load.js", "node", **call)


def go(name, type, cause, expect, body, imports):
    return _file("go_" + name, type, cause, expect, "main.go", "package main\n\nimport (\n" + "".join(f'\t"{i}"\n' for i in imports.split()) + ")\n\nfunc main() {\n\t" + body.replace("\n", "\n\t") + "\n}\n", "go run main.go", "go", timeout=120)


def js(path, opts=""):
    return f"const r = await fetch('http://127.0.0.1:@HTTP@/v1/{path}'{opts});\nif (!r.ok) throw new Error(`${{r.status}} ${{r.statusText}}: ${{await r.text()}}`);\nconsole.log((await r.json()).rows.length);"


def wrap(text):
    return "async function main() {\n  " + text.replace("\n", "\n  ") + "\n}\nmain();"


G = 'resp, err := http.Get("http://127.0.0.1:@HTTP@/v1/%s")\nif err != nil { log.Fatal(err) }\nbody, err := io.ReadAll(resp.Body)\nif err != nil { log.Fatalf("read body: %%v", err) }\nif resp.StatusCode != 200 { log.Fatalf("unexpected status %%s: %%s", resp.Status, body) }\nfmt.Println(len(body))'
GI = "fmt io log net/http"
FAULTS = [
    java("refused", N, "connection_refused", "Connection refused", "new Socket(\"127.0.0.1\", @CLOSED@).close();"),
    java("dns", N, "dns_failure", "UnknownHostException", "new URL(\"http://ledger.invalid/v1\").openStream().close();"),
    java("read_timeout", N, "read_timeout", "SocketTimeoutException", "var c = new URL(\"http://127.0.0.1:@HTTP@/v1/events\").openConnection(); c.setReadTimeout(800); c.getInputStream().read();"),
    java("connect_timeout", N, "connect_timeout", "SocketTimeoutException|timed out", "new Socket().connect(new InetSocketAddress(\"127.0.0.1\", @FULL@), 800);"),
    java("reset", N, "connection_reset", "Connection reset|Unexpected end", "new URL(\"http://127.0.0.1:@HTTP@/v1/reset\").openStream().read();"),
    java("http_403", P, "access_denied", "403", "new URL(\"http://127.0.0.1:@HTTP@/v1/ledger\").openStream().read();"),
    java("http_401", A, "token_expired", "401", "new URL(\"http://127.0.0.1:@HTTP@/v1/invoices\").openStream().read();"),
    java("http_429", Q, "rate_limited", "429", "new URL(\"http://127.0.0.1:@HTTP@/v1/orders\").openStream().read();"),
    java("http_503", N, "service_unavailable", "503", "new URL(\"http://127.0.0.1:@HTTP@/v1/stock\").openStream().read();"),
    java("certificate", A, "certificate_untrusted", "PKIX path building failed", "new URL(\"https://localhost:@TLS_SELFSIGNED@/v1\").openStream().read();"),
    java("file_missing", M, "file_missing", "FileNotFoundException|NoSuchFile", "new BufferedReader(new FileReader(\"inbox/day.csv\")).readLine();"),
    java("nio_file_missing", M, "file_missing", "NoSuchFileException", "Files.lines(Path.of(\"inbox/2024-05-02.csv\")).count();"),
    java("file_mode", P, "file_mode", "AccessDenied|Permission denied", "var p = Path.of(\"r.csv\"); Files.writeString(p, \"1\"); p.toFile().setReadable(false, false); Files.readString(p);"),
    java("file_exists", C, "resource_already_exists", "FileAlreadyExistsException", "Files.createDirectory(Path.of(\"out\")); Files.createDirectory(Path.of(\"out\"));"),
    java("disk_full", R, "disk_full", "No space left", "var o = new FileOutputStream(\"/dev/full\"); o.write(new byte[9000]);"),
    java("heap", R, "heap_out_of_memory", "OutOfMemoryError: Java heap space", "var l = new ArrayList<byte[]>(); while (true) l.add(new byte[4 << 20]);", "-Xmx64m"),
    java("gc_overhead", R, "heap_out_of_memory", "OutOfMemoryError", "var m = new HashMap<Integer, String>(); for (int i = 0; ; i++) m.put(i, \"row \" + i);", "-Xmx40m -XX:+UseParallelGC -XX:-UseSerialGC"),
    java("metaspace", R, "out_of_memory", "Metaspace|OutOfMemory", "System.out.println(1);", "-XX:MaxMetaspaceSize=8m"),
    java("direct_memory", R, "out_of_memory", "direct buffer memory|OutOfMemory", "var l = new ArrayList<Object>(); while (true) l.add(java.nio.ByteBuffer.allocateDirect(8 << 20));", "-XX:MaxDirectMemorySize=20m"),
    java("file_handles", R, "file_handles", "Too many open files", "var l = new ArrayList<Object>(); while (true) l.add(new FileInputStream(\"/etc/hostname\"));", limits={"nofile": 90}),
    java("heap_does_not_fit", R, "out_of_memory", "Could not reserve|Could not allocate|insufficient memory", "System.out.println(1);", "-Xmx6g -Xms6g", limits={"as": 3 << 30}),
    java("class_missing", M, "class_missing", "ClassNotFoundException", "Class.forName(\"org.postgresql.Driver\");"),
    java("main_class_missing", M, "class_missing", "Could not find or load main class", "", "-cp lib/* com.example.etl.Main #"),
    java("jar_missing", M, "library_missing", "Unable to access jarfile", "", "-jar etl-assembly-1.4.jar #"),
    java("jdbc_driver", M, "driver_missing", "No suitable driver", "java.sql.DriverManager.getConnection(\"jdbc:postgresql://db-1/mart\");"),
    java("native_library", M, "library_missing", "UnsatisfiedLinkError", "System.loadLibrary(\"snappyjava\");"),
    java("package_missing", M, "package_missing", "package .* does not exist", "new Gson();", imports="import com.google.gson.Gson;"),
    java("resource_bundle", M, "file_missing", "MissingResourceException", "ResourceBundle.getBundle(\"etl\");"),
    java("jvm_option", C, "option_unknown", "Unrecognized VM option", "", "-XX:+UseConcMarkSweepGC"),
    java("jvm_heap_value", C, "value_invalid", "Invalid maximum heap size", "", "-Xmx4gb"),
    java("jvm_heap_order", C, "settings_incompatible", "Initial heap size set to a larger|heap size", "", "-Xms512m -Xmx256m"),
    java("jvm_gc_conflict", C, "settings_incompatible", "Conflicting collector|Multiple", "", "-XX:+UseG1GC"),
    java("env_missing", C, "variable_missing", "MART_DSN", "Objects.requireNonNull(System.getenv(\"MART_DSN\"), \"environment variable MART_DSN is not set\");"),
    java("bad_gzip", X, "bad_magic", "Not in GZIP format", "new java.util.zip.GZIPInputStream(new ByteArrayInputStream(\"id,amount,day,region\".getBytes())).read();"),
    java("gzip_truncated", X, "truncated", "Unexpected end of ZLIB", "var b = new ByteArrayOutputStream(); var z = new java.util.zip.GZIPOutputStream(b); z.write(new byte[90000]); z.close(); new java.util.zip.GZIPInputStream(new ByteArrayInputStream(b.toByteArray(), 0, 60)).readAllBytes();"),
    java("zip", X, "bad_magic", "zip|END header", "Files.writeString(Path.of(\"a.jar\"), \"<html>\".repeat(90)); new java.util.zip.ZipFile(\"a.jar\");"),
    java("corrupt_jar", X, "bad_magic", "Invalid or corrupt jarfile", "", "-jar Load.java #"),
    java("stream_corrupted", X, "bad_magic", "StreamCorruptedException", "new ObjectInputStream(new ByteArrayInputStream(\"id,amount\".getBytes()));"),
    java("malformed_input", X, "encoding_invalid", "MalformedInputException", "Files.write(Path.of(\"n.csv\"), \"M\\u00fcller\".getBytes(\"ISO-8859-1\")); Files.readString(Path.of(\"n.csv\"));"),
    java("number_format", X, "value_invalid", "NumberFormatException", "double t = 0; for (var v : List.of(\"1.5\", \"2.5\", \"2,5\")) t += Double.parseDouble(v);"),
    java("date_format", X, "value_invalid", "DateTimeParseException", "for (var v : List.of(\"2024-05-01\", \"2024-05-32\")) System.out.println(java.time.LocalDate.parse(v));"),
    java("xml", X, "malformed_record", "SAXParseException", "javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(\"<a><b></a>\".getBytes()));"),
    java("duplicate_map_key", D, "duplicate_key", "Duplicate key", "List.of(\"A-1\", \"B-2\", \"A-1\").stream().collect(java.util.stream.Collectors.toMap(k -> k, k -> 1));"),
    java("null_pointer", U, "bug", "NullPointerException", "Map<String, String> row = new HashMap<>(); System.out.println(row.get(\"customer\").trim());"),
    java("class_cast", U, "bug", "ClassCastException", "Object v = 12; System.out.println(((String) v).length());"),
    java("bounds", U, "bug", "ArrayIndexOutOfBounds", "var f = \"1,2\".split(\",\"); System.out.println(f[3]);"),
    java("illegal_state", U, "bug", "IllegalStateException", "throw new IllegalStateException(\"ledger 2024-05 is already closed\");"),
    java("concurrent_modification", U, "bug", "ConcurrentModification", "var l = new ArrayList<>(List.of(1, 2, 3)); for (var x : l) l.remove(x);"),
    java("stack_overflow", U, "bug", "StackOverflowError", "run();"),
    java("future_timeout", U, "deadline_without_cause", "TimeoutException", "new java.util.concurrent.CompletableFuture<String>().get(300, java.util.concurrent.TimeUnit.MILLISECONDS);"),
    java("cancelled", U, "cancelled", "CancellationException", "var f = new java.util.concurrent.CompletableFuture<String>(); f.cancel(true); f.get();"),
    java("compile", U, "bug", "error:", "int n = \"a\";"),
    java("rejected", R, "queue_full", "RejectedExecution", "var p = new java.util.concurrent.ThreadPoolExecutor(1, 1, 1, java.util.concurrent.TimeUnit.SECONDS, new java.util.concurrent.ArrayBlockingQueue<>(2)); try { for (int i = 0; i < 9; i++) p.execute(() -> { try { Thread.sleep(500); } catch (Exception e) {} }); } finally { p.shutdown(); }"),
    node("refused", N, "connection_refused", "ECONNREFUSED", wrap("const r = await fetch('http://127.0.0.1:@CLOSED@/v1/feed');")),
    node("dns", N, "dns_failure", "ENOTFOUND|EAI_AGAIN", wrap("await fetch('http://ledger.invalid/v1');")),
    node("http_401", A, "token_expired", "401", wrap(js("invoices"))), node("http_403", P, "access_denied", "403", wrap(js("ledger"))), node("http_429", Q, "rate_limited", "429", wrap(js("orders"))),
    node("http_502", N, "service_unavailable", "502", wrap(js("gateway"))), node("http_500", U, "internal_error", "500", wrap(js("report"))), node("html", X, "malformed_record", "Unexpected token|not valid JSON", wrap(js("page"))),
    node("half", X, "truncated", "Unterminated string|Unexpected end", wrap(js("half"))),
    node("timeout", N, "read_timeout", "TimeoutError|aborted due to timeout", wrap(js("events", ", {signal: AbortSignal.timeout(800)}"))),
    node("reset", N, "connection_reset", "ECONNRESET|socket hang up", "require('http').get('http://127.0.0.1:@HTTP@/v1/reset');"),
    node("hangup", N, "connection_reset", "socket hang up", "require('http').get('http://127.0.0.1:@HANGUP@/v1');"),
    node("self_signed", A, "certificate_untrusted", "self-signed|SELF_SIGNED", "require('https').get('https://localhost:@TLS_SELFSIGNED@/v1');"),
    node("expired", A, "certificate_expired", "certificate has expired", "require('https').get('https://localhost:@TLS_EXPIRED@/v1', {ca: require('fs').readFileSync('@CERTS@/ca.pem')});"),
    node("alt_name", A, "certificate_untrusted", "does not match certificate", "require('https').get('https://localhost:@TLS_OTHERHOST@/v1', {ca: require('fs').readFileSync('@CERTS@/ca.pem')});"),
    node("module_missing", M, "module_missing", "Cannot find module", "const { Client } = require('pg-warehouse');"),
    node("esm_missing", M, "module_missing", "Cannot find package|ERR_MODULE_NOT_FOUND", wrap("const p = await import('parquet-stream');")),
    node("script_missing", M, "file_missing", "Cannot find module", "require('child_process').execFileSync('node', ['jobs/nightly.js'], {stdio: 'inherit'});"),
    node("file_missing", M, "file_missing", "ENOENT", "console.log(require('fs').readFileSync('inbox/day.json', 'utf8').length);"),
    node("spawn_missing", M, "binary_missing", "ENOENT", "require('child_process').spawn('parquet-tools', ['cat', 'day.parquet']);"),
    node("file_mode", P, "file_mode", "EACCES", "const fs = require('fs');\nfs.writeFileSync('r.csv', '1'); fs.chmodSync('r.csv', 0);\nfs.readFileSync('r.csv');"),
    node("mkdir_mode", P, "file_mode", "EACCES", "const fs = require('fs');\nfs.mkdirSync('o'); fs.chmodSync('o', 0o555);\nfs.mkdirSync('o/2024', {recursive: true});"),
    node("exists", C, "resource_already_exists", "EEXIST", "const fs = require('fs');\nfs.mkdirSync('o'); fs.mkdirSync('o');"),
    node("port_in_use", C, "settings_incompatible", "EADDRINUSE", "require('net').createServer().listen(@HTTP@, '127.0.0.1');"),
    node("disk_full", R, "disk_full", "ENOSPC", "require('fs').writeFileSync('/dev/full', 'x'.repeat(9000));"),
    node("heap", R, "heap_out_of_memory", "heap out of memory", "const rows = [];\nfor (let i = 0; ; i++) rows.push({ id: i, name: 'row ' + i });", "--max-old-space-size=40"),
    node("handles", R, "file_handles", "EMFILE", "const fs = require('fs');\nfor (let i = 0; ; i++) fs.openSync('/etc/hostname');", limits={"nofile": 120}),
    node("option", C, "option_unknown", "bad option", "", "--max-heap=4g"),
    node("json_config", C, "syntax_invalid", "JSON", "require('fs').writeFileSync('config.json', '{\"source\": \"a\",}');\nconst config = require('./config.json');"),
    node("env_missing", C, "variable_missing", "MART_DSN", "if (!process.env.MART_DSN) throw new Error('missing environment variable MART_DSN');"),
    node("invalid_url", C, "endpoint_wrong", "Invalid URL", wrap("await fetch('ledger.internal/v1');")),
    node("json_line", X, "malformed_record", "JSON", "for (const line of ['{\"id\": 1}', '{\"id\": 2', '{\"id\": 3}']) console.log(JSON.parse(line).id);"),
    node("gzip", X, "bad_magic", "incorrect header check", "require('zlib').gunzipSync(Buffer.from('id,amount\\n1,2'));"),
    node("gzip_truncated", X, "truncated", "unexpected end of file", "const z = require('zlib');\nz.gunzipSync(z.gzipSync('1,2\\n'.repeat(9000)).subarray(0, 40));"),
    node("utf8", X, "encoding_invalid", "not valid for encoding", "new TextDecoder('utf-8', {fatal: true}).decode(Uint8Array.from([0x4d, 0xfc, 0x6c]));"),
    node("type_error", U, "bug", "TypeError", "const rows = undefined;\nconsole.log(rows.length);"),
    node("reference", U, "bug", "ReferenceError", "console.log(totalRows);"),
    node("syntax", U, "bug", "SyntaxError", "function load( {\n  return 1;\n}"),
    node("stack", U, "bug", "Maximum call stack", "function walk(n) { return walk(n + 1) + 1; }\nwalk(0);"),
    node("assert", U, "bug", "AssertionError", "require('assert').strictEqual([1, 2].length, 3);"),
    node("rejection", U, "bug", "rejected|Error", "Promise.reject(new Error('month is closed'));"),
    node("rejection_without_words", U, "no_information", "ERR_UNHANDLED_REJECTION|undefined", "Promise.reject();"),
    node("abort", U, "crash", "Aborted|abort|stack trace", "process.abort();"),
    go("refused", N, "connection_refused", "connection refused", G.replace("@HTTP@", "@CLOSED@") % "feed", GI), go("http_401", A, "token_expired", "401", G % "invoices", GI), go("http_403", P, "access_denied", "403", G % "ledger", GI),
    go("http_429", Q, "rate_limited", "429", G % "orders", GI), go("http_504", N, "service_unavailable", "504", G % "prices", GI), go("partial", N, "connection_reset", "unexpected EOF", G % "archive", GI),
    go("reset", N, "connection_reset", "EOF|reset by peer", G % "reset", GI),
    go("timeout", N, "read_timeout", "Client.Timeout|deadline exceeded", 'c := http.Client{Timeout: 700 * time.Millisecond}\n_, err := c.Get("http://127.0.0.1:@HTTP@/v1/events")\nlog.Fatal(err)', "log net/http time"),
    go("dns", N, "dns_failure", "no such host|lookup|Temporary", '_, err := http.Get("http://ledger.invalid/v1")\nlog.Fatal(err)', "log net/http"),
    go("certificate", A, "certificate_untrusted", "x509", '_, err := http.Get("https://localhost:@TLS_SELFSIGNED@/v1")\nlog.Fatal(err)', "log net/http"),
    go("file_missing", M, "file_missing", "no such file", 'f, err := os.Open("inbox/day.csv")\nif err != nil { log.Fatal(err) }\nf.Close()', "log os"),
    go("exec_missing", M, "binary_missing", "executable file not found", 'log.Fatal(exec.Command("parquet-merge").Run())', "log os/exec"),
    go("package_missing", M, "package_missing", "no required module|cannot find|is not in std", 'warehouse.Load()', "example.com/etl/warehouse"),
    go("file_mode", P, "file_mode", "permission denied", 'os.WriteFile("r", nil, 0)\n_, err := os.ReadFile("r")\nlog.Fatal(err)', "log os"),
    go("disk_full", R, "disk_full", "no space left", 'log.Fatal(os.WriteFile("/dev/full", make([]byte, 9000), 0o644))', "log os"),
    go("json", X, "malformed_record", "invalid character|unexpected end", 'var v any\nfor _, l := range []string{`{"id": 1}`, `{"id": nope}`} {\n\tif err := json.Unmarshal([]byte(l), &v); err != nil { log.Fatalf("line %q: %v", l, err) }\n}', "encoding/json log"),
    go("json_type", S, "type_mismatch", "cannot unmarshal", 'var v struct{ Amount float64 }\nlog.Fatal(json.Unmarshal([]byte(`{"Amount": {"value": 5}}`), &v))', "encoding/json log"),
    go("json_unknown_field", S, "column_unknown", "unknown field", 'd := json.NewDecoder(strings.NewReader(`{"amount": 1, "chanel": "web"}`)); d.DisallowUnknownFields()\nvar v struct{ Amount float64 }\nlog.Fatal(d.Decode(&v))', "encoding/json log strings"),
    go("csv_fields", X, "malformed_record", "wrong number of fields", 'r := csv.NewReader(strings.NewReader("a,b\\n1,2\\n3,4,5\\n"))\n_, err := r.ReadAll()\nlog.Fatal(err)', "encoding/csv log strings"),
    go("csv_quote", X, "malformed_record", "bare|quote", 'r := csv.NewReader(strings.NewReader("a,b\\n1,x\\"y\\n"))\n_, err := r.ReadAll()\nlog.Fatal(err)', "encoding/csv log strings"),
    go("gzip", X, "bad_magic", "invalid header", '_, err := gzip.NewReader(strings.NewReader("id,amount,day"))\nlog.Fatal(err)', "compress/gzip log strings"),
    go("atoi", X, "value_invalid", "invalid syntax", 'for i, v := range []string{"1", "1O"} {\n\tif _, err := strconv.Atoi(v); err != nil { log.Fatalf("row %d: %v", i, err) }\n}', "log strconv"),
    go("nil_map", U, "bug", "nil map", 'var m map[string]int\nm["a"] = 1', ""), go("nil_pointer", U, "bug", "nil pointer dereference", 'var p *struct{ n int }\nprintln(p.n)', ""),
    go("index", U, "bug", "index out of range", 'a := []int{1}\ni := 3\nprintln(a[i])', ""), go("deadlock", U, "bug", "all goroutines are asleep", 'c := make(chan int)\n<-c', ""),
    go("context", U, "deadline_without_cause", "context deadline exceeded", 'ctx, stop := context.WithTimeout(context.Background(), time.Millisecond)\ndefer stop()\n<-ctx.Done()\nlog.Fatal("rebuild: ", ctx.Err())', "context log time"),
    go("compile", U, "bug", "declared and not used|undefined|cannot use", 'var n int = "a"\nprintln(n)', ""),
    go("panic", U, "bug", "panic:", 'panic("ledger does not balance")', ""),
    cmd("go_mod_missing", C, "resource_undefined", "go.mod file not found|cannot find main module", "go mod tidy", platform="go"),
    cmd("go_mod_syntax", C, "syntax_invalid", "errors parsing go.mod", "printf 'module x\\nrequir a v1\\n' > go.mod; go build ./...", platform="go"),
    cmd("go_version", M, "version_conflict", "requires go", "printf 'module x\\ngo 1.99.0\\n' > go.mod; printf 'package main\\nfunc main() {}\\n' > m.go; go build ./...", platform="go"),
    cmd("cargo_manifest_missing", C, "resource_undefined", "could not find `Cargo.toml`", "cargo build --offline", platform="cargo"),
    cmd("cargo_manifest_syntax", C, "syntax_invalid", "error: ", "printf '[package\\nname = \"a\"\\n' > Cargo.toml; cargo build --offline", platform="cargo"),
    cmd("cargo_manifest_value", C, "value_invalid", "failed to parse|edition", "mkdir src; echo 'fn main() {}' > src/main.rs; printf '[package]\\nname = \"a\"\\nversion = \"0.1.0\"\\nedition = \"2039\"\\n' > Cargo.toml; cargo build --offline", platform="cargo"),
    cmd("cargo_dependency_path", M, "package_missing", "failed to (get|load|read)|Unable to update", "mkdir src; echo 'fn main() {}' > src/main.rs; printf '[package]\\nname = \"a\"\\nversion = \"0.1.0\"\\n[dependencies]\\nwarehouse = { path = \"../warehouse\" }\\n' > Cargo.toml; cargo build --offline", platform="cargo"),
    cmd("cargo_target_missing", M, "file_missing", "no targets specified|can't find", "printf '[package]\\nname = \"a\"\\nversion = \"0.1.0\"\\n' > Cargo.toml; cargo build --offline", platform="cargo"),
    cmd("cargo_option", C, "option_unknown", "unexpected argument", "cargo build --fast", platform="cargo"),
    cmd("rustc_crate_missing", M, "package_missing", "unresolved import|can't find crate|maybe a missing crate", "echo 'use parquet::file; fn main() {}' > m.rs; rustc --edition 2021 m.rs", platform="rust"),
    cmd("rust_panic_unwrap", X, "value_invalid", "ParseIntError|InvalidDigit", "echo 'fn main() { for v in [\"1\", \"1O\"] { println!(\"{}\", v.parse::<i64>().unwrap()); } }' > m.rs; rustc m.rs && ./m", platform="rust"),
    cmd("rust_file_missing", M, "file_missing", "NotFound", "echo 'fn main() { println!(\"{}\", std::fs::read_to_string(\"inbox/day.csv\").unwrap().len()); }' > m.rs; rustc m.rs && ./m", platform="rust"),
    cmd("rust_index", U, "bug", "index out of bounds", "echo 'fn main() { let v: Vec<i32> = std::env::args().map(|_| 1).collect(); println!(\"{}\", v[7]); }' > m.rs; rustc m.rs && ./m", platform="rust"),
    cmd("rust_refused", N, "connection_refused", "ConnectionRefused", "echo 'fn main() { std::net::TcpStream::connect(\"127.0.0.1:@CLOSED@\").expect(\"connect to broker\"); }' > m.rs; rustc m.rs && ./m", platform="rust"),
    cmd("rust_mismatched", U, "bug", "mismatched types", "echo 'fn main() { let n: i32 = \"a\"; }' > m.rs; rustc m.rs", platform="rust"),
]
TOOL = Tool("runtimes", "java", version, FAULTS, setup, label="runtimes:")

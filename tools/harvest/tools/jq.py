"""jq."""
from harvestlib import Tool, cmd, find, first_line, sh

P, S, R, M, C, X, U = ("permission_denied", "schema_mismatch", "resource_exhaustion", "missing_dependency", "configuration_error", "data_corruption", "unknown_error")


def version(ctx):
    find("jq")
    return first_line("jq", "--version").removeprefix("jq-")


FAULTS = [
    cmd("truncated", X, "truncated", "Unfinished", """echo '{"id": 1, "v": [1, 2' | jq -c .v"""),
    cmd("malformed_number", X, "malformed_record", "parse error", """printf '{"id": 1}\\n{"id": 1O}\\n' | jq .id"""),
    cmd("html_instead", X, "malformed_record", "parse error", """echo '<html><body>502</body></html>' > r.json; jq -r '.rows[].id' r.json"""),
    cmd("unterminated_string", X, "malformed_record", "parse error", """printf '{"id": "a\\n"}\\n{"id": "b}' | jq .id"""),
    cmd("extra_bracket", X, "malformed_record", "Unmatched|parse error", """printf '{"a":1}]\\n' | jq ."""),
    cmd("separator_missing", X, "malformed_record", "separator|parse error", """echo '{"a":1 "b":2}' | jq ."""),
    cmd("key_not_string", X, "malformed_record", "parse error|must be strings", """echo '{1: "a"}' | jq ."""),
    cmd("number_of_bad_text", X, "value_invalid", "cannot be parsed as a number|while parsing", """printf '"12"\\n"7,5"\\n' | jq tonumber"""),
    cmd("bad_date", X, "value_invalid", "does not match format", """printf '"2024-05-02T00:00:00Z"\\n"02.05.2024"\\n' | jq 'fromdate'"""),
    cmd("base64", X, "malformed_record", "not valid base64", """echo '"a*b=="' | jq '@base64d'"""),
    cmd("index_number_with_string", S, "type_mismatch", "Cannot index number", """echo '{"customer": 17}' | jq .customer.name"""),
    cmd("index_array_with_string", S, "type_mismatch", "Cannot index array", """echo '[{"id": 1}]' | jq .id"""),
    cmd("iterate_over_null", S, "column_missing", "Cannot iterate over null", """echo '{"items": [1]}' | jq '.rows[]'"""),
    cmd("iterate_over_string", S, "type_mismatch", "Cannot iterate over string", """echo '{"rows": "none"}' | jq '.rows[]'"""),
    cmd("keys_of_string", S, "type_mismatch", "has no keys", """echo '{"meta": "v1"}' | jq '.meta | keys'"""),
    cmd("csv_of_object", S, "type_mismatch", "cannot be csv-formatted", """echo '{"a": 1}' | jq -r '@csv'"""),
    cmd("csv_of_nested", S, "type_mismatch", "not valid in a csv row", """echo '[1, {"b": 2}]' | jq -r '@csv'"""),
    cmd("add_string_number", S, "type_mismatch", "cannot be added", """echo '[1, "2"]' | jq '.[0] + .[1]'"""),
    cmd("compile_error", U, "bug", "syntax error", """echo 1 | jq '.rows[ | length'"""),
    cmd("function_undefined", M, "function_missing", "is not defined", """echo 1 | jq 'to_rows(2)'"""),
    cmd("module_missing", M, "module_missing", "module not found", """echo 1 | jq 'import "warehouse" as w; w::rows'"""),
    cmd("variable_undefined", C, "variable_missing", "is not defined", """echo '{}' | jq --arg day 1 '.d = $run_date'"""),
    cmd("env_variable_error", C, "variable_missing", "TARGET_BUCKET is not set", """jq -n 'env.TARGET_BUCKET // error("TARGET_BUCKET is not set")'"""),
    cmd("file_missing", M, "file_missing", "No such file", "jq .rows inbox/2024-05-02.json"),
    cmd("program_file_missing", M, "file_missing", "No such file", "echo 1 | jq -f transform.jq"),
    cmd("file_mode", P, "file_mode", "Permission denied", "echo 1 > a.json; chmod 0 a.json; jq . a.json"),
    cmd("option_unknown", C, "option_unknown", "Unknown arguments|Unknown option", "echo 1 | jq --pretty ."),
    cmd("argjson", C, "value_invalid", "nvalid JSON", "echo 1 | jq --argjson limits '{a:1}' ."),
    cmd("slurpfile_missing", M, "file_missing", "No such file|Bad JSON", "echo 1 | jq --slurpfile dim dim.json ."),
    cmd("disk_full", R, "disk_full", "No space left", "seq 1 9 | jq . > /dev/full"),
    cmd("business_error", U, "bug", "\\(at", """echo '{"in": 10, "out": 9}' | jq 'if .in != .out then error("ledger differs by \\(.in - .out)") else . end'"""),
    cmd("zero_division", U, "bug", "cannot be divided", """echo '{"n": 0, "s": 1}' | jq '.s / .n'"""),
    cmd("halt_without_words", U, "no_information", "exit code 5", """jq -n '"step failed\\n" | halt_error'""", status=True),
    cmd("recursion_depth", X, "malformed_record", "depth|Exceeds", """head -c 20000 /dev/zero | tr '\\0' '[' | jq ."""),
    cmd("truncated_stream", X, "truncated", "Unfinished|truncated", """printf '[{"id":1},{"id":2}' | jq -c --stream ."""),
    cmd("out_of_memory", R, "out_of_memory", "memory", """ulimit -v 60000; seq 1 4000000 | jq -s 'map({a: .})' | tail -1"""),
]
TOOL = Tool("jq", "jq", version, FAULTS)

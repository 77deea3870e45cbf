"""tar, gzip, bzip2, xz, zstd."""
from harvestlib import Tool, find, first_line, sh

P, N, S, R, D = "permission_denied", "network_timeout", "schema_mismatch", "resource_exhaustion", "data_duplication"
M, C, Q, A, X, U = ("missing_dependency", "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error")


def version(ctx):
    for name in ("tar", "gzip", "bzip2", "xz", "zstd"):
        find(name)
    return first_line("tar", "--version").split()[-1]


MAKE = "seq 1 60000 > day.csv\n"
FAULTS = [
    sh("gzip_crc", X, "checksum_mismatch", "crc error", MAKE + "gzip day.csv; printf '\\1\\2\\3\\4' | dd of=day.csv.gz bs=1 seek=$(($(stat -c %s day.csv.gz) - 8)) conv=notrunc status=none\ngunzip day.csv.gz\n"),
    sh("gzip_truncated", X, "truncated", "unexpected end of file", MAKE + "gzip day.csv; truncate -s 20000 day.csv.gz\ngzip -dc day.csv.gz | wc -l\n"),
    sh("gzip_magic", X, "bad_magic", "not in gzip format", "echo id,amount > day.csv.gz\ngunzip -c day.csv.gz\n"),
    sh("gzip_garbage_inside", X, "checksum_mismatch", "invalid compressed data|crc error", MAKE + "gzip day.csv; head -c 600 /dev/zero | tr '\\0' U | dd of=day.csv.gz bs=1 seek=9000 conv=notrunc status=none\ngzip -t day.csv.gz\n"),
    sh("gzip_trailing", X, "malformed_record", "trailing garbage", MAKE + "gzip day.csv; echo extra >> day.csv.gz\ngzip -t day.csv.gz\n"),
    sh("bzip2_crc", X, "checksum_mismatch", "CRC|integrity|corrupt", MAKE + "bzip2 day.csv; printf 'zzzz' | dd of=day.csv.bz2 bs=1 seek=5000 conv=notrunc status=none\nbunzip2 day.csv.bz2\n"),
    sh("bzip2_truncated", X, "truncated", "ends unexpectedly", MAKE + "bzip2 day.csv; truncate -s 9000 day.csv.bz2\nbzip2 -t day.csv.bz2\n"),
    sh("bzip2_magic", X, "bad_magic", "bad magic|not a bzip2", "seq 9 > day.csv.bz2\nbunzip2 day.csv.bz2\n"),
    sh("xz_corrupt", X, "checksum_mismatch", "Compressed data is corrupt", MAKE + "xz day.csv; printf 'zzzz' | dd of=day.csv.xz bs=1 seek=5000 conv=notrunc status=none\nunxz day.csv.xz\n"),
    sh("xz_truncated", X, "truncated", "Unexpected end of input", MAKE + "xz day.csv; truncate -s 9000 day.csv.xz\nxz -t day.csv.xz\n"),
    sh("xz_magic", X, "bad_magic", "File format not recognized", "seq 9 > day.csv.xz\nxz -d day.csv.xz\n"),
    sh("zstd_corrupt", X, "checksum_mismatch", "[Cc]orrupt|checksum", MAKE + "zstd -q day.csv; printf 'zzzzzzzz' | dd of=day.csv.zst bs=1 seek=9000 conv=notrunc status=none\nzstd -d -f day.csv.zst -o out.csv\n"),
    sh("zstd_truncated", X, "truncated", "premature end|unexpected|truncated", MAKE + "zstd -q day.csv; truncate -s 9000 day.csv.zst\nzstd -t day.csv.zst\n"),
    sh("zstd_magic", X, "bad_magic", "unsupported format", "seq 9 > day.csv.zst\nzstd -d day.csv.zst\n"),
    sh("tar_truncated", X, "truncated", "Unexpected EOF", MAKE + "tar cf day.tar day.csv; truncate -s 100000 day.tar\ntar xf day.tar -C /tmp --to-stdout | tail -1\n"),
    sh("tar_gz_truncated", X, "truncated", "unexpected end of file", MAKE + "tar czf day.tgz day.csv; truncate -s 30000 day.tgz\nmkdir o; tar xzf day.tgz -C o\n"),
    sh("tar_magic", X, "bad_magic", "does not look like a tar", "seq 1 3000 > day.tar\ntar xf day.tar\n"),
    sh("tar_gz_magic", X, "bad_magic", "not in gzip format", "seq 1 3000 > day.tgz\ntar xzf day.tgz\n"),
    sh("tar_header_checksum", X, "malformed_record", "Skipping to next header|checksum", MAKE + "seq 5 > b.csv; tar cf a.tar b.csv day.csv; printf 'zz' | dd of=a.tar bs=1 seek=$((1024 + 20)) conv=notrunc status=none\ntar tf a.tar\n"),
    sh("tar_missing_member", M, "file_missing", "Not found in archive", "seq 3 > a; tar cf a.tar a\ntar xf a.tar manifest.json\n"),
    sh("tar_missing_input", M, "file_missing", "Cannot stat|No such file", "tar czf backup.tgz orders/ customers/\n"),
    sh("tar_missing_archive", M, "file_missing", "Cannot open: No such file", "tar xzf /srv/landing/2024-05-02.tgz\n"),
    sh("tar_missing_compressor", M, "binary_missing", "not found|Cannot exec", "seq 3 > a; tar -c --use-compress-program=pzstd-9 -f a.tar.zst a\n"),
    sh("gzip_missing_input", M, "file_missing", "No such file", "gzip -k day.csv\n"),
    sh("xz_missing_input", M, "file_missing", "No such file", "xz -T1 day.csv\n"),
    sh("zstd_missing_input", M, "file_missing", "No such file|can't stat", "zstd -q day.csv\n"),
    sh("tar_target_missing", M, "file_missing", "No such file", "seq 3 > a; tar cf a.tar a; tar xf a.tar -C releases/42\n"),
    sh("tar_into_read_only", P, "file_mode", "Permission denied", "seq 3 > a; tar cf a.tar a; mkdir o; chmod 555 o\ntar xf a.tar -C o\n"),
    sh("tar_read_without_right", P, "file_mode", "Permission denied", "mkdir d; seq 3 > d/a; seq 3 > d/b; chmod 0 d/b\ntar cf d.tar d\n"),
    sh("gzip_read_without_right", P, "file_mode", "Permission denied", "seq 3 > a; chmod 0 a\ngzip a\n"),
    sh("gzip_into_read_only", P, "file_mode", "Permission denied", "mkdir d; seq 3 > d/a; chmod 555 d\ngzip d/a\n"),
    sh("zstd_without_right", P, "file_mode", "Permission denied", "seq 3 > a; chmod 0 a\nzstd a\n"),
    sh("xz_without_right", P, "file_mode", "Permission denied", "seq 3 > a; chmod 0 a\nxz a\n"),
    sh("tar_disk_full", R, "disk_full", "No space left", MAKE + "ln -s /dev/full b.tar\ntar cf b.tar day.csv\n"),
    sh("tar_extract_disk_full", R, "disk_full", "No space left", MAKE + "tar cf b.tar day.csv\ntar xOf b.tar > /dev/full\n"),
    sh("gzip_disk_full", R, "disk_full", "No space left", MAKE + "gzip -c day.csv > /dev/full\n"),
    sh("zstd_disk_full", R, "disk_full", "No space left", MAKE + "zstd -q -c day.csv > /dev/full\n"),
    sh("xz_disk_full", R, "disk_full", "No space left", MAKE + "xz -0 -c day.csv > /dev/full\n"),
    sh("bzip2_disk_full", R, "disk_full", "No space left", MAKE + "bzip2 -c day.csv > /dev/full\n"),
    sh("xz_memory_limit", C, "limit_setting_too_small", "Memory usage limit", MAKE + "xz -9 day.csv\nxz -d --memlimit-decompress=2MiB day.csv.xz\n"),
    sh("xz_out_of_memory", R, "out_of_memory", "Cannot allocate memory", MAKE + "ulimit -v 100000\nxz -9e -T1 day.csv\n"),
    sh("zstd_window_too_large", C, "limit_setting_too_small", "memory", "head -c 300000 /dev/urandom > d\nhead -c 300000000 /dev/zero | zstd -q --long=28 -c > z.zst\nzstd -d -q z.zst -o z.out\n"),
    sh("tar_option_unknown", C, "option_unknown", "unrecognized option", "tar --extract-all -f a.tar\n"),
    sh("tar_options_conflict", C, "settings_incompatible", "may not specify more than one|conflicting|one of the", "tar -cxf a.tar x\n"),
    sh("tar_no_mode", C, "variable_missing", "You must specify one of", "tar -f a.tar\n"),
    sh("tar_empty_create", C, "variable_missing", "Cowardly refusing", "tar -cf a.tar\n"),
    sh("gzip_level", C, "option_unknown", "invalid option|unrecognized option", "seq 3 > a\ngzip --level=19 a\n"),
    sh("zstd_option", C, "option_unknown", "Incorrect parameter|bad usage", "seq 3 > a\nzstd --level 3 a\n"),
    sh("xz_option_value", C, "value_invalid", "not a valid|must be|Value|Unsupported", "seq 3 > a\nxz --threads=many a\n"),
    sh("gzip_target_exists", C, "resource_already_exists", "already exists", "seq 3 > a; gzip -k a\ngzip -k a < /dev/null\n"),
    sh("xz_target_exists", C, "resource_already_exists", "File exists", "seq 3 > a; xz -k a\nxz -k a\n"),
]
TOOL = Tool("archives", "tar", version, FAULTS, label="GNU tar")

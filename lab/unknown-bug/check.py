"""Nothing changed: the sales, the report of the day before, and the program are as they were."""
import pathlib
import sqlite3
import sys


def lost_rows(path):
    before, now = sqlite3.connect(pathlib.Path("before", path)), sqlite3.connect(path)
    tables = [name for (name,) in before.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    there = {name for (name,) in now.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    lost = 0
    for name in tables:
        columns = ", ".join(f'"{column}"' for _, column, *_ in before.execute(f'PRAGMA table_info("{name}")'))
        rows = f'SELECT {columns} FROM "{name}"'
        lost += len(set(before.execute(rows)) - (set(now.execute(rows)) if name in there else set()))
    return lost


def main():
    kept = sorted(path.relative_to("before") for path in pathlib.Path("before").rglob("*") if path.is_file())
    gone = [str(path) for path in kept if not path.is_file()]
    if gone:
        print(f"no longer there: {', '.join(gone)}")
        return 4
    changed = [str(path) for path in kept if path.read_bytes() != pathlib.Path("before", path).read_bytes()]
    lost = sum(lost_rows(path) for path in changed if path.endswith(".db"))
    if lost:
        print(f"{lost} rows are gone or changed")
        return 4
    if changed:
        print(f"changed: {', '.join(changed)}")
        return 1
    print(f"{len(kept)} files are as they were: {', '.join(map(str, kept))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

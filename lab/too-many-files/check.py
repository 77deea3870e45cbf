"""The merged file is the sorted lines of all parts, and the parts are as they were."""
import pathlib
import sys


def main():
    parts = sorted(pathlib.Path("before/parts").iterdir())
    gone = [part.name for part in parts if not pathlib.Path("parts", part.name).is_file()]
    if gone:
        print(f"parts are gone: {', '.join(gone)}")
        return 4
    if any(part.read_bytes() != pathlib.Path("parts", part.name).read_bytes() for part in parts):
        print("a part was changed")
        return 1
    wanted = sorted(line for part in parts for line in part.read_text(encoding="utf-8").splitlines())
    found = pathlib.Path("merged.csv").read_text(encoding="utf-8").splitlines()
    if found != wanted:
        print(f"merged.csv has {len(found)} lines, expected the {len(wanted)} of the parts in order")
        return 1
    if pathlib.Path("merged.csv.part").exists():
        print("a half-written file was left behind")
        return 1
    print(f"merged.csv has the {len(found)} lines of {len(parts)} parts in order; the parts are unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main())

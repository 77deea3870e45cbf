"""Nothing changed: no right was widened, the key is the same, and the export of yesterday is still there."""
import pathlib
import sys


def main():
    kept = sorted(path.relative_to("before") for path in pathlib.Path("before").rglob("*") if path.is_file())
    gone = [str(path) for path in kept if not path.is_file()]
    if gone:
        print(f"no longer there: {', '.join(gone)}")
        return 4
    changed = [str(path) for path in kept if path.read_bytes() != pathlib.Path("before", path).read_bytes()]
    if changed:
        print(f"changed: {', '.join(changed)}")
        return 1
    print(f"{len(kept)} files are as they were: {', '.join(map(str, kept))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

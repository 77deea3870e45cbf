"""Merges the sorted parts of a day into one sorted file, reading all of them side by side."""
import contextlib
import heapq
import os
import sys


def main():
    folder, target = sys.argv[1:]
    count = 0
    with contextlib.ExitStack() as stack:
        parts = [stack.enter_context(open(os.path.join(folder, name), encoding="utf-8")) for name in sorted(os.listdir(folder))]
        merged = stack.enter_context(open(target + ".part", "w", encoding="utf-8"))
        for line in heapq.merge(*parts):
            merged.write(line)
            count += 1
    os.replace(target + ".part", target)
    print(f"merged {count} lines of {len(parts)} parts")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Checks that every #include between folders of src/ points downwards, and that files stay small.

The layers are read from src/CMakeLists.txt, so that there is one list. Ends with 1 and one line for each violation.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
MOST_LINES = {".cpp": 600, ".h": 300}


def layers():
    text = (SRC / "CMakeLists.txt").read_text()
    return {name: int(layer) for name, layer in re.findall(r"mend_folder\((\w+)\s+LAYER\s+(\d+)", text)}


def main():
    layer = layers()
    problems = []
    for path in sorted(SRC.rglob("*")):
        if path.suffix not in (".cpp", ".h", ".def"):
            continue
        folder = path.relative_to(SRC).parts[0]
        if folder not in layer:
            problems.append(f"{path.relative_to(ROOT)}: folder src/{folder} has no layer in src/CMakeLists.txt")
            continue
        lines = path.read_text().splitlines()
        if len(lines) > MOST_LINES.get(path.suffix, 10**9):
            problems.append(f"{path.relative_to(ROOT)}: {len(lines)} lines, the most is {MOST_LINES[path.suffix]}")
        for number, line in enumerate(lines, 1):
            found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not found:
                continue
            target = found.group(1).split("/")[0]
            if "/" not in found.group(1) or not (SRC / target).is_dir():
                problems.append(f"{path.relative_to(ROOT)}:{number}: include '{found.group(1)}' by its path below src/")
            elif target != folder and layer.get(target, 99) >= layer[folder]:
                problems.append(f"{path.relative_to(ROOT)}:{number}: src/{folder} (layer {layer[folder]}) may not include "
                                f"src/{target} (layer {layer.get(target, '?')})")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

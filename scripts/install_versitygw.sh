#!/usr/bin/env bash
# Builds versitygw, a real S3 server with a POSIX backend, into .tools/bin for the tests. May be run again: the version
# that is wanted is built once. Needs Go 1.24 or newer; without Go it exits 3 and changes nothing.
set -euo pipefail

version="v1.8.0"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
bin="$root/.tools/bin"
stamp="$bin/.versitygw-version"

if [[ -x "$bin/versitygw" && -f "$stamp" && "$(cat "$stamp")" == "$version" ]]; then
  echo "versitygw $version is already in .tools/bin"
  exit 0
fi
if ! command -v go >/dev/null; then
  echo "Go is not installed, so versitygw cannot be built. Install Go 1.24 or newer and run this again." >&2
  exit 3
fi

mkdir -p "$bin"
GOBIN="$bin" go install "github.com/versity/versitygw/cmd/versitygw@$version"
echo "$version" >"$stamp"
echo "versitygw $version is in .tools/bin"

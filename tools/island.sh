#!/bin/sh
# Builds the map console (frontend/) into the package's static files. Node is the system's, or the one PyPI carries.
# Where neither can be had, or npm isn't reached, the map console is left out and the lists do the whole job.
set -eu
cd "$(dirname "$0")/.."
venv=$(cd "${VENV:-.venv}" && pwd)

say() { printf '%s\n' "$*" >&2; }

leave_out() {
  say "未构建地图指挥台：$1。警情队列等列表页面照常可用；条件具备后执行 make setup 即可补建。"
  say "The map console is left out: $2. The lists do the whole job; make setup builds it later."
  [ -z "${CI:-}" ] || exit 1 # in CI it must build
  exit 0
}

fits() { "$1" -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null; }

if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 && fits node; then
  :
else
  # Pinned like everything else; 60 MB, and only where the system has none.
  if [ ! -x "$venv/bin/node" ]; then
    say "Fetching Node for the map console"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt ||
      leave_out "没有 Node.js 20.19 以上版本，也无法从软件源取得" "there is no Node 20.19 or newer, and it could not be fetched"
  fi
  PATH="$venv/bin:$PATH"
  export PATH
fi

log=$venv/island.log
say "Building the map console"
if ! (cd frontend && npm ci --no-fund --no-audit --loglevel=error --fetch-retries=1 --fetch-timeout=30000) >"$log" 2>&1; then
  why=$(grep -m 1 "code " "$log" || tail -n 1 "$log")
  leave_out "无法访问 npm 软件源（$why）" "npm was not reached ($why)"
fi
if ! (cd frontend && npm run --silent build) >"$log" 2>&1; then
  cat "$log" >&2
  say "地图指挥台构建失败 / The map console could not be built."
  exit 1
fi
touch "$venv/island.stamp"

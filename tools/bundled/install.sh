#!/bin/sh
# Installs Anlan, or upgrades what is installed, without any network: sh install.sh --prefix DIR --key FINGERPRINT
# What it does stands in docs/bundle.md; sh install.sh --help lists the rest.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
say() { printf '%s\n' "$*" >&2; }

wanted=$(cat "$here/PYTHON")
for name in ${PYTHON:-} "python$wanted" python3; do
  if command -v "$name" >/dev/null 2>&1 &&
    [ "$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$wanted" ]; then
    # -I: nothing of the caller's own Python settings or folders takes part.
    exec "$name" -I -B "$here/installer.py" "$@"
  fi
done
say "没有找到 Python $wanted（本安装包内的组件为该版本构建）。请先用系统安装盘安装，或用 PYTHON=/路径/python$wanted sh install.sh … 指明位置。"
say "Python $wanted was not found; what lies in this bundle was built for it. Install it from the system's own media,"
say "or name it: PYTHON=/path/python$wanted sh install.sh …"
exit 69

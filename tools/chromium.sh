#!/bin/sh
# Prints the path of a Chromium for the browser test and installs one where there is none.
# Usage: tools/chromium.sh PYTHON      PYTHON has the package "playwright". Only the path goes to standard output.
set -eu

python=${1:-python3}

found() { [ -n "$1" ] && [ -x "$1" ] && echo "$1" && exit 0; return 0; }
on_path() { for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v "$name" && return; done; true; }
of_playwright() {
  "$python" -c 'from playwright.sync_api import sync_playwright as start
with start() as p: print(p.chromium.executable_path)' 2>/dev/null || true
}

if [ -n "${CHROMIUM:-}" ]; then
  found "$CHROMIUM"
  echo "CHROMIUM is set to $CHROMIUM, which cannot be run" >&2
  exit 1
fi
found "$(on_path)"
found "$(of_playwright)"

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing Chromium with apt-get" >&2
  apt-get -qq update >&2 || true
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium fonts-dejavu-core >&2 || true
  found "$(on_path)"
fi

echo "installing Chromium with playwright" >&2
"$python" -m playwright install chromium >&2 || true
found "$(of_playwright)"

echo "No Chromium was found and none could be installed. Install one and set CHROMIUM to its path." >&2
exit 1

# Installs what is missing and nothing else; a second run takes a second. Every client is used as the machine has it set up.

setup() {
  require_sdk
  setup_native
  setup_postgres
  setup_directory
  has_browser || install_debian chromium
  npm_folders samples/express-api samples/express-api/legacy samples/spa tests/Castellan.Acceptance
  consoles
  if [ "${1:-}" = bench ]; then
    has_all wrk openssl || install_debian wrk openssl
    npm_folders bench
  fi
}

require_sdk() {
  have dotnet || fail 'The .NET SDK 10 is missing: https://dotnet.microsoft.com/download'
  dotnet --version >/dev/null 2>&1 || fail "The .NET SDK that global.json asks for is missing: $(dotnet --list-sdks | tr '\n' ' ')is there."
  have node && have npm || fail 'Node.js 20 or later with npm is missing: https://nodejs.org'
}

# Native AOT links with a C compiler.
setup_native() {
  has_compiler || install_debian clang zlib1g-dev
  have curl || install_debian curl
}

# A server's programs are enough; the tests start one of their own in a folder that they remove.
setup_postgres() { postgres_programs >/dev/null || install_debian postgresql; }

# What is said about user federation is tried against a directory.
setup_directory() { { [ -x /usr/sbin/slapd ] || have slapd; } && have ldapsearch || install_debian slapd ldap-utils; }

# The server embeds what this leaves in ui/consoles/dist.
consoles() {
  [ -f ui/consoles/package.json ] || return 0
  [ -d ui/consoles/dist ] && [ -z "$(find ui/consoles -name node_modules -prune -o -name dist -prune -o -type f -newer ui/consoles/dist -print -quit)" ] && return
  npm_folders ui/consoles
  say 'Building the consoles'
  (cd ui/consoles && npm run build --silent) || fail 'The consoles were not built.' || exit 1
  touch ui/consoles/dist
}

has_compiler() { have clang || have gcc; }
has_browser()  { have chromium || have chromium-browser || have google-chrome; }
has_all()      { local program; for program; do have "$program" || return 1; done; }

postgres_programs() {
  local programs
  programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
  [ -z "$programs" ] && have initdb && programs=$(dirname "$(command -v initdb)")
  [ -n "$programs" ] && [ -x "$programs/initdb" ] && printf '%s' "$programs"
}

install_debian() { # PACKAGE …
  have apt-get || fail "Please install: $*  (there is no apt-get here to do it with)" || exit 1
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || fail "Please install as root: apt-get install $*" || exit 1
    as_root=(sudo)
  fi
  say "Installing $*"
  local log; log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update -q && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "Could not install $*"
    exit 1
  fi
}

npm_folders() { # FOLDER …
  local folder
  for folder; do
    [ -f "$folder/package-lock.json" ] || continue
    [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && continue
    say "npm ci in $folder"
    (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error) || fail "npm ci failed in $folder" || exit 1
    touch "$folder/node_modules/.package-lock.json"
  done
}

# What a reviewer would otherwise have to look for.

check() {
  local bad=0
  require_sdk; setup_native; consoles
  formatted || bad=1
  say 'Build with analyzers, warnings as errors'
  dotnet build Castellan.slnx -c Release -v q --nologo -clp:NoSummary || bad=1
  publish || bad=1
  notices_are_current || bad=1
  book_is_current || bad=1
  say 'Housekeeping'
  recordings_are_current || true
  long_files
  [ $bad -eq 0 ] && say 'All good.'
  return $bad
}

formatted() {
  say 'Formatting'
  dotnet format whitespace --folder . --verify-no-changes --exclude out bin obj node_modules || fail 'Run: dotnet format whitespace --folder .'
}

# The recordings of ../shared grow while the project does; the copy here is what the tests hold us to.
recordings_are_current() {
  [ -d ../shared/parity ] || return 0
  diff -rq --exclude=keycloak-realms ../shared/parity tests/parity >/dev/null && { note 'tests/parity is as new as ../shared/parity'; return 0; }
  note 'tests/parity differs from ../shared/parity: ./dev parity --update takes it over'
  return 1
}

# Past 400 lines a file wants a reason.
long_files() {
  local rows; rows=$(find src tests samples bench -name '*.cs' -not -path '*/obj/*' -not -path '*/bin/*' -not -path '*/node_modules/*' -exec wc -l {} + 2>/dev/null \
    | awk '$2 != "total" && $1 > 400 { printf "%6d %s\n", $1, $2 }' | sort -rn)
  if [ -n "$rows" ]; then note 'Source files over 400 lines:'; printf '%s\n' "$rows"; else note 'No source file is over 400 lines.'; fi
}

# The book's list of options is written from the table that the program reads.
book_is_current() { say 'The book'; node tools/options-book.mjs --check; }

notices_are_current() { say 'Third-party notices'; node tools/notices.mjs --check; }

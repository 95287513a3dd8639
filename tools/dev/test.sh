# All tests, and the one line that sums them up.

passed=0 failed=0 skipped=0

run_tests() {
  local what=${1:-all} started=$SECONDS
  setup
  trap stop_postgres EXIT
  case "$what" in
    all)        start_postgres -c fsync=off; unit_tests; native_tests; failed_units ;;
    unit)       start_postgres -c fsync=off; unit_tests ;;
    acceptance) start_postgres -c fsync=off; native_tests ;;
    *) fail "Unknown part: $what (unit, acceptance)"; exit 2 ;;
  esac
  note "took $(((SECONDS - started) / 60)) min $(((SECONDS - started) % 60)) s"
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

count() { passed=$((passed + ${1:-0})) failed=$((failed + ${2:-0})) skipped=$((skipped + ${3:-0})); }

# A stage that could not even begin counts as one failure: it must not vanish from the sum.
stage_failed() { count 0 1; fail "$*" || true; }

unit_tests() {
  say 'Unit tests'
  mkdir -p obj/test
  : >obj/test/unit.log
  if ! dotnet build Castellan.slnx -c Release -v q --nologo -clp:NoSummary; then stage_failed 'The solution does not build.'; return; fi
  local log=obj/test/unit.log status=0
  dotnet test --project tests/Castellan.Tests/Castellan.Tests.csproj -c Release --no-build 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
  count "$(summed succeeded "$log")" "$(summed failed "$log")" "$(summed skipped "$log")"
  [ "$status" -eq 0 ] || [ "$(summed failed "$log")" -gt 0 ] || stage_failed "The unit tests ended with status $status."
}

# What failed among the unit tests lies far above when the acceptance tests have spoken: it is told once more.
failed_units() {
  awk '/^[^ ]/ { on = /^failed / } on && ++lines <= 200' obj/test/unit.log
}

# The runner's own summary: "  succeeded: 12".
summed() { # WORD LOG
  local value; value=$(sed -nE "s/^ *$1: ([0-9]+).*/\1/p" "$2" | tail -1); printf '%s' "${value:-0}"
}

native_tests() {
  publish || { stage_failed 'The native build failed.'; return; }
  # An application on the framework's own handler is run as it is built; native it need not be.
  dotnet build samples/web -c Release -v q --nologo -clp:NoSummary || { stage_failed 'samples/web does not build.'; return; }
  say 'Acceptance tests against out/castellan'
  mkdir -p obj/test
  local log=obj/test/acceptance.tap status=0
  (cd tests/Castellan.Acceptance && node --test --test-timeout=900000 \
      --test-reporter=spec --test-reporter-destination=stdout \
      --test-reporter=tap --test-reporter-destination="../../$log" ./*.test.mjs ./*/*.test.mjs) || status=$?
  count "$(tapped pass "$log")" "$(tapped fail "$log")" "$(($(tapped skipped "$log") + $(tapped todo "$log")))"
  count 0 "$(tapped cancelled "$log")"
  [ "$status" -eq 0 ] || [ "$(($(tapped fail "$log") + $(tapped cancelled "$log")))" -gt 0 ] || stage_failed "The acceptance tests ended with status $status."
}

tapped() { # WORD LOG
  local value; value=$(sed -nE "s/^# $1 ([0-9]+)$/\1/p" "$2" 2>/dev/null | tail -1); printf '%s' "${value:-0}"
}

# --- PostgreSQL for one run of the tests: a server of our own in a folder that goes away with it.

# What follows is for the server. The tests end our own processes, never the machine: without fsync they lose nothing.
start_postgres() { # [OPTION …]
  if [ -n "${CASTELLAN_TEST_POSTGRES:-}" ]; then note 'PostgreSQL: the server that CASTELLAN_TEST_POSTGRES names'; return; fi
  local programs port
  programs=$(postgres_programs)
  port=$(free_port $((20000 + RANDOM % 10000)))
  postgres_home=$(mktemp -d)
  if [ "$(id -u)" -eq 0 ]; then chown postgres "$postgres_home"; fi
  as_postgres "$programs/initdb" -D "$postgres_home/data" -U castellan -A trust -E UTF8 --locale=C.UTF-8 >"$postgres_home.log" 2>&1 \
    && as_postgres "$programs/pg_ctl" -D "$postgres_home/data" -w -t 60 -l "$postgres_home/log" \
         -o "-p $port -c listen_addresses=127.0.0.1 -c max_connections=300 -c unix_socket_directories=$postgres_home $*" start >>"$postgres_home.log" 2>&1 \
    || { tail -n 20 "$postgres_home.log" >&2; fail 'PostgreSQL did not start.'; exit 1; }
  export CASTELLAN_TEST_POSTGRES="postgresql://castellan:castellan@127.0.0.1:$port/postgres"
}

stop_postgres() {
  [ -n "${postgres_home:-}" ] || return 0
  as_postgres "$(postgres_programs)/pg_ctl" -D "$postgres_home/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$postgres_home" "$postgres_home.log"
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

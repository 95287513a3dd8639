# How ./dev talks, and a few things that every verb needs.

say()  { printf '\033[1m%s\033[0m\n' "$*"; }
note() { printf '  %s\n' "$*"; }
fail() { printf '\033[31m%s\033[0m\n' "$*" >&2; return 1; }
have() { command -v "$1" >/dev/null 2>&1; }
[ -t 1 ] || say() { printf '== %s\n' "$*"; }

# A build node that outlives the command would hold the terminal (and a CI job) open.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Waits until URL answers 200, for SECONDS at most, or until process PID is gone.
wait_for() { # URL SECONDS PID
  local deadline=$((SECONDS + $2))
  until curl -fsS -o /dev/null --max-time 2 "$1" 2>/dev/null; do
    kill -0 "$3" 2>/dev/null || return 1
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.1
  done
}

# A port that nothing listens on, at or after the given one.
free_port() { # FIRST
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  printf '%s' "$port"
}

# The picture that the project started from: a server, an API that it protects, and three requests to try.

run_samples() {
  local port=8080 api_port=3000
  while [ $# -gt 0 ]; do
    case "$1" in
      --port=*)     port=${1#*=} ;;
      --api-port=*) api_port=${1#*=} ;;
      *) fail 'usage: ./dev run [--port=8080] [--api-port=3000]'; return 2 ;;
    esac
    shift
  done
  require_sdk
  consoles
  is_free "$port" && is_free "$api_port" || return 1

  local server api data=.cache/run/data realm="http://localhost:$port/realms/myrealm"
  server=$(program src/Castellan castellan)
  api=$(program samples/aspnet-api aspnet-api)
  # The realm is imported at the first start and kept, with what you do in it, until you remove .cache/run.
  mkdir -p "$data/import" .cache/run
  cp samples/realm/myrealm.json "$data/import/"
  trap stop_samples EXIT
  trap 'exit 130' INT TERM

  KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD=admin \
    "$server" start-dev --http-port="$port" --data-dir="$data" --import-realm >.cache/run/castellan.log 2>&1 &
  server_pid=$!
  wait_for "$realm/.well-known/openid-configuration" 30 "$server_pid" || { tail -n 20 .cache/run/castellan.log >&2; fail 'The server did not start.'; return 1; }
  REALM_URL="$realm" ASPNETCORE_URLS="http://localhost:$api_port" "$api" >.cache/run/aspnet-api.log 2>&1 &
  api_pid=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$api_port") 2>/dev/null; do
    kill -0 "$api_pid" 2>/dev/null || { tail -n 20 .cache/run/aspnet-api.log >&2; fail 'The API did not start.'; return 1; }
    sleep 0.1
  done

  curl_lines "$realm" "http://localhost:$api_port/users"
  wait -n "$server_pid" "$api_pid" || { tail -n 20 .cache/run/*.log >&2; fail 'One of the two has ended.'; return 1; }
}

stop_samples() { kill ${server_pid:-} ${api_pid:-} 2>/dev/null || true; wait 2>/dev/null || true; }

is_free() { # PORT
  ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || fail "Port $1 is taken. Choose others: ./dev run --port=8081 --api-port=3001"
}

# The published program where it is up to date; else one built for the occasion, which takes seconds where Native AOT takes a minute.
program() { # PROJECT NAME
  if is_published "$2"; then printf 'out/%s' "$2"; return; fi
  say "Building $2" >&2
  dotnet build "$1" -c Release -v q --nologo -clp:NoSummary -p:RunAnalyzers=false >&2
  local built; built=$(find "$1/bin/Release/net10.0" -maxdepth 1 -name "$2" -type f -perm -u+x | head -1)
  [ -n "$built" ] || fail "The build left no $2" || exit 1
  printf '%s' "$built"
}

curl_lines() { # REALM-URL API-URL
  cat <<END

The server:  ${1%/realms/*}   (administrator: admin, password: admin; log: .cache/run/castellan.log)
The API:     $2   (log: .cache/run/aspnet-api.log)

A token for alice, who has the role user-viewer, and one for bob, who has not:

  token() { curl -s $1/protocol/openid-connect/token -u my-api-client:my-api-secret -d grant_type=password -d username="\$1" -d password="\$1" | sed 's/.*"access_token":"\([^"]*\)".*/\1/'; }
  ALICE=\$(token alice); BOB=\$(token bob)

The list of users: with a good token (200), without one (401), without the role (403):

  curl -i $2 -H "Authorization: Bearer \$ALICE"
  curl -i $2
  curl -i $2 -H "Authorization: Bearer \$BOB"

A token for the client itself:

  curl -s $1/protocol/openid-connect/token -u my-api-client:my-api-secret -d grant_type=client_credentials

Ctrl-C ends both.
END
}

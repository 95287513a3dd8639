# Plays tests/parity against a running server whose administrator is admin/admin.

parity() {
  case "${1:-}" in
    --update) update_recordings ;;
    --table)  shift; node tools/parity-table.mjs "$@" ;;
    ''|-*)    fail 'Which server? ./dev parity [--table] URL [scenario …]'; return 2 ;;
    *) local base=$1; shift
       node tests/parity/parity.mjs compare --base "$base" --with tests/parity/recordings/keycloak --decided docs/decisions/parity.json "$@" ;;
  esac
}

update_recordings() {
  [ -d ../shared/parity ] || { fail 'There is no ../shared/parity here.'; return 1; }
  rm -rf tests/parity
  cp -r ../shared/parity tests/parity
  rm -rf tests/parity/recordings/keycloak-realms # they belong to realm files that are not ours to copy
  chmod -R u+w tests/parity
  note "tests/parity: $(du -sh tests/parity | cut -f1)"
}

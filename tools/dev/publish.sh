# Native AOT: one executable each, with the few native libraries that it loads beside it.

publish() {
  publish_one src/Castellan castellan
  [ ! -d samples/aspnet-api ] || publish_one samples/aspnet-api aspnet-api
}

publish_one() { # PROJECT NAME
  local project=$1 name=$2 staging="obj/publish/$2" log="obj/publish/$2.log" started=$SECONDS
  say "Publishing $name (Native AOT)"
  rm -rf "$staging"; mkdir -p "$staging" out
  # A trimming or AOT warning is a place where the native program may behave otherwise: each one is an error.
  if ! dotnet publish "$project" -c Release -o "$staging" -v q --nologo -clp:NoSummary \
      -p:IlcTreatWarningsAsErrors=true -p:TrimmerSingleWarn=false -p:StripSymbols=true -p:DebugType=none >"$log" 2>&1 \
      || grep -qE '(warning|error) IL[0-9]{4}' "$log"; then
    grep -E '(warning|error) ' "$log" | sort -u | head -n 40 >&2 || tail -n 40 "$log" >&2
    fail "$name was not published (whole output: $log)"
    return 1
  fi
  rm -f "$staging"/*.dbg "$staging"/*.pdb "$staging"/*.staticwebassets.endpoints.json
  # Moved into place, never written in place: a running server keeps the file that it started from.
  local file
  for file in "$staging"/*; do
    rm -rf "out/.new"; cp -r "$file" out/.new; rm -rf "out/${file##*/}"; mv out/.new "out/${file##*/}"
  done
  [ -x "out/$name" ] || fail "publishing left no out/$name" || return 1
  note "out/$name  $(du -h "out/$name" | cut -f1), $((SECONDS - started)) s"
}

# True when the published program is as new as everything that it is made of.
is_published() { # NAME
  [ -x "out/$1" ] && [ -z "$(find src samples/aspnet-api Directory.*.props global.json \( -name bin -o -name obj \) -prune -o -type f -newer "out/$1" -print -quit 2>/dev/null)" ]
}

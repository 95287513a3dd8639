# Measures the native server beside its peers. The bounds are in bench/run.mjs; a whole run takes some five
# minutes; "scale" and "scale-postgres", which are run when named, a quarter of an hour each.

bench() {
  setup bench
  is_published castellan && is_published aspnet-api || publish || return 1
  say 'Building the .NET peers'
  dotnet build bench/peers/dotnet -c Release -v q --nologo -clp:NoSummary >/dev/null || { fail 'The peers do not build.'; return 1; }
  case " $* " in *' scale-postgres '*) trap stop_postgres EXIT; start_postgres ;; esac
  node bench/run.mjs "$@"
}

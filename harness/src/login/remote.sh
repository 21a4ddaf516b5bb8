# Makes a login of the other machine's own. The host puts the assignments of `mark force browser issuer program prove dry prompt`
# before the scripts; the line on which the order to stop comes is the input.
look_at_home
[ ! -L "$path" ] || fail auth-is-a-link "$path"
was=none
if [ -e "$path" ]; then
  [ -f "$path" ] || fail auth-not-a-file "$path"
  was=file
  [ "$force" = yes ] || fail login-there "$path"
fi
case $store in
  "" | file | auto) ;;
  *) fail store-is-not-the-file "$store" ;;
esac
[ "$forced" != api ] || fail login-form-is-forced "$forced"
find_codex
[ -n "$codex" ] || fail no-codex
# Codex makes no home that CODEX_HOME names, and the one of its own with a mode of its own.
[ "$made" = no ] || make_home

way=browser
if [ "$browser" = no ]; then
  # By what it says of itself, whatever its number.
  case $(run_codex login --help 2>/dev/null) in
    *--device-auth*) way=device ;;
  esac
fi
release_in "$(run_codex --version 2>/dev/null)"
state home "$home" made "$made" was "$was" store "$store" codex "$codex" by "$by" shell "$SHELL" release "$release" way "$way"

set --
[ "$way" = browser ] || set -- --device-auth
[ -z "$issuer" ] || set -- "$@" --experimental_issuer "$issuer"
printf "%s login\n" "$mark" >&2
say login
run_codex login "$@"
printf "\n%s over %s\n" "$mark" "$status"
[ "$status" = 0 ] || exit 1

[ ! -L "$path" ] && [ -f "$path" ] || fail nothing-arrived "$path"
file=$(ls -ldn -- "$path")
say old "$file"
case $file in
  -rw-------*) ;;
  *)
    said=$(chmod 600 -- "$path" 2>&1) || fail cannot-write "$said"
    file=$(ls -ldn -- "$path")
    ;;
esac
directory=$(ls -ldn -- "$home/.")

# Brings back what a deploy kept, and keeps what it replaces in its stead.
[ ! -L "$path.before" ] && [ -f "$path.before" ] || fail no-backup "$path.before"
[ ! -L "$path" ] || fail auth-is-a-link "$path"
trap 'rm -f -- "$new"' EXIT
trap 'exit 1' HUP INT TERM PIPE
if [ -e "$path" ]; then
  [ -f "$path" ] || fail auth-not-a-file "$path"
  said=$(set -C; { cat "$path" >"$new"; } 2>&1) || fail cannot-write "$said"
fi
said=$(chmod 600 -- "$path.before" 2>&1) || fail cannot-write "$said"
say replacing "$path"
# From here on the only copy of what is in use may be the new one.
trap - EXIT HUP INT TERM PIPE
if ! said=$(mv -f -- "$path.before" "$path" 2>&1); then
  rm -f -- "$new"
  fail cannot-replace "$said"
fi
if [ -e "$new" ]; then
  said=$(mv -f -- "$new" "$path.before" 2>&1) || fail cannot-keep "$said; it is kept: $new"
fi
say home "$home"
say file "$(ls -ldn -- "$path")"
say done

# Brings back what a deploy kept, and keeps what it replaces in its stead. The host puts `mark` before it.
new=$home/.auth.json.$mark
[ ! -L "$path.before" ] && [ -f "$path.before" ] || fail no-backup "$path.before"
[ ! -L "$path" ] || fail auth-is-a-link "$path"
trap 'rm -f -- "$new"' EXIT
trap 'exit 1' HUP INT TERM PIPE
if [ -e "$path" ]; then
  [ -f "$path" ] || fail auth-not-a-file "$path"
  said=$(set -C; { cat "$path" >"$new"; } 2>&1) || fail cannot-write "$said"
fi
said=$(chmod 600 -- "$path.before" 2>&1) || fail cannot-write "$said"
said=$(mv -f -- "$path.before" "$path" 2>&1) || fail cannot-replace "$said"
if [ -e "$new" ]; then
  said=$(mv -f -- "$new" "$path.before" 2>&1) || fail cannot-write "$said"
fi
trap - EXIT HUP INT TERM PIPE
say home "$home"
say file "$(ls -ldn -- "$path")"
say done

# What runs on the other machine, as POSIX sh: dash, bash, ksh, zsh, busybox; GNU, BSD and busybox tools.
# The host puts the assignments of `mark size sha256 last_refresh force symlink prove program prompt`
# before it, and the login on stdin. Each fact is one line that starts with the mark of this one call.
umask 077
say() { printf "%s %s\n" "$mark" "$*"; }
fail() {
  code=$1
  shift
  say error "$code" "$(printf "%s" "$*" | tr "\n\r" "  ")"
  exit 1
}

[ -n "$HOME" ] && [ -d "$HOME" ] || fail no-home "$HOME"
home=${CODEX_HOME:-$HOME/.codex}
# Whole, so that no tool takes a name like -rf for an option.
case $home in
  /*) ;;
  *) home=${PWD%/}/$home ;;
esac
path=$home/auth.json
new=$home/.auth.json.$mark

if command -v sha256sum >/dev/null 2>&1; then digest() { sha256sum; }
elif command -v shasum >/dev/null 2>&1; then digest() { shasum -a 256; }
elif command -v sha256 >/dev/null 2>&1; then digest() { sha256 -q; }
elif command -v openssl >/dev/null 2>&1; then digest() { openssl dgst -sha256 -r; }
else fail no-digest-tool; fi
digest_of() { digest=$(digest <"$1") && digest=${digest%% *}; }

made=no
if [ -d "$home" ]; then
  [ -O "$home" ] || fail home-not-ours "$home"
elif [ -e "$home" ] || [ -L "$home" ]; then
  fail home-not-a-directory "$home"
else
  said=$(mkdir -p -- "$home" 2>&1) || fail cannot-make-directory "$said"
  made=yes
fi

was=none
if [ -L "$path" ]; then
  [ "$symlink" = replace ] || fail auth-is-a-link "$path"
  was=link
elif [ -f "$path" ]; then
  was=unreadable
  digest_of "$path" 2>/dev/null && was=$digest
# Once more whether it is a file: another deploy may have put it there since the last look.
elif [ -e "$path" ] && [ ! -f "$path" ]; then
  fail auth-not-a-file "$path"
fi

# ISO 8601 in UTC sorts as text; a moment of another form matches nothing here and so stops nothing.
if [ "$force" = no ] && [ -n "$last_refresh" ] && [ -f "$path" ] && [ "$was" != "$sha256" ]; then
  there=$(sed -n "s/.*\"last_refresh\"[[:space:]]*:[[:space:]]*\"\([0-9-]\{10\}T[0-9:]\{8\}\)[0-9.]*Z\".*/\1/p" "$path" | sed 1q)
  if [ -n "$there" ] && expr "x$there" ">" "x$last_refresh" >/dev/null; then
    fail remote-is-fresher "$there"
  fi
fi

trap 'rm -f -- "$new"' EXIT
# PIPE too: a line that breaks ends our outputs, and dying of that would leave half a login behind.
trap 'exit 1' HUP INT TERM PIPE
# Noclobber: whoever planted something under this name does not get the login written through it.
said=$(set -C; { head -c "$size" >"$new"; } 2>&1) || fail cannot-write "${said:-head ended with status $?}"
got=$(wc -c <"$new") && got=$((got))
[ "$got" = "$size" ] || fail cut-short "$got"
digest_of "$new" || fail cannot-write "$new"
[ "$digest" = "$sha256" ] || fail damaged "$digest"
said=$(chmod 600 "$new" 2>&1) || fail cannot-write "$said"
sync -d "$new" 2>/dev/null
# Into the directory that a link leads to is where mv would put it, and not in the link's place.
[ "$was" = link ] && [ -d "$path" ] && rm -f -- "$path"
said=$(mv -f -- "$new" "$path" 2>&1) || fail cannot-replace "$said"
trap - EXIT HUP INT TERM PIPE

codex=
if [ -n "$program" ]; then
  case $program in
    "~/"*) codex=$HOME/${program#"~/"} ;;
    *) codex=$program ;;
  esac
elif found=$(command -v codex 2>/dev/null); then
  codex=$found
else
  for found in "$HOME/symlinks/codex" "$HOME/.local/bin/codex" "$HOME/bin/codex" /usr/local/bin/codex /opt/homebrew/bin/codex; do
    if [ -x "$found" ]; then
      codex=$found
      break
    fi
  done
fi

say home "$home"
say made "$made"
say was "$was"
say file "$(ls -ldn -- "$path")"
say directory "$(ls -ldn -- "$home/.")"
say digest "$digest"
say codex "$codex"
say done
[ "$prove" = yes ] && [ -n "$codex" ] || exit 0

# A group of its own, so that what codex starts goes with it.
leader=
group=
if command -v setsid >/dev/null 2>&1; then
  leader=setsid
  group=-
fi
exec 3<&0
printf "%s\n" "$mark" >&2
say proof
$leader "$codex" exec --skip-git-repo-check "$prompt" </dev/null 3<&- &
pid=$!
# A line from the host, or the end of the connection, is the order to stop it. Once it is given, the end of codex
# itself does not take it back: what codex started may still be there.
{
  read -r order <&3
  trap "" TERM
  kill -TERM "$group$pid"
  sleep 1
  kill -KILL "$group$pid"
} >/dev/null 2>&1 &
watch=$!
wait "$pid"
status=$?
kill "$watch" 2>/dev/null
printf "\n%s end %s\n" "$mark" "$status"
exit "$status"

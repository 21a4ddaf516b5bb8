# What runs on the other machine, as POSIX sh: dash, bash, ksh, zsh, busybox; GNU, BSD and busybox tools.
# The host puts the assignments of `mark size sha256 last_refresh account force symlink backup dry prove program prompt`
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
elif [ "$dry" = yes ]; then
  made=yes
else
  said=$(mkdir -p -- "$home" 2>&1) || fail cannot-make-directory "$said"
  made=yes
fi

was=none
old=
if [ -L "$path" ]; then
  [ "$symlink" = replace ] || fail auth-is-a-link "$path"
  was=link
elif [ -f "$path" ]; then
  was=unreadable
  digest_of "$path" 2>/dev/null && was=$digest
  old=$(ls -ldn -- "$path")
# Once more whether it is a file: another deploy may have put it there since the last look.
elif [ -e "$path" ] && [ ! -f "$path" ]; then
  fail auth-not-a-file "$path"
fi

# What the account's configuration does to the file; the account's own counts before the system's.
store=
forced=
for config in "$home/config.toml" /etc/codex/config.toml; do
  [ -r "$config" ] || continue
  # Above the first table, where these settings stand.
  for setting in $(sed -n -e "/^[[:space:]]*\[/q" \
    -e "s/^[[:space:]]*cli_auth_credentials_store[[:space:]]*=[[:space:]]*[\"']\([a-z_]*\)[\"'].*/store=\1/p" \
    -e "s/^[[:space:]]*forced_login_method[[:space:]]*=[[:space:]]*[\"']\([a-z_]*\)[\"'].*/forced=\1/p" "$config"); do
    case $setting in
      store=*) store=${store:-${setting#store=}} ;;
      forced=*) forced=${forced:-${setting#forced=}} ;;
    esac
  done
done
if [ "$force" = no ]; then
  case $store in
    "" | file | auto) ;;
    *) fail store-is-not-the-file "$store" ;;
  esac
  case $forced-$account in
    chatgpt-apikey:* | api-chatgpt:*) fail login-form-is-forced "$forced" ;;
  esac
fi

# Whose login a file holds: its form, and a digest of the account or the key. The text itself is in no variable.
field() { sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"\([^\"]\{1,\}\)\".*/\1/p" "$path" | sed 1q | tr -d "\n"; }
account_there() {
  there=
  if [ -n "$(field access_token)" ]; then
    [ -z "$(field account_id)" ] || there=$(field account_id | digest) && there=chatgpt:${there%% *}
    [ "$there" != chatgpt: ] || there=
  elif [ -n "$(field OPENAI_API_KEY)" ]; then
    there=$(field OPENAI_API_KEY | digest) && there=apikey:${there%% *}
  fi
}
if [ "$force" = no ] && [ "$was" != "$sha256" ] && [ -f "$path" ]; then
  if [ -n "$account" ]; then
    account_there 2>/dev/null
    [ -z "$there" ] || [ "$there" = "$account" ] || fail another-account "$there"
  fi
fi
# ISO 8601 in UTC sorts as text; a moment of another form matches nothing here and so stops nothing.
if [ "$force" = no ] && [ -n "$last_refresh" ] && [ -f "$path" ] && [ "$was" != "$sha256" ]; then
  there=$(sed -n "s/.*\"last_refresh\"[[:space:]]*:[[:space:]]*\"\([0-9-]\{10\}T[0-9:]\{8\}\)[0-9.]*Z\".*/\1/p" "$path" | sed 1q)
  if [ -n "$there" ] && expr "x$there" ">" "x$last_refresh" >/dev/null; then
    fail remote-is-fresher "$there"
  fi
fi

kept=
if [ "$dry" = yes ]; then
  file=
  directory=
  [ "$made" = yes ] || directory=$(ls -ldn -- "$home/.")
elif [ "$was" = "$sha256" ]; then
  # It comes all the same, and must not be taken for an order.
  head -c "${size}" >/dev/null
  digest=$was
  case $old in
    -rw-------*) ;;
    *) said=$(chmod 600 -- "$path" 2>&1) || fail cannot-write "$said" ;;
  esac
  file=$(ls -ldn -- "$path")
  directory=$(ls -ldn -- "$home/.")
else
  trap 'rm -f -- "$new" "$new.old"' EXIT
  # PIPE too: a line that breaks ends our outputs, and dying of that would leave half a login behind.
  trap 'exit 1' HUP INT TERM PIPE
  # Noclobber: whoever planted something under this name does not get the login written through it.
  said=$(set -C; { head -c "$size" >"$new"; } 2>&1) || fail cannot-write "${said:-head ended with status $?}"
  # The second look of two at once: what is to be moved into place, and where.
  both=$(ls -ldn -- "$new" "$home/.")
  file=
  directory=
  set -f
  IFS="
"
  for line in $both; do
    case $line in
      *" $new") file=$line ;;
      *) directory=$line ;;
    esac
  done
  unset IFS
  set -- $file
  got=${5:-0}
  set +f
  [ "$got" = "$size" ] || fail cut-short "$got"
  digest_of "$new" || fail cannot-write "$new"
  [ "$digest" = "$sha256" ] || fail damaged "$digest"
  case $file in
    -rw-------*) ;;
    *)
      said=$(chmod 600 "$new" 2>&1) || fail cannot-write "$said"
      file=$(ls -ldn -- "$new")
      ;;
  esac
  sync -d "$new" 2>/dev/null
  if [ "$backup" = yes ] && [ "$was" != none ]; then
    said=$(set -C; { cat "$path" >"$new.old"; } 2>&1) && said=$(mv -f -- "$new.old" "$path.before" 2>&1) || fail cannot-back-up "$said"
    kept=$path.before
  fi
  # Into the directory that a link leads to is where mv would put it, and not in the link's place.
  [ "$was" = link ] && [ -d "$path" ] && rm -f -- "$path"
  said=$(mv -f -- "$new" "$path" 2>&1) || fail cannot-replace "$said"
  trap - EXIT HUP INT TERM PIPE
fi
# Whoever may write to the directory may put another login there.
case $directory in
  d????w* | d???????w*)
    if [ "$dry" = no ] && chmod go-w -- "$home/." 2>/dev/null; then
      say opened "$directory"
      directory=$(ls -ldn -- "$home/.")
    fi
    ;;
esac

codex=
by=
look_in_path() {
  codex=$(PATH=$1 command -v codex 2>/dev/null) || codex=
  case $codex in
    /*) ;;
    *) codex= ;;
  esac
}
# What a login shell would find. It reads rc files that may print, ask or hang.
login_path() {
  limit=
  command -v timeout >/dev/null 2>&1 && limit="timeout 10"
  case ${SHELL##*/} in
    bash | zsh | ksh | mksh | dash | ash | sh) ;;
    *) return 1 ;;
  esac
  its_path=$($limit "$SHELL" -lc "printf '\n%s %s\n' $mark \"\$PATH\"" </dev/null 2>/dev/null | sed -n "s/^$mark //p")
  [ -n "$its_path" ]
}
if [ -n "$program" ]; then
  by=given
  case $program in
    "~/"*) codex=$HOME/${program#"~/"} ;;
    *) codex=$program ;;
  esac
elif codex=$(command -v codex 2>/dev/null); then
  by=path
else
  codex=
  if login_path; then
    look_in_path "$its_path"
    if [ -n "$codex" ]; then
      by=login-path
      PATH=$its_path
    fi
  fi
  if [ -z "$codex" ]; then
    for found in "$HOME/symlinks/codex" "$HOME/.local/bin/codex" "$HOME/bin/codex" "$HOME/.npm-global/bin/codex" \
      "$HOME/.npm/bin/codex" "$HOME"/.nvm/versions/node/*/bin/codex "$HOME"/.local/share/fnm/node-versions/*/installation/bin/codex \
      "$HOME"/.fnm/node-versions/*/installation/bin/codex "$HOME/.volta/bin/codex" "$HOME/.bun/bin/codex" \
      "$HOME/.local/share/mise/shims/codex" "$HOME/.asdf/shims/codex" "$HOME/.cargo/bin/codex" /usr/local/bin/codex \
      /opt/homebrew/bin/codex /home/linuxbrew/.linuxbrew/bin/codex /snap/bin/codex; do
      if [ -x "$found" ]; then
        codex=$found
        by=place
        # A program of Node's finds node beside itself.
        PATH=${found%/*}:$PATH
        break
      fi
    done
  fi
fi

say home "$home"
say made "$made"
say was "$was"
say old "$old"
say kept "$kept"
say store "$store"
say file "$file"
say directory "$directory"
say digest "$digest"
say codex "$codex"
say by "$by"
say shell "$SHELL"
if [ "$prove" = no ] && [ "$dry" = no ] && [ -n "$codex" ]; then
  say release "$("$codex" --version </dev/null 2>/dev/null | sed -n "s/^codex[^ ]* \([0-9][^ ]*\).*/\1/p" | sed 1q)"
fi
say done
[ "$prove" = yes ] && [ "$dry" = no ] && [ -n "$codex" ] || exit 0

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

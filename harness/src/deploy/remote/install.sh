# Puts the login on stdin in its place. The host puts the assignments of `size sha256 last_refresh account person force symlink backup
# dry prove program prompt` before it.
[ "$digester" != none ] || fail no-digest-tool
digest_of() { digest=$(digest <"$1") && digest=${digest%% *}; }

look_at_home
[ "$made" = no ] || [ "$dry" = yes ] || make_home

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

if [ "$force" = no ]; then
  case $store in
    "" | file | auto) ;;
    *) fail store-is-not-the-file "$store" ;;
  esac
  case $forced-$account in
    chatgpt-apikey:* | api-chatgpt:*) fail login-form-is-forced "$forced" ;;
  esac
fi

if [ "$force" = no ] && [ "$was" != "$sha256" ] && [ -f "$path" ]; then
  if [ -n "$account" ]; then
    account_there 2>/dev/null
    [ -z "$there" ] || [ "$there" = "$account" ] || fail another-account "$there"
    # The members of a workspace share its account.
    [ -z "$person_there" ] || [ -z "$person" ] || [ "$person_there" = "$person" ] ||
      fail another-account "chatgpt:$person_there" person
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

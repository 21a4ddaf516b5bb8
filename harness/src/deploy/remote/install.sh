# Puts the login on stdin in its place. The host puts the assignments of `size sha256 last_refresh account person force symlink backup
# dry prove program prompt` before it.
[ -n "$digester" ] || fail no-digest-tool

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

# Writes the login on our input into the new file, and has it on the disk; `said` is what stopped it. Noclobber, so that whoever
# planted something under this name does not get the login written through it.
write_new() {
  opened=no
  set -C
  { opened=yes; LC_ALL=C dd bs="$size" count=1 iflag=fullblock conv=fsync; } 2>/dev/null >"$new"
  status=$?
  set +C
  [ "$status" != 0 ] || return 0
  if [ "$opened" = no ]; then
    said=$(set -C; exec 2>&1 >"$new")
    return 1
  fi
  if [ "$status" -ge 128 ]; then
    said="dd ended with status $status"
    return 1
  fi
  # What it says where there is nothing to write.
  said=$(LC_ALL=C dd bs="$size" count=0 iflag=fullblock conv=fsync,notrunc </dev/null 2>&1 >>"$new")
  case $said in
    # Not every file system can be told to write at once.
    *"records in"*sync*"Invalid argument"* | *"records in"*sync*"not supported"*) return 0 ;;
    *"records in"*)
      case $said in
        *dd:*) ;;
        *) said=$(LC_ALL=C dd if=/dev/zero bs="$size" count=1 conv=fsync,notrunc 2>&1 >>"$new") ;;
      esac
      case $said in
        *dd:*) said=dd:${said#*dd:} ;;
        *) said="dd ended with status $status" ;;
      esac
      said=${said%%"$line_end"*}
      return 1
      ;;
  esac
  # A dd that knows less, or none: nothing was read yet.
  rm -f -- "$new"
  said=$(set -C; exec 2>&1 >"$new" || exit; LC_ALL=C head -c "$size")
  status=$?
  if [ "$status" = 0 ]; then
    sync -d "$new" 2>/dev/null
    return 0
  fi
  said=${said:-head ended with status $status}
  return 1
}

# Whether a file's digest is that of the login; not every tool looks for itself.
is_as_sent() {
  digest=$sha256
  [ "$digester" = sha256sum ] && eval "sha256sum -c >/dev/null 2>&1 <<END$line_end\$sha256  \$1${line_end}END$line_end"
}

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
  write_new || fail cannot-write "$said"
  # The second look of two at once: what is to be moved into place, and where.
  # Without the zone and the words of a language that it would read for the moments.
  both=$(LC_ALL=C TZ=UTC0 ls -ldn -- "$new" "$home/.")
  file=
  directory=
  set -f
  ifs=$IFS
  IFS=$line_end
  for line in $both; do
    case $line in
      *" $new") file=$line ;;
      *) directory=$line ;;
    esac
  done
  IFS=$ifs
  set -- $file
  got=${5:-0}
  set +f
  [ "$got" = "$size" ] || fail cut-short "$got"
  if ! is_as_sent "$new"; then
    digest_of "$new" || fail cannot-write "$new"
    [ "$digest" = "$sha256" ] || fail damaged "$digest"
  fi
  case $file in
    -rw-------*) ;;
    *)
      said=$(chmod 600 "$new" 2>&1) || fail cannot-write "$said"
      file=$(ls -ldn -- "$new")
      ;;
  esac
  if [ "$backup" = yes ] && [ "$was" != none ]; then
    # mv would put it into a directory.
    [ ! -d "$path.before" ] || fail cannot-back-up "$path.before is no file"
    said=$(set -C; { cat "$path" >"$new.old"; } 2>&1) && said=$(mv -f -- "$new.old" "$path.before" 2>&1) || fail cannot-back-up "$said"
    kept=$path.before
  fi
  # Into the directory that a link leads to is where mv would put it, and not in the link's place.
  [ "$was" = link ] && [ -d "$path" ] && rm -f -- "$path"
  say replacing "$path"
  mv -f -- "$new" "$path" 2>/dev/null || said=$(mv -f -- "$new" "$path" 2>&1) || fail cannot-replace "$said"
  trap - EXIT HUP INT TERM PIPE
fi

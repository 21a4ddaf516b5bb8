# The first part of the script that runs on the host, for every command. It looks and decides nothing. The program reads
# what it prints, decides, and sends an order (act.sh). POSIX sh, with the tools of GNU, BSD or busybox.
#
# The program sets `mark` before this. A line with the mark is ours, whatever else the account's shell prints.
# shellcheck disable=SC2154
umask 077
set +eufCvx
# A login shell that reads quotes in another way would change this script.
whole="\\!'"
[ ${#whole} = 3 ] || exit 64
say() { printf "%s %s\n" "$mark" "$*"; }
# The program sends nothing before it has read this line, which only this script can print.
say ready
exec 3<&0
fail() {
  say error "$@"
  exit 1
}
# Runs a tool, never a function or an alias of the account. Its messages are in English.
tool() { LC_ALL=C command "$@"; }
# The type and mode, owner, group and size of a file; with -L, of the target of a link. First the stat of GNU and
# busybox, then that of BSD, then ls.
about() {
  # shellcheck disable=SC2086
  { tool stat $2 -c "%f %u %g %s" -- "$1" || tool stat $2 -f "%Xp %u %g %z" -- "$1" || list "-ldn${2#-}" -- "$1"; } 2>/dev/null
}
# The same by ls, which also shows whether there is an access list. Call it in a subshell: it unsets variables that
# change the output of ls. Output changed by any other variable cannot be misread; it would stop the program.
list() {
  unset QUOTING_STYLE BLOCK_SIZE LS_BLOCK_SIZE BLOCKSIZE TIME_STYLE
  tool ls "$@" 2>/dev/null
}
listed() { list "-ldn${2#-}" -- "$1"; }
digest() {
  sum=$({ tool sha256sum || tool shasum -a 256 || tool sha256 -q || tool openssl dgst -sha256 -r; } 2>/dev/null <"$1")
  printf "%s" "${sum%% *}"
}
# Prints the facts of a file, then its length and its bytes; nothing if it does not exist. $3 is the function that reads
# the facts.
show() {
  [ -e "$2" ] || [ -L "$2" ] || return 0
  facts=$("$3" "$2")
  say "$1" "$facts"
  if [ -L "$2" ]; then
    facts=$("$3" "$2" -L)
    say "$1-link" "$facts"
  fi
  [ -f "$2" ] && [ -r "$2" ] && [ -z "$missing" ] || return 0
  # shellcheck disable=SC2086
  size_in $facts
  [ "$size" -le 1048576 ] 2>/dev/null || return 0
  say "$1-bytes" "$size"
  tool head -c "$size" <"$2" 2>/dev/null
  echo
}
# The size is the fourth word of stat, but the fifth of ls.
size_in() { if [ $# = 4 ]; then size=$4; else size=$5; fi; }
# Runs a command with closed input, for at most so many seconds, and then ends it with everything that it started. With
# `listen` set, the end of our own input also ends it: that is how the program stops it.
group=
command -v setsid >/dev/null 2>&1 && group=setsid
end_all() {
  trap "" TERM USR1
  for signal in TERM KILL; do
    kill "-$signal" "-$1" || { tool pkill "-$signal" -P "$1"; kill "-$signal" "$1"; }
    [ "$signal" = KILL ] || sleep 1
  done
}
bounded() {
  left=$1
  shift
  $group "$@" </dev/null 3<&- &
  pid=$!
  {
    while [ "$left" -gt 0 ] && sleep 1; do
      kill -0 "$pid" || exit
      left=$((left - 1))
    done
    end_all "$pid"
  } >/dev/null 2>&1 3<&- &
  timer=$!
  reader=
  if [ -n "$listen" ]; then
    {
      read -r order <&3
      end_all "$pid"
    } >/dev/null 2>&1 &
    reader=$!
  fi
  wait "$pid"
  status=$?
  kill "$timer" 2>/dev/null
  if [ -n "$reader" ]; then
    # While the reader runs, it could read the next order. TERM cannot end it: a shell that was just forked still has
    # our traps, and loses a signal that arrives then. The timer may lose its TERM: it ends by itself once its process
    # is gone.
    kill -USR1 "$reader" 2>/dev/null
    wait "$reader" 2>/dev/null
  fi
  return "$status"
}

# What the script needs: tools, and /dev/null, without which it finds none of them.
missing=
names="wc id ls mkdir chmod mv rm cat sync"
if ! (: >/dev/null); then
  missing=yes
  names=
  say no-null
fi
for name in $names; do
  command -v "$name" >/dev/null 2>&1 && continue
  missing=yes
  say missing "$name"
done
# Another program may have this name.
case $missing$(printf 01 | tool head -c 1 2>/dev/null) in
  yes* | 0*) ;;
  *)
    missing=yes
    say missing "head (with -c)"
    ;;
esac

# The account, and whether HOME is its home directory.
account=$(tool id 2>/dev/null)
say account "$account"
user=${account%%") gid="*}
user=${user#uid=*"("}
say shell "$SHELL"
real() { cd -P -- "$1" 2>/dev/null && pwd -P; }
say home "$HOME"
say home-is "$(real "$HOME")"
theirs=
case $user in
  "" | *[!A-Za-z0-9_.@-]* | [!A-Za-z_]*) ;;
  *)
    eval "theirs=~$user"
    theirs=$(real "$theirs")
    say home-should "$theirs"
    ;;
esac
[ -n "$theirs" ] || say home-about "$(about "$HOME/.")"
for name in CODEX_API_KEY CODEX_ACCESS_TOKEN OPENAI_API_KEY OPENAI_BASE_URL HTTPS_PROXY https_proxy HTTP_PROXY http_proxy \
  ALL_PROXY all_proxy CODEX_CA_CERTIFICATE SSL_CERT_FILE; do
  eval "value=\${$name:+set}"
  [ -z "$value" ] || say variable "$name"
done

# The Codex home and its files.
say set-home "$CODEX_HOME"
home=${CODEX_HOME:-$HOME/.codex}
case $home in
  /*) ;;
  *) home=${PWD%/}/$home ;;
esac
say codex-home "$home"
for name in sha256sum shasum sha256 openssl; do
  command -v "$name" >/dev/null 2>&1 && say can-digest "$name"
done
[ ! -d "$home" ] || say directory "$(about "$home" -L)"
folder=$home
until [ -d "$folder" ]; do
  folder=${folder%/*}
  folder=${folder:-/}
done
if [ "$folder" != "$home" ]; then
  if [ -e "$home" ] || [ -L "$home" ]; then say blocked "$(about "$home")"; fi
fi
# Lists every folder from there up to the root, since anyone who can write to one of them can replace the Codex home.
# One ls is enough, and nobody can choose the names in its output: . and .. and ../..
folders() {
  cd -P -- "$folder" 2>/dev/null || return
  rest=$(pwd -P)
  say folder "$rest"
  up=.
  set --
  while rest=${rest%/} && set -- "$@" "$up" && [ -n "$rest" ]; do
    rest=${rest%/*}
    if [ "$up" = . ]; then up=..; else up=../$up; fi
  done
  list -ldn "$@" | while IFS= read -r rest; do say level "$rest"; done
}
(folders)
[ -w "$folder" ] || say closed-to-us "$folder"
show auth "$home/auth.json" about
[ ! -e "$home/auth.json.before" ] || show before "$home/auth.json.before" about
[ ! -e "$home/.env" ] || show env-file "$home/.env" listed
[ ! -e "$home/config.toml" ] || show config "$home/config.toml" listed
show system /etc/codex/config.toml about
show managed /etc/codex/managed_config.toml about

# Every codex on the PATH of a plain command. The program orders a further search if there is none (search.sh).
found=
candidate() {
  if [ -L "$2" ] && [ ! -e "$2" ]; then say dangling "$2"; fi
  [ -f "$2" ] || return 0
  if [ -x "$2" ]; then
    found=yes
    printf "%s codex %s %s\n" "$mark" "$1" "$2"
  else
    printf "%s denied %s %s\n" "$mark" "$1" "$2"
  fi
}
search() {
  set -f
  ifs=$IFS
  IFS=:
  for folder in $2; do
    by=$1
    # Only bash expands this.
    case $folder in
      /*) ;;
      [~] | [~]/*)
        by=tilde-path
        folder=$HOME${folder#?}
        ;;
      *) folder=$PWD/$folder ;;
    esac
    candidate "$by" "${folder%/}/codex"
  done
  IFS=$ifs
  set +f
}
search path "$PATH"

# A program that an rc file left running may read our input, and would get the login. Only Linux shows it. A shell without
# -ef cannot tell, and says so below.
above=
up=$$
while [ "$up" -gt 1 ] && IFS= read -r stat <"/proc/$up/stat"; do
  above="$above $up "
  stat=${stat##*") "}
  stat=${stat#? }
  up=${stat%% *}
done 2>/dev/null
for other in /proc/[0-9]*/fd/[03-9]; do
  pid=${other#/proc/}
  pid=${pid%%/*}
  case $above in *" $pid "*) continue ;; esac
  # shellcheck disable=SC3013
  [ "$other" -ef "/proc/$$/fd/3" ] || continue
  IFS= read -r name <"/proc/$pid/comm"
  say reader "$pid $name"
done 2>/dev/null
# shellcheck disable=SC3013
[ "/proc/$$/fd/3" -ef "/proc/$$/fd/3" ] 2>/dev/null || say unwatched

# An order is one line of shell code with escaped line breaks. The end of our input ends the script.
say looked
while IFS= read -r order; do
  order=$(printf "%b." "$order")
  eval "${order%.}"
done
exit 0

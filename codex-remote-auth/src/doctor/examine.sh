
# Whether a file is auth.json of the Codex home by another path: another spelling, or a link on either side.
is_in_use() {
  [ "$(place_of "$1")" = "$(place_of "$home/auth.json")" ] && return
  [ -L "$home/auth.json" ] || [ -L "$1" ] || return 1
  # A link, perhaps to the other one. Without readlink, it counts as that.
  one=$(tool readlink -f "$1" 2>/dev/null) && other=$(tool readlink -f "$home/auth.json" 2>/dev/null) || return 0
  [ "$one" = "$other" ]
}
place_of() { printf "%s/%s" "$(real "${1%/*}")" "${1##*/}"; }
# Looks at everything that a lesson knows about and that the script does not look at for every command. Changes nothing.
examine() {
  say clock "$(tool date +%s)"
  if [ -n "$TMPDIR" ] && [ ! -d "$TMPDIR" ]; then say no-tmpdir "$TMPDIR"; fi
  nearest=$home
  until [ -d "$nearest" ]; do
    nearest=${nearest%/*}
    nearest=${nearest:-/}
  done
  say nearest "$nearest"
  [ ! -w "$nearest" ] || say writable yes
  say space "$(tool df -Pk "$nearest" 2>/dev/null | tool sed -n 2p)"
  say inodes "$(tool df -Pi "$nearest" 2>/dev/null | tool sed -n 2p)"
  mounted=$(tool df -Pk "$nearest" 2>/dev/null | tool sed -n "2s|.* /|/|p")
  if [ -r /proc/mounts ]; then
    while read -r _ point type options _; do
      [ "$point" != "$mounted" ] || say mount "$type $options"
    done </proc/mounts
  fi
  # Not all systems have find.
  tool find -H "$home" -maxdepth 3 ! -user "$(tool id -u)" 2>/dev/null | tool sed -n "1,9s/^/$mark foreign /p"
  [ ! -e "$home/auth.json" ] || say listed "$(listed "$home/auth.json" -L)"
  say quota "$(tool quota -q 2>/dev/null </dev/null | tool tr "\n" " ")"
  [ ! -L "$home/auth.json" ] || say leads-to "$(tool readlink "$home/auth.json" 2>/dev/null)"
  for stray in "$home/.auth.json" "$HOME/.auth.json" "$HOME/auth.json" "$HOME/.codex/auth.json"; do
    if [ -f "$stray" ] && ! is_in_use "$stray"; then say stray "$stray"; fi
  done
  for rest in "$home"/.auth.json.cra-*; do
    [ ! -e "$rest" ] || say rest "$rest"
  done
  for program in npm sudo timedatectl; do
    if command -v "$program" >/dev/null 2>&1; then say has "$program"; fi
  done
  if command -v git >/dev/null 2>&1; then
    say git "$(git rev-parse --is-inside-work-tree 2>/dev/null || echo no)"
  fi
  say examined
}
# Says which lines of the startup files of the account's shells set a variable. Only their numbers, since its value is secret.
setters() {
  for file in .bashrc .bash_profile .bash_login .profile .zshenv .zprofile .zshrc .zlogin .kshrc .cshrc .tcshrc .login .config/fish/config.fish; do
    if [ -f "$HOME/$file" ]; then
      tool grep -nE -e "(^|[[:space:];&])$1=" -e "set(env)?[[:space:]](.*[[:space:]])?$1[[:space:]]" "$HOME/$file" 2>/dev/null | tool sed -n "/^[0-9]*:[[:space:]]*#/!s|^\([0-9]*\):.*|$mark set-in ~/$file:\1|p"
    fi
  done
}
# Codex writes into its home at every call, even for --version. So it gets a temporary home without a login to renew. It
# has the account's configuration and `.env`, which can hold the only proxy that leads out.
ask_codex() {
  # The mark is random, and mkdir takes no folder that is there.
  for scratch in "${TMPDIR:-/tmp}/$mark" "/tmp/$mark" "/var/tmp/$mark" "$HOME/$mark" ""; do
    [ -n "$scratch" ] || fail no-scratch
    ! tool mkdir -m 700 "$scratch" 2>/dev/null || break
  done
  trap 'tool rm -rf "$scratch"' EXIT
  trap "exit 1" HUP INT TERM PIPE
  for name in config.toml .env; do
    [ ! -r "$home/$name" ] || tool ln -s "$home/$name" "$scratch/$name"
  done
  theirs=${CODEX_HOME-}
  moved=${CODEX_HOME+yes}
  export CODEX_HOME="$scratch"
  call 30 "$1" --version
  [ -z "$2" ] || call 30 "$1" "$2" --json
  if [ -n "$moved" ]; then CODEX_HOME=$theirs; else unset CODEX_HOME; fi
  tool rm -rf "$scratch"
  trap - EXIT HUP INT TERM PIPE
}

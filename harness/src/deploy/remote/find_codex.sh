# Finds codex without trusting the PATH: `codex` is where it is, `by` how it was found. `program` names one.
look_in_path() {
  codex=
  set -f
  ifs=$IFS
  IFS=:
  for folder in $1; do
    look_at "${folder:-.}/codex" && break
  done
  IFS=$ifs
  set +f
  [ -n "$codex" ]
}
# What is there and may not be run is passed over, as a shell does.
look_at() {
  if [ -f "$1" ] && [ -x "$1" ]; then
    codex=$1
    case $codex in
      /*) ;;
      *) codex=${PWD%/}/$codex ;;
    esac
    return 0
  fi
  [ ! -f "$1" ] || forbidden=${forbidden:-$1}
  return 1
}
# The PATH of the account's shell as a login shell (-l) or with a person before it (-i). It reads rc files that may print,
# ask or hang.
path_of_shell() {
  its_path=
  limit=
  command -v timeout >/dev/null 2>&1 && limit="timeout 10"
  case ${SHELL##*/} in
    bash | zsh | ksh | mksh | dash | ash | sh) ;;
    *) return 1 ;;
  esac
  its_path=$($limit "$SHELL" "$1" -c "printf '\n%s %s\n' $mark \"\$PATH\"" </dev/null 2>/dev/null | sed -n "s/^$mark //p")
  [ -n "$its_path" ]
}
find_codex() {
  codex=
  by=
  forbidden=
  if [ -n "$program" ]; then
    by=given
    case $program in
      "~/"*) codex=$HOME/${program#"~/"} ;;
      *) codex=$program ;;
    esac
    return
  fi
  if look_in_path "$PATH"; then
    by=path
    return
  fi
  if path_of_shell -l && look_in_path "$its_path"; then
    by=login-path
    PATH=$its_path
    return
  fi
  for found in "$HOME/symlinks/codex" "$HOME/.local/bin/codex" "$HOME/bin/codex" "$HOME/.npm-global/bin/codex" \
    "$HOME/.npm/bin/codex" "$HOME"/.nvm/versions/node/*/bin/codex "$HOME"/.local/share/fnm/node-versions/*/installation/bin/codex \
    "$HOME"/.fnm/node-versions/*/installation/bin/codex "$HOME/.volta/bin/codex" "$HOME/.bun/bin/codex" \
    "$HOME/.local/share/mise/shims/codex" "$HOME/.asdf/shims/codex" "$HOME/.cargo/bin/codex" /usr/local/bin/codex \
    /opt/homebrew/bin/codex /home/linuxbrew/.linuxbrew/bin/codex /snap/bin/codex; do
    if look_at "$found"; then
      by=place
      # A program of Node's finds node beside itself.
      PATH=${found%/*}:$PATH
      return
    fi
  done
  [ -n "$forbidden" ] || return 0
  # There is no other: what comes of calling it says more than that there is none.
  codex=$forbidden
  case :$PATH: in
    *:"${codex%/*}":*) by=path ;;
    *) by=place ;;
  esac
}
# What codex calls itself, out of what it printed: `codex-cli 0.163.0`.
release_in() {
  release=
  case $line_end$1 in
    *"${line_end}codex"*" "[0-9]*)
      release=$line_end$1
      release=${release#*"${line_end}codex"}
      release=${release#*" "}
      release=${release%%[!0-9A-Za-z.+-]*}
      ;;
  esac
}

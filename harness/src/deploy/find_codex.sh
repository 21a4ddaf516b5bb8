# Where codex is, beyond the PATH that a plain command has.
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

# Looks for codex where a plain command does not find it. The program orders this only then, or for an examination.

# What a login shell (-l) or an interactive shell (-i) has that a plain command has not. Its rc files may print, ask or
# hang. A job that they left running keeps the output open, so it is read only to its last line.
search_shell() {
  asks="echo; echo $mark \"\$PATH\"; echo $mark-home \"\$CODEX_HOME\"; env; alias codex; type codex; echo; echo $mark-end"
  case $1${SHELL##*/} in
    -?bash | -?zsh | -?ksh | -?ksh93 | -?mksh | -?dash | -?ash | -?sh | -?fish) set -- "$2" "$1" -c "$asks" ;;
    # They read their rc file for every command and ~/.login only at a login, and take no command with -l.
    -lcsh | -ltcsh) set -- "$2" -c "if (-r ~/.login) source ~/.login; sh -c '$asks'" ;;
    *) return 0 ;;
  esac
  kind=$1
  shift
  said=$(bounded 10 "$SHELL" "$@" 2>/dev/null | tool sed "/^$mark-end/q")
  path=$(from_it "s/^$mark //p")
  say path "$kind" "$path"
  say home-of "$kind" "$(from_it "s/^$mark-home /=/p")"
  for name in CODEX_API_KEY CODEX_ACCESS_TOKEN; do
    [ -z "$(from_it "s/^$name=..*/yes/p")" ] || say set-of "$kind" "$name"
  done
  search "$kind" "$path"
  # An alias may contain a key, so only a path at its beginning is read.
  path=$(from_it "s/^\(alias \)*codex='*\([~\$/][^' ]*\).*/\2/p")
  path=$(expanded "$path")
  if [ -f "$path" ] && [ -x "$path" ]; then
    found=yes
    say codex alias "$path"
    return 0
  fi
  # Of a function and of other aliases, only that they are there.
  case $(from_it "s/^codex is a[n]* .*function.*/function/p; s/^codex is a[n]* .*alias.*/alias/p; s/^codex is aliased .*/alias/p") in
    *function*) say shell-word function ;;
    *alias*) say shell-word alias ;;
  esac
}
from_it() { printf "%s\n" "$said" | tool sed -n "$1"; }
# A path as a person writes it, with the beginnings that a shell expands.
expanded() {
  case $1 in
    [~]/*) printf "%s" "$HOME/${1#??}" ;;
    "\$HOME"/*) printf "%s" "$HOME/${1#??????}" ;;
    "\${HOME}"/*) printf "%s" "$HOME/${1#????????}" ;;
    *) printf "%s" "$1" ;;
  esac
}
# Where installers put codex. The program decides which of several versions is meant.
places() {
  data=${XDG_DATA_HOME:-$HOME/.local/share}
  mine=$HOME/.codex/packages/standalone
  # Where npm installs for this account. The file may contain a token, so only this line is read.
  prefix=$(tool sed -n "s/^prefix *= *\"*\([^\"]*\).*/\1/p" "$HOME/.npmrc" 2>/dev/null)
  prefix=$(expanded "${prefix:-$HOME/.npm-global}")
  for place in "$HOME/symlinks" "$mine/current" "$mine/current/bin" "$mine"/releases/* "$mine"/releases/*/bin \
    "$HOME/.local/bin" "$HOME/bin" "$HOME/.codex/bin" \
    "$prefix/bin" "$HOME/.npm-global/bin" "$HOME/.npm-packages/bin" "$HOME/.npm/bin" "$HOME/.node_modules/bin" \
    "${NVM_DIR:-$HOME/.nvm}"/versions/node/*/bin "$HOME"/.config/nvm/versions/node/*/bin \
    "$data"/fnm/aliases/default/bin "$data"/fnm/node-versions/*/installation/bin \
    "$HOME"/.fnm/aliases/default/bin "$HOME"/.fnm/node-versions/*/installation/bin \
    "${VOLTA_HOME:-$HOME/.volta}/bin" "${N_PREFIX:-$HOME/n}/bin" "$HOME/.nodebrew/current/bin" "$HOME"/.nodebrew/node/*/bin \
    "$HOME/.nodenv/shims" "$HOME"/.nodenv/versions/*/bin "$HOME/.nvs/default/bin" "$HOME"/.nvs/node/*/*/bin \
    "${PNPM_HOME:-$data/pnpm}" "${PNPM_HOME:-$data/pnpm}/bin" "$HOME/.yarn/bin" \
    "$HOME/.config/yarn/global/node_modules/.bin" "${BUN_INSTALL:-$HOME/.bun}/bin" "$HOME/.cache/.bun/bin" \
    "${DENO_INSTALL:-$HOME/.deno}/bin" "$data/mise/shims" "$data"/mise/installs/*codex*/*/bin "$data"/mise/installs/*codex*/* \
    "$data"/mise/installs/node/*/bin "$HOME/.asdf/shims" "$HOME"/.asdf/installs/nodejs/*/bin "$HOME/.proto/shims" "$HOME/.proto/bin" \
    "$HOME/.cargo/bin" "$HOME/.pixi/bin" "$HOME/.nix-profile/bin" "$HOME/.local/state/nix/profile/bin" "$HOME/.guix-profile/bin" \
    "$HOME/.linuxbrew/bin" "$HOME/miniconda3/bin" "$HOME/anaconda3/bin" "$HOME/miniforge3/bin" "$HOME/micromamba/bin" \
    /nix/var/nix/profiles/default/bin /run/current-system/sw/bin "/etc/profiles/per-user/$user/bin" \
    /usr/local/bin /usr/local/lib/nodejs/*/bin /usr/local/n/versions/node/*/bin /opt/homebrew/bin \
    /home/linuxbrew/.linuxbrew/bin /snap/bin /opt/codex /opt/*/bin "${PREFIX:-/data/data/com.termux/files/usr}/bin"; do
    candidate place "$place/codex"
  done
  for alias in "${NVM_DIR:-$HOME/.nvm}"/alias "$HOME/.config/nvm/alias"; do
    for file in "$alias"/* "$alias"/lts/*; do
      if [ ! -f "$file" ] || [ ! -r "$file" ]; then continue; fi
      IFS= read -r line <"$file"
      say nvm-alias "${file#"$alias/"} $line"
    done
  done
}
find_codex() {
  search_shell -l login-path
  [ -n "$found" ] || search_shell -i terminal-path
  places
  say searched
}

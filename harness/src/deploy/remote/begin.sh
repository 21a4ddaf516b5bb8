# What every script of ours begins with. POSIX sh: dash, bash, ksh, zsh, busybox; GNU, BSD and busybox tools. The host puts
# the assignment of `mark` before it: each fact is one line that starts with the mark of this one call.
#
# A program that is started costs a crowded machine more than all else here does, and a subshell half of that. So what the shell
# can do by itself it does; and what a program says is asked for only where it failed, by calling it again.
umask 077
# The scripts come as one line, and say a line's end without one. What else zsh has at the end of its IFS is left out.
line_end=${IFS#??}
line_end=${line_end%"${line_end#?}"}
say() { printf "%s %s\n" "$mark" "$*"; }
# Facts in pairs, a name and what is said of it. In one write: each is a packet on the line.
state() { printf "$mark %s %s\n" "$@"; }
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

# Whether the Codex home has to be made; that it is one that a login may be put in.
look_at_home() {
  made=no
  if [ -d "$home" ]; then
    [ -O "$home" ] || fail home-not-ours "$home"
  elif [ -e "$home" ] || [ -L "$home" ]; then
    fail home-not-a-directory "$home"
  else
    made=yes
  fi
}
make_home() {
  mkdir -p -- "$home" 2>/dev/null || said=$(mkdir -p -- "$home" 2>&1) || fail cannot-make-directory "$said"
}

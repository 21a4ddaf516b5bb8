# The functions that orders call. The program sends this after it has read the look, before its first order.

make_home() {
  [ -d "$home" ] || said=$(tool mkdir -p -- "$home" 2>&1) || fail cannot-make-directory "$said"
}
# Enters a private directory beside the target. From then on, every name is relative to the current directory, so nobody
# can replace a directory on the path. A trap removes the private directory at the end. It only stays if the script is
# killed with KILL, or if it holds the only copy of a login (see restore).
enter() {
  make_home
  cd -P -- "$home" 2>/dev/null || fail home-not-a-directory "$home"
  [ -O . ] || fail home-not-ours "$home"
  is=$(list -ldn .)
  case $is in
    d????-??-*) say closed "$is" ;;
    *) fail home-open-to-others "$home" ;;
  esac
  new=.auth.json.$mark
  said=$(tool mkdir -m 700 "$new" 2>&1) || fail cannot-write "$said"
  inside=
  trap leave EXIT
  trap "exit 1" HUP INT TERM PIPE
  cd -P "./$new" || fail cannot-write "$home/$new"
  inside=yes
}
leave() {
  [ -z "$inside" ] || cd -P .. || return
  tool rm -rf "./$new"
}
is_private() {
  is=$(list -ldn "$1")
  case $is in
    -rw-------*) say file "$is" ;;
    *) return 1 ;;
  esac
}
# Makes an empty file that nobody else can read. Its mode is checked because a default ACL overrides the umask.
make() {
  said=$({ : >"$1"; } 2>&1) || fail "$2" "$said"
  is_private "$1" && return
  said=$(tool chmod 600 "$1" 2>&1) || fail "$2" "$said"
  is_private "$1" || fail cannot-be-private "$home"
}
# Some file systems cannot sync a single file.
to_disk() {
  said=$(tool sync "$1" 2>&1) && return
  case $said in
    *"nvalid argument"* | *"not supported"*) tool sync ;;
    *) fail cannot-write "${said:-sync failed}" ;;
  esac
}
copy() {
  for size in $(tool wc -c <"$1" 2>/dev/null); do
    [ "$size" -le 1048576 ] || fail "$3" "$1 is larger than any login"
  done
  make "$2" "$3"
  said=$({ tool cat "$1" >>"$2"; } 2>&1) || fail "$3" "$said"
  [ "$(digest "$1")" = "$(digest "$2")" ] || fail "$3" "the copy is not whole"
  to_disk "$2"
}
replace() {
  say replacing
  # A killed mv may still have moved the file.
  said=$(tool mv -f "$1" "$2" 2>&1)
  [ ! -e "$1" ] || fail "$3" "${said:-mv did not move it}"
}
# Installs the login that comes on our input: SIZE SHA256 WAS KEEP. WAS is what the program saw there, as a digest or a
# word. Nothing else is replaced, since codex may have renewed the login meanwhile.
install() (
  enter
  make auth.json cannot-write
  said=$({ tool head -c "$1" <&3 >>auth.json; } 2>&1) || fail cannot-write "${said:-head ended with status $?}"
  sum=$(digest auth.json)
  if [ "$sum" != "$2" ]; then
    got=$(tool wc -c <auth.json)
    [ "$got" -eq "$1" ] || fail cut-short "$got"
    fail damaged "$sum"
  fi
  to_disk auth.json
  kept=
  if [ "$4" = yes ] && [ -f ../auth.json ]; then
    [ ! -d ../auth.json.before ] || fail cannot-back-up "$home/auth.json.before is a directory"
    copy ../auth.json kept cannot-back-up
    kept=$home/auth.json.before
  fi
  case $3 in
    none) [ ! -e ../auth.json ] && [ ! -L ../auth.json ] ;;
    link) [ -L ../auth.json ] ;;
    unreadable) [ -f ../auth.json ] && [ ! -r ../auth.json ] ;;
    *) is_still ../auth.json "$3" ;;
  esac || is_still ../auth.json "$2" || fail changed-meanwhile "$home/auth.json"
  if [ -n "$kept" ]; then
    said=$(tool mv -f kept ../auth.json.before 2>&1) || fail cannot-back-up "$said"
    say kept "$kept"
  fi
  # If this is a link to a directory, mv would move the file into that directory.
  [ ! -d ../auth.json ] || tool rm -f ../auth.json
  replace auth.json ../auth.json cannot-replace
  say "done"
)
# Reads the rest of our input before the script ends, so that whatever the account's shell runs next does not get the
# login.
refuse() {
  while IFS= read -r rest <&3; do :; done
  exit 1
}
is_still() { [ ! -L "$1" ] && [ -f "$1" ] && [ "$(digest "$1")" = "$2" ]; }
# Swaps auth.json and the auth.json.before that a deploy kept. Both are copied first.
restore() (
  enter
  copy ../auth.json.before auth.json cannot-write
  [ ! -e ../auth.json ] || copy ../auth.json kept cannot-write
  say file "$(about auth.json)"
  [ ! -e kept ] || is_still ../auth.json "$(digest kept)" || fail changed-meanwhile "$home/auth.json"
  replace auth.json ../auth.json cannot-replace
  [ -e kept ] || tool rm -f ../auth.json.before
  if [ -e kept ] && ! said=$(tool mv -f kept ../auth.json.before 2>&1); then
    # This is now the only copy.
    trap - EXIT
    fail cannot-keep "$said; it is kept: $home/$new/kept"
  fi
  say "done"
)
# Calls codex in a way that the end of our input stops it.
calls=0
call() {
  calls=$((calls + 1))
  say begin
  printf "%s begin %s\n" "$mark" "$calls" >&2
  listen=yes
  bounded "$@"
  status=$?
  listen=
  printf "\n%s end %s\n" "$mark" "$status"
}
# Prints the beginning of codex: a script can give codex another home, and a file may be no program.
program() {
  [ -f "$1" ] && [ -r "$1" ] || return 0
  for size in $(tool head -c 4096 <"$1" | tool wc -c); do
    say program-bytes "$size"
    tool head -c "$size" <"$1"
    echo
  done
}
# Says whether codex has left a record of this session in the Codex home, and which login is there now.
record() {
  for file in "$home"/sessions/*/*/*/*"$1"*; do
    [ ! -f "$file" ] || say recorded-in "$file"
  done
  show now "$home/auth.json" about
  say recorded
}
# Says if the account cannot read the file that a variable names.
readable() { [ -r "$1" ] || say unreadable yes; }
# Closes the Codex home to others. The program checks whether that worked.
close() {
  tool chmod go-w "$home/." 2>/dev/null
  say directory "$(about "$home/.")"
  say looked
}
# Gives codex a Codex home of its own for a login that is to replace another: a private directory, with a link to
# everything in the Codex home but the login. From 0.144 on, codex revokes and deletes a login that it finds, before it has
# a new one.
login=$home
apart() {
  folder=$PWD
  set_home=$CODEX_HOME
  enter
  for name in ../* ../.[!.]*; do
    case ${name#../} in
      auth.json | auth.json.before | .auth.json.*) continue ;;
    esac
    [ -e "$name" ] || [ -L "$name" ] || continue
    said=$(tool ln -s "$name" . 2>&1) || fail cannot-write "$said"
  done
  login=$(pwd -P)
  CODEX_HOME=$login
  export CODEX_HOME
  say apart
}
# Puts the login that was made apart in the place of the old one.
take() {
  to_disk auth.json
  if [ -L ../auth.json ] || [ -d ../auth.json ]; then fail changed-meanwhile "$home/auth.json"; fi
  replace auth.json ../auth.json cannot-replace
  leave
  trap - EXIT
  login=$home
  CODEX_HOME=$set_home
  [ -n "$CODEX_HOME" ] || unset CODEX_HOME
  cd "$folder" || cd /
  say taken
}
# Sets the mode of the new login to 0600.
private() {
  said=$(tool chmod 600 "$login/auth.json" 2>&1) || fail cannot-write "$said"
  say file "$(about "$login/auth.json")"
  say "done"
}
# Prints the facts of auth.json and of the Codex home after codex has logged in.
arrived() {
  [ ! -e "$login/auth.json" ] || say arrived "$(about "$login/auth.json")"
  say directory "$(about "$home/.")"
  say looked
}

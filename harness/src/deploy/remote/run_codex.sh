# Runs codex with its input closed, in a group of its own, so that what it starts goes with it. The script's own input is the line
# on which the order to stop it comes.
leader=
group=
if command -v setsid >/dev/null 2>&1; then
  leader=setsid
  group=-
fi
exec 3<&0
run_codex() {
  $leader "$codex" "$@" </dev/null 3<&- &
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
}

# Runs codex with its input closed, so that what it starts ends with it. The script's own input is the line on which the order to
# stop it comes.
#
# Where /proc tells of a process its group and when it was started, what came after codex in this group is known, and nothing has
# to be started for that. Elsewhere codex gets a group of its own, if it can.
leader=
group=
if [ ! -r /proc/self/stat ] && command -v setsid >/dev/null 2>&1; then
  leader=setsid
  group=-
fi
# By proc_pid_stat(5).
look_at_process() {
  read -r line <"/proc/$1/stat" || return
  process=${line%% *}
  # What comes before is its name, which may hold anything.
  set -- ${line##*") "}
  its_group=$3
  its_start=${20}
}
signal_codex() {
  if [ -z "$since" ]; then
    kill "-$1" "$group$pid"
    return
  fi
  for stat in /proc/[0-9]*; do
    look_at_process "${stat#/proc/}" && [ "$its_start" -ge "$since" ] || continue
    case $process in
      "$watcher" | $$) continue ;;
    esac
    [ "$its_group" = "$group" ] || [ "$process $its_start" = "$pid $since" ] || continue
    kill "-$1" "$process"
  done
}
exec 3<&0
run_codex() {
  $leader "$codex" "$@" </dev/null 3<&- &
  pid=$!
  # A line from the host, or the end of the connection, is the order to stop it. Once it is given, the end of codex
  # itself does not take it back: what codex started may still be there.
  {
    read -r order <&3
    trap "" TERM
    since=
    if [ -z "$leader" ] && look_at_process "$pid"; then
      since=$its_start
      look_at_process self
      watcher=$process
      group=$its_group
    fi
    signal_codex TERM
    sleep 1
    signal_codex KILL
  } >/dev/null 2>&1 &
  watch=$!
  wait "$pid"
  status=$?
  kill "$watch" 2>/dev/null
}

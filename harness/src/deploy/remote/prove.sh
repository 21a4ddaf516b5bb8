# The last word on the file, behind the facts that are the arguments, and the proof.
if [ "$prove" = no ] || [ "$dry" = yes ] || [ -z "$codex" ]; then
  state "$@"
  say done
  exit 0
fi
printf "%s\n" "$mark" >&2
state "$@" "done$line_end$mark" proof
run_codex exec --skip-git-repo-check "$prompt"
printf "\n%s end %s\n" "$mark" "$status"
exit "$status"

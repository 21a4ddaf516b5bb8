# The last word on the file, and the proof.
if [ "$prove" = no ] || [ "$dry" = yes ] || [ -z "$codex" ]; then
  say done
  exit 0
fi
printf "%s\n" "$mark" >&2
say "done$line_end$mark proof"
run_codex exec --skip-git-repo-check "$prompt"
printf "\n%s end %s\n" "$mark" "$status"
exit "$status"

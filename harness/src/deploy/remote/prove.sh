# The last word on the file, and the proof.
say done
[ "$prove" = yes ] && [ "$dry" = no ] && [ -n "$codex" ] || exit 0
printf "%s\n" "$mark" >&2
say proof
run_codex exec --skip-git-repo-check "$prompt"
printf "\n%s end %s\n" "$mark" "$status"
exit "$status"

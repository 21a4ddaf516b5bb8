find_codex
set -- home "$home" made "$made" was "$was" old "$old" kept "$kept" store "$store" file "$file" directory "$directory" \
  digest "$digest" codex "$codex" by "$by" shell "$SHELL"
if [ "$prove" = no ] && [ "$dry" = no ] && [ -n "$codex" ]; then
  release_in "$("$codex" --version </dev/null 2>/dev/null)"
  set -- "$@" release "$release"
fi

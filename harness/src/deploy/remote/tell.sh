find_codex
say home "$home"
say made "$made"
say was "$was"
say old "$old"
say kept "$kept"
say store "$store"
say file "$file"
say directory "$directory"
say digest "$digest"
say codex "$codex"
say by "$by"
say shell "$SHELL"
if [ "$prove" = no ] && [ "$dry" = no ] && [ -n "$codex" ]; then
  say release "$("$codex" --version </dev/null 2>/dev/null | sed -n "s/^codex[^ ]* \([0-9][^ ]*\).*/\1/p" | sed 1q)"
fi

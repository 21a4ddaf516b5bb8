# Whose login a file holds: its form, and a digest of the account or the key. The text itself is in no variable.
field() { sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"\([^\"]\{1,\}\)\".*/\1/p" "$path" | sed 1q | tr -d "\n"; }
account_there() {
  there=
  if [ -n "$(field access_token)" ]; then
    [ -z "$(field account_id)" ] || there=$(field account_id | digest) && there=chatgpt:${there%% *}
    [ "$there" != chatgpt: ] || there=
  elif [ -n "$(field OPENAI_API_KEY)" ]; then
    there=$(field OPENAI_API_KEY | digest) && there=apikey:${there%% *}
  fi
}

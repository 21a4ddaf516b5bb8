# Whose login a file holds: its form, and digests of the account or the key, and of the person. The texts themselves are in
# no variable.
field() { sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"\([^\"]\{1,\}\)\".*/\1/p" "$path" | sed 1q | tr -d "\n"; }
# Of a token in a field. The decoder gives what comes before what is missing of the padding, or too much of it.
claim() {
  decode="base64 -d"
  command -v base64 >/dev/null 2>&1 || decode="openssl base64 -d -A"
  { field "$1" | cut -d. -f2 | tr "_-" "/+"; printf "==="; } | tr -d "\n" | $decode 2>/dev/null |
    sed -n "s/.*\"$2\"[[:space:]]*:[[:space:]]*\"\{0,1\}\([^\",}]\{1,\}\).*/\1/p" | tr -d "\n"
}
account_there() {
  there=
  person_there=
  if [ -n "$(field access_token)" ]; then
    [ -z "$(field account_id)" ] || there=$(field account_id | $digester) && there=chatgpt:${there%% *}
    [ "$there" != chatgpt: ] || there=
    [ -z "$(claim id_token chatgpt_user_id)" ] || person_there=$(claim id_token chatgpt_user_id | $digester)
    person_there=${person_there%% *}
  elif [ -n "$(field OPENAI_API_KEY)" ]; then
    there=$(field OPENAI_API_KEY | $digester) && there=apikey:${there%% *}
  fi
}

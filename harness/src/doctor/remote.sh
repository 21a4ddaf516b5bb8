# Looks at all that a lesson knows, and changes nothing. The host puts the assignments of `program prompt prove dry` before it.
say user "$(id -un 2>/dev/null)" "$(id -u)"
say shell "$SHELL"
say clock "$(date +%s)"
for name in OPENAI_API_KEY CODEX_API_KEY; do
  eval "value=\${$name:+set}"
  [ -z "$value" ] || say variable "$name"
done

say home "$home"
say moved "${CODEX_HOME:+yes}"
nearest=$home
if [ -d "$home" ]; then
  say directory "$(ls -ldn -- "$home/.")"
  [ -w "$home" ] && say writable yes
elif [ -e "$home" ] || [ -L "$home" ]; then
  say blocked yes
else
  while [ ! -d "$nearest" ]; do
    nearest=${nearest%/*}
    [ -n "$nearest" ] || nearest=/
  done
  [ -w "$nearest" ] && say writable yes
fi
say nearest "$nearest"
say space "$(df -Pk "$nearest" 2>/dev/null | sed -n "2p")"
say quota "$(quota -q 2>/dev/null </dev/null | tr "\n" " ")"

if [ -L "$path" ]; then
  say link "$(readlink "$path" 2>/dev/null)"
fi
if [ -f "$path" ]; then
  say file "$(ls -ldnL -- "$path")"
  if [ -r "$path" ]; then
    say readable yes
    [ -z "$digester" ] || { digest_of "$path" && say digest "$digest"; }
    # Of a JSON object, the last character that is no white space closes it. Whoever cuts it short loses that one.
    say ends "$(tail -c 200 "$path" | tr -d " \n\r\t" | tail -c 1)"
    form=
    [ -z "$(field access_token)" ] || form=chatgpt
    [ -n "$form" ] || [ -z "$(field OPENAI_API_KEY)" ] || form=apikey
    say form "$form"
    [ -z "$(field refresh_token)" ] || say renewable yes
    [ -z "$digester" ] || account_there 2>/dev/null
    say account "$there"
    say person "$person_there"
    say refreshed "$(field last_refresh)"
    say expires "$(claim access_token exp)"
  fi
elif [ -e "$path" ]; then
  say odd yes
fi
for stray in "$home/.auth.json" "$HOME/.auth.json" "$HOME/auth.json" "$HOME/.codex/auth.json"; do
  [ -f "$stray" ] && [ "$stray" != "$path" ] && say stray "$stray"
done
for rest in "$home"/.auth.json.cra-*; do
  [ -f "$rest" ] && say rest "$rest"
done
say store "$store"
say forced "$forced"
[ -r "$home/config.toml" ] && say legacy "$(sed -n "s/^[[:space:]]*\[profiles\.\([^].]*\).*/\1/p" "$home/config.toml" | sed 1q)"

if command -v git >/dev/null 2>&1; then
  say git "$(git rev-parse --is-inside-work-tree 2>/dev/null || echo no)"
fi

look_in_path "$PATH"
say plain "$codex"
for mode in -l -i; do
  path_of_shell "$mode" || continue
  look_in_path "$its_path"
  say path "$mode" "$codex"
done
find_codex
say codex "$codex"
say by "$by"
limit=
command -v timeout >/dev/null 2>&1 && limit="timeout 30"
if [ -n "$codex" ] && [ -x "$codex" ]; then
  # Codex writes into its home at every call, whatever it is asked. So it gets another one, and no login to renew.
  scratch=$(mktemp -d 2>/dev/null) || scratch=
  if [ -n "$scratch" ]; then
    trap 'rm -rf -- "$scratch"' EXIT
    trap 'exit 1' HUP INT TERM PIPE
    [ -r "$home/config.toml" ] && ln -s "$home/config.toml" "$scratch/config.toml"
    release_in "$(CODEX_HOME=$scratch $limit "$codex" --version </dev/null 2>/dev/null)"
    say release "$release"
    say report
    CODEX_HOME=$scratch $limit "$codex" doctor --json </dev/null 2>/dev/null
    printf "\n"
    say reported
    rm -rf -- "$scratch"
    trap - EXIT HUP INT TERM PIPE
  fi
elif [ -n "$codex" ]; then
  say forbidden yes
fi

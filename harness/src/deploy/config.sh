# What the account's configuration does to the file; the account's own counts before the system's.
store=
forced=
for config in "$home/config.toml" /etc/codex/config.toml; do
  [ -r "$config" ] || continue
  # Above the first table, where these settings stand.
  for setting in $(sed -n -e "/^[[:space:]]*\[/q" \
    -e "s/^[[:space:]]*cli_auth_credentials_store[[:space:]]*=[[:space:]]*[\"']\([a-z_]*\)[\"'].*/store=\1/p" \
    -e "s/^[[:space:]]*forced_login_method[[:space:]]*=[[:space:]]*[\"']\([a-z_]*\)[\"'].*/forced=\1/p" "$config"); do
    case $setting in
      store=*) store=${store:-${setting#store=}} ;;
      forced=*) forced=${forced:-${setting#forced=}} ;;
    esac
  done
done

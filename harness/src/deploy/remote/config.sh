# What the account's configuration does to the file; the account's own counts before the system's.
store=
forced=
for config in "$home/config.toml" /etc/codex/config.toml; do
  [ -r "$config" ] || continue
  # A name, what is around the sign of equality, a value in quotes.
  while IFS="=$IFS" read -r setting value || [ -n "$setting" ]; do
    case $setting in
      # These settings stand above the first table.
      "["*) break ;;
      cli_auth_credentials_store | forced_login_method) ;;
      *) continue ;;
    esac
    case $value in
      [\"\'][a-z]*) value=${value#?} ;;
      *) continue ;;
    esac
    value=${value%%[\"\']*}
    case $setting in
      cli*) store=${store:-$value} ;;
      forced*) forced=${forced:-$value} ;;
    esac
  done <"$config"
done

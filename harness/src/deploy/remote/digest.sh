# What computes SHA-256 here; empty where nothing does.
digester=
if command -v sha256sum >/dev/null 2>&1; then digester=sha256sum
elif command -v shasum >/dev/null 2>&1; then digester="shasum -a 256"
elif command -v sha256 >/dev/null 2>&1; then digester="sha256 -q"
elif command -v openssl >/dev/null 2>&1; then digester="openssl dgst -sha256 -r"
fi
digest_of() { digest=$($digester <"$1") && digest=${digest%% *}; }

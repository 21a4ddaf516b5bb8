# How SHA-256 is computed here; `digester` is `none` where nothing computes it.
digester=
if command -v sha256sum >/dev/null 2>&1; then digest() { sha256sum; }
elif command -v shasum >/dev/null 2>&1; then digest() { shasum -a 256; }
elif command -v sha256 >/dev/null 2>&1; then digest() { sha256 -q; }
elif command -v openssl >/dev/null 2>&1; then digest() { openssl dgst -sha256 -r; }
else digester=none; fi

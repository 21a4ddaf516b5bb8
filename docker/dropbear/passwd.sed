s|^\(.*:x:[0-9]*:19999:.*:\).*/\([a-z]*\)$|\1/usr/local/lib/codex-on-path/\2|

# Whoever may write to the directory may put another login there.
case $directory in
  d????w* | d???????w*)
    if [ "$dry" = no ] && chmod go-w -- "$home/." 2>/dev/null; then
      say opened "$directory"
      directory=$(ls -ldn -- "$home/.")
    fi
    ;;
esac

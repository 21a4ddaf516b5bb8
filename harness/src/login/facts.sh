# What is there now.
set -- file "$file" directory "$directory"

# What is there now.
say file "$file"
say directory "$directory"

. "$LIB"
tilth --version

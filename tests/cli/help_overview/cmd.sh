. "$LIB"
tilth --help
tilth help exit-codes

. "$LIB"
tilth help map

. "$LIB"
tilth help accident

. "$LIB"
tilth simulate d --seed 5 --quiet
(cd d && find . -type f -exec sha256sum {} + | sort) >first
unchanged d/accidents.csv tilth simulate d --seed 5
tilth simulate d --seed 5 --overwrite --quiet
(cd d && find . -type f -exec sha256sum {} + | sort) | diff first - && echo "same bytes"
try tilth simulate none/deeper

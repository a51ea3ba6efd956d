. "$LIB"
[ -c /dev/full ] || skip "there is no /dev/full"
code=0
tilth help >/dev/full || code=$?
echo "exit $code"

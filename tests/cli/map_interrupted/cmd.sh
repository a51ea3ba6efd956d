. "$LIB"
tilth new p.gpkg --area=-75.4,7.0,-75.02,7.4 --cell 250m --quiet
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
sha256sum p.gpkg >before
tilth map p.gpkg --out o --progress=json 2>progress &
while [ ! -s progress ]; do sleep 0.02; done
kill -INT $!
code=0
wait $! || code=$?
echo "exit $code"
tail -n 1 progress
sha256sum -c before
[ -d o ] && ls -A o || echo "no folder"

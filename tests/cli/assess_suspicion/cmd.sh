. "$LIB"
project p.gpkg
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
{
    echo 'id,classification,status,evidence,wkt'
    echo 'A,SHA,open,indirect,"POLYGON((-75.19 7.12,-75.18 7.12,-75.18 7.13,-75.19 7.13,-75.19 7.12))"'
    echo 'B,SHA,open,indirect,"POLYGON((-75.115 7.055,-75.105 7.055,-75.105 7.065,-75.115 7.065,-75.115 7.055))"'
    echo 'C,CHA,open,direct,"POLYGON((-75.09 7.12,-75.08 7.12,-75.08 7.13,-75.09 7.13,-75.09 7.12))"'
    echo 'D,SHA,reduced,indirect,"POLYGON((-75.07 7.12,-75.06 7.12,-75.06 7.13,-75.07 7.13,-75.07 7.12))"'
} >h.csv
tilth import p.gpkg h.csv --as hazard-area --quiet
{
    echo 'id,type,method,passes,date_end,wkt'
    echo 'S1,TS,manual,1,2020-05-01,"POLYGON((-75.072 7.118,-75.058 7.118,-75.058 7.132,-75.072 7.132,-75.072 7.118))"'
} >s.csv
tilth import p.gpkg s.csv --as search --quiet
tilth map p.gpkg --out m --quiet
# Suspected and no more; an accident inside; confirmed; searched in vain.
for area in HA-0001 HA-0002 HA-0003 HA-0004; do
    tilth assess p.gpkg --area $area --no-keep --json >$area.json
    grep -A 3 '"suspicion": {' $area.json | grep -E '"(in_doubt|standing)"' | tr -d ' \n'
    echo
done
# What taught it: the area that was searched; it does not teach itself.
for area in HA-0001 HA-0004; do
    grep -A 40 '"suspicion": {' $area.json | grep -E '"(areas|found|left_out)"' | tr -d ' \n'
    echo
done
# Criteria are held against the chance that takes the suspicion as true: the same value stands in both places.
tilth assess p.gpkg --area HA-0001 --no-keep --json --criteria "$CASE/../criteria.yaml" >c.json
with=$(grep -A 3 '^    "p_any": {' c.json | sed -n 's/.*"value": \([0-9.e-]*\).*/\1/p' | head -n 1)
case $with in 0.*) ;; *) echo "not a chance between: $with" ;; esac
sed -n 's/.*"value": \([0-9.e-]*\).*/\1/p' c.json | grep -cx -e "$with"
for lang in en uk; do
    tilth assess p.gpkg --area HA-0001 --no-keep --lang $lang | grep -c -e 'If it is false, the ground is as ground here' -e 'Якщо вона хибна, земля тут така'
done
tilth assess p.gpkg --area HA-0003 --no-keep | grep -c 'If it is false' || true
tilth assess p.gpkg --all --no-keep --json --draws 640 >all.json
tilth assess p.gpkg --area HA-0001 --no-keep --json --draws 640 >one.json
grep -A 40 '"suspicion": {' one.json | sed -n 's/^ *\("p_any_if_false": .*\)/\1/p' >one
grep -c -F -f one all.json

. "$LIB"
bad() { # TEXT of one class
    printf 'title: t\nstart: 2020\ncasualties: {rate: 0.1 /year}\n%s\nclasses:\n  - {name: x, kind: persistent-ap, %s}\n' "$2" "$1" >b.yaml
    try tilth forecast b.yaml --out d
}
good="numbers: 5, arrived: {from: 2000, to: 2001}"
bad "numbers: 5" ""
bad "numbers: -5, arrived: {from: 2000, to: 2001}" ""
bad "numbers: 5, arrived: {from: 2004, to: 2001}" ""
bad "$good, works: 120 %" ""
bad "$good, half_life: 20" ""
bad "$good, half_life: 20 yeras" ""
bad "$good, hafl_life: 20 years" ""
bad "$good" "land: {suspected: 20}"
bad "$good" "fundign: []"
try tilth forecast
try tilth forecast none.yaml
try tilth forecast --builtin bosnia
try tilth forecast calibrate
printf 'year,killed,injured\n2001,1,-2\n' >c.csv
try tilth forecast calibrate c.csv --out c.yaml
printf 'year,count\n2001,1\n2002,2\n' >c.csv
try tilth forecast calibrate c.csv --out c.yaml
ls

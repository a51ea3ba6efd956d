. "$LIB"
try tilth survey
try tilth survey nxt p.gpkg
try tilth surveys next
try tilth survey next p.gpkg --hours 40 --method manual
try tilth survey transects p.gpkg --area A --target "circle 4m" --spacing 30m
try tilth survey transects p.gpkg --area A --width 2m --target "square 4m" --spacing 30m
try tilth survey transects p.gpkg --area A --width 2m --target "ellipse 20m 60m" --spacing 30m
try tilth survey transects p.gpkg --area A --width 2 --target "circle 40m" --spacing 30m
try tilth survey transects p.gpkg --area A --width 2m --target "circle 40m" --density 0.02 --spacing 30m
try tilth survey transects p.gpkg --area A --width 2m --target "circle 40m"
try tilth survey transects p.gpkg --area A --width 2m --target "circle 40m" --spacing 30m --probability 95%
try tilth survey transects p.gpkg --width 2m --target "circle 40m" --spacing 30m
try tilth survey inspect --units 1000 --free 99 --confidence 95%
try tilth survey inspect --units 1000 --free 99%
try tilth survey inspect --free 99% --confidence 95%
try tilth survey inspect --free 99% --confidence 95% --area A
try tilth survey inspect --units 10 --free 99% --confidence 95% --stratify risk
try tilth assess p.gpkg
try tilth assess p.gpkg --area A --all
try tilth assess p.gpkg --area A --what-if manual,0
try tilth assess p.gpkg --area A --depth 20
try tilth assess p.gpkg --all --out d
try tilth release p.gpkg --area A --as safe --by "O. K." --role approver --reason x
try tilth release p.gpkg --area A --as cleared --by "O. K." --role approver
try tilth findings p.gpkg --answer 1 --by "O. K."
try tilth findings p.gpkg --by "O. K."
tilth survey --help
tilth help survey

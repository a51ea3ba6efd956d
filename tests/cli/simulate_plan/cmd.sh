# The examples of docs/examples on the district of `make demo`.
. "$LIB"
tilth simulate district --quiet
cd district
grep '^tilth \(new\|import\) ' README.txt >commands
while read -r line; do eval "$line --quiet" </dev/null; done <commands
tilth map district.gpkg --out maps --quiet
cp "$CASE"/../../../docs/examples/teams.yaml "$CASE"/../../../docs/examples/objective.yaml .
tilth plan district.gpkg --budget 6MUSD --years 3 --teams teams.yaml --solver heuristic --out plan >words
head -n 1 words
for file in plan/*; do test -s "$file" && echo "$file"; done
tilth plan district.gpkg --budget 2MUSD,2MUSD,2MUSD --years 3 --teams teams.yaml --objective objective.yaml --solver heuristic --out plan --overwrite >words
head -n 1 words
tilth plan explain district.gpkg --task T-003 | grep -c "%\|Score\|Why"
tilth check district.gpkg | tail -n 1 | cut -d, -f1

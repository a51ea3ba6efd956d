. "$LIB"
project p.gpkg
tilth methods p.gpkg --write m.yaml
unchanged p.gpkg tilth methods p.gpkg --edit m.yaml
# One method by its trials, with its pace; the others stay.
cat >>m.yaml <<END
  - name: rollers
    one_pass: {found: 149, laid: 198}
    repeat_correlation: 0.4
    source: trials of 2025
    pace: {typical: 0.5 ha/day, low: 2000 m2/day, high: 1 ha/day, source: log of 2025}
END
tilth methods p.gpkg --edit m.yaml
tilth methods p.gpkg | sed -n '/^rollers/,/^$/p'
tilth check p.gpkg
try tilth methods p.gpkg --write m.yaml
tilth methods p.gpkg --write m.yaml --overwrite --quiet
tilth methods p.gpkg --edit m.yaml

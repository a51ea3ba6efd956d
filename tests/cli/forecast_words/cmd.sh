. "$LIB"
tilth forecast --builtin list
cat >one.yaml <<END
title: one class
start: 2020
years: 5
casualties: {rate: 0.001 /year}
classes:
  - {name: one, kind: persistent-ap, numbers: 10000, arrived: {from: 2000, to: 2003}, half_life: 10 years}
END
tilth forecast one.yaml --draws 512 --out f
ls f
try tilth forecast one.yaml --draws 512 --out f

#!/usr/bin/python3
"""make.py FOLDER: three scenarios of eight classes each, with uncertain figures, claimed and observed."""
import sys

KINDS = ["persistent-ap", "anti-vehicle", "self-destructing", "self-deactivating", "self-destructing-self-deactivating", "submunitions",
         "other-ordnance", "self-destructing-self-deactivating"]


def end(name, claimed, observed):
    return (f"    {name}:\n      claimed: {{share: {claimed} %, within: 120 days}}\n"
            f"      observed: {{share: {{best: {observed} %, low: {observed - 20} %, high: {observed + 3} %}}, within: {{best: 1 years, low: 90 days, high: 3 years}}}}\n")


for number, funding in enumerate((50, 20, 120)):
    text = f"""title: bench {number}
start: 2025
years: 50
land:
  suspected: {{best: 1000 km2, low: 700 km2, high: 1500 km2}}
  contaminated: {{best: 10 %, low: 5 %, high: 20 %}}
  targeting: {{best: 3, low: 1.5, high: 6}}
release:
  cancelled: {{capacity: {{best: 20 km2/year, low: 5 km2/year, high: 50 km2/year}}, price: 6 USD/ha}}
clearance:
  - {{method: manual, teams: 100, pace: {{best: 300 m2/day, low: 150 m2/day, high: 600 m2/day}}, price: {{best: 1 USD/m2, low: 0.6 USD/m2, high: 2 USD/m2}}, found: 99 %, learning: 1 %/year}}
funding:
  - {{per_year: {{best: {funding} MUSD/year, low: {funding / 2} MUSD/year, high: {funding * 2} MUSD/year}}}}
casualties:
  rate: {{best: 0.0002 /year, low: 0.0001 /year, high: 0.0006 /year}}
  dispersion: 10
  deminer_accidents: {{best: 0.05 /km2, low: 0.01 /km2, high: 0.2 /km2}}
  level_step: 0.1
classes:
"""
    for k, kind in enumerate(KINDS):
        text += (f"  - name: class {k}\n    kind: {kind}\n    numbers: {{best: {100000 + 10000 * k}, low: {40000 + 5000 * k}, high: {300000 + 10000 * k}}}\n"
                 "    arrived: {from: 2022, to: 2024}\n    arriving: {from: 2025, to: 2030, per_year: {best: 5000, low: 1000, high: 20000}}\n"
                 "    works: 92 %\n    half_life: {best: 30 years, low: 8 years, high: 150 years}\n    danger: {best: 1, low: 0.4, high: 2.5}\n    killed: 30 %\n")
        if kind.startswith("self-destructing"):
            text += end("self_destruct", 99, 90)
        if kind.endswith("self-deactivating"):
            text += end("deactivate", 90, 80)
    with open(f"{sys.argv[1]}/bench{number}.yaml", "w", encoding="utf-8") as file:
        file.write(text)

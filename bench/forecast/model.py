#!/usr/bin/python3
"""model.py DRAWS: the model of make.py's scenarios in NumPy, vectorised over classes and draws: three scenarios, two sets, 50 years, the same states and
outputs (means, their errors and five quantiles of 45 series a year, of differences, and of the years in which 50, 10 and 1 % of the hazard are left).
Prints seconds without the start of Python, and the mean and its error of casualties in all of the first scenario, observed."""
import sys
import time

import numpy as np

YEARS, Z95 = 50, 1.6448536269514722
DRAWS = int(sys.argv[1])
SD = np.array([0, 0, 1, 0, 1, 0, 0, 1])[:, None]
OFF = np.array([0, 0, 0, 1, 1, 0, 0, 1])[:, None]
SHARES = (5, 25, 50, 75, 95)
rng = np.random.default_rng(1)


def positive(best, low, high, shape):
    best, low, high = (np.log(np.asarray(x, dtype=float)) for x in (best, low, high))
    z = rng.standard_normal(shape) / Z95
    return np.exp(best + np.where(z < 0, z * (best - low), z * (high - best)))


def share(best, low, high, shape):
    best, low, high = (np.log(x / (1 - x)) for x in (best, low, high))
    z = rng.standard_normal(shape) / Z95
    return 1 / (1 + np.exp(-(best + np.where(z < 0, z * (best - low), z * (high - best)))))


def summary(x):
    return x.mean(axis=-1), x.std(axis=-1) / DRAWS ** 0.5, np.percentile(x, SHARES, axis=-1)


def simulate(p, claimed, funding, level):
    timer_rate = 2.9957 / (120 / 365.25 if claimed else p["sd_within"])
    off_rate = 2.9957 / (120 / 365.25 if claimed else p["off_within"])
    sd, off = (0.99 * SD, 0.9 * OFF) if claimed else (p["sd"] * SD, p["off"] * OFF)
    age = np.log(2) / p["half_life"]
    rates = [timer_rate + age, off_rate + age, age]
    stay = [np.exp(-r) for r in rates]
    years = [(1 - s) / r for s, r in zip(stay, rates)]
    ends = [timer_rate / rates[0], off_rate / rates[1]]
    n = (8, DRAWS)
    timer, battery, live, missed, deactivated, degraded, missed_inert, gone, struck, cleared = (np.zeros(n) for _ in range(10))

    def arrive(number):
        nonlocal timer, battery, live, degraded
        works = number * 0.92
        a, b = works * sd, works * (1 - sd) * off
        timer, battery, live, degraded = timer + a, battery + b, live + works - a - b, degraded + number - works

    def grow_old():
        nonlocal timer, battery, live, missed, deactivated, degraded, missed_inert, gone
        lost = [timer * (1 - stay[0]), battery * (1 - stay[1]), live * (1 - stay[2]), missed * (1 - stay[2])]
        timer, battery, live, missed = timer - lost[0], battery - lost[1], live - lost[2], missed - lost[3]
        gone = gone + lost[0] * ends[0]
        deactivated = deactivated + lost[1] * ends[1]
        degraded = degraded + lost[0] * (1 - ends[0]) + lost[1] * (1 - ends[1]) + lost[2]
        missed_inert = missed_inert + lost[3]

    for _ in range(3):
        arrive(p["numbers"] / 3)
        grow_old()
    hazard_0 = ((timer + battery + live + missed) * p["danger"]).sum(axis=0)
    lefts = np.zeros((3, DRAWS))
    suspected = p["suspected"].copy()
    contaminated = suspected * p["contaminated"]
    sums = {"casualties": 0.0, "cost": 0.0, "cancelled": 0.0, "cleared": 0.0}
    fans, kept = [], []
    for t in range(YEARS):
        money = p["funding"] * funding
        area = np.minimum(np.minimum(p["cancel"], np.maximum(suspected - contaminated, 0)), money / 600)
        money, suspected = money - area * 600, suspected - area
        sums["cancelled"] = sums["cancelled"] + area
        learnt = 0.99 ** t
        area = np.minimum(np.minimum(100 * p["pace"] / learnt, suspected), money / (p["price"] * learnt))
        money = money - area * p["price"] * learnt
        density = np.divide(contaminated, suspected, out=np.zeros(DRAWS), where=suspected > 0)
        hit = np.minimum(area * np.minimum(1, density * p["targeting"]), contaminated)
        hit = np.where(area >= suspected, contaminated, hit)
        taken = np.divide(hit, contaminated, out=np.zeros(DRAWS), where=contaminated > 0)
        suspected, contaminated = suspected - area, contaminated - hit
        cost = p["funding"] * funding - money
        sums["cost"], sums["cleared"] = sums["cost"] + cost, sums["cleared"] + area
        if t < 6:
            arrive(p["arriving"])
        item_years = timer * years[0] + battery * years[1] + (live + missed) * years[2]
        grow_old()
        mean = p["rate"] * level[t] * p["danger"] * item_years
        killed, injured = rng.poisson(mean * 0.3), rng.poisson(mean * 0.7)
        alive = timer + battery + live + missed
        part = np.minimum(np.divide(killed + injured, alive, out=np.zeros(n), where=alive > 0), 1)
        struck = struck + alive * part
        timer, battery, live, missed = (x * (1 - part) for x in (timer, battery, live, missed))
        for_live, for_inert = (timer + battery + live) * taken, (deactivated + degraded) * taken
        timer, battery, live, deactivated, degraded = (x * (1 - taken) for x in (timer, battery, live, deactivated, degraded))
        cleared = cleared + 0.99 * (for_live + for_inert)
        missed, missed_inert = missed + 0.01 * for_live, missed_inert + 0.01 * for_inert
        alive, inert = timer + battery + live + missed, deactivated + degraded + missed_inert
        casualties = (killed + injured).sum(axis=0)
        sums["casualties"] = sums["casualties"] + casualties
        hazard = (alive * p["danger"]).sum(axis=0)
        for left, share_left in zip(lefts, (0.5, 0.1, 0.01)):
            left[(left == 0) & (hazard <= share_left * hazard_0)] = t + 1
        deminers = rng.poisson(p["deminers"] * area)
        totals = np.stack([alive.sum(axis=0), inert.sum(axis=0), killed.sum(axis=0), injured.sum(axis=0), casualties, sums["casualties"],
                           deminers, suspected, sums["cancelled"], np.zeros(DRAWS), sums["cleared"], cost, sums["cost"]])
        fans.append([summary(x) for x in (alive, inert, killed, injured, totals)])
        kept.append(np.stack([sums["casualties"], sums["cost"], alive.sum(axis=0)]))
    fans.append(summary(np.where(lefts == 0, YEARS + 1, lefts)))
    return sums["casualties"], fans, np.stack(kept)


def main():
    begun = time.perf_counter()
    base, answer, k = None, None, np.arange(8)[:, None]
    n = (8, DRAWS)
    p = {"numbers": positive(100000 + 10000 * k, 40000 + 5000 * k, 300000 + 10000 * k, n), "arriving": positive(5000, 1000, 20000, n),
         "half_life": positive(30, 8, 150, n), "danger": positive(1, 0.4, 2.5, n), "sd": share(0.9, 0.7, 0.93, n),
         "sd_within": positive(1, 90 / 365.25, 3, n), "off": share(0.8, 0.6, 0.83, n), "off_within": positive(1, 90 / 365.25, 3, n),
         "rate": positive(2e-4, 1e-4, 6e-4, DRAWS), "suspected": positive(1000, 700, 1500, DRAWS),
         "contaminated": share(0.1, 0.05, 0.2, DRAWS), "targeting": positive(3, 1.5, 6, DRAWS), "cancel": positive(20, 5, 50, DRAWS),
         "pace": positive(0.06, 0.03, 0.12, DRAWS), "price": positive(1e6, 6e5, 2e6, DRAWS), "funding": positive(1, 0.5, 2, DRAWS), "deminers": positive(0.05, 0.01, 0.2, DRAWS)}
    level = np.exp(np.cumsum(0.1 * np.clip(rng.standard_t(4, (YEARS, DRAWS)), -10, 10), axis=0)) * rng.gamma(10, 0.1, (YEARS, DRAWS))
    for number, funding in enumerate((50e6, 20e6, 120e6)):
        claimed = simulate(p, True, funding, level)
        observed = simulate(p, False, funding, level)
        summary(observed[2] - claimed[2])
        if number == 0:
            base, answer = (claimed[2], observed[2]), observed[0]
        else:
            summary(claimed[2] - base[0])
            summary(observed[2] - base[1])
    print(f"{time.perf_counter() - begun:.3f} {answer.mean():.1f} {answer.std() / DRAWS ** 0.5:.1f}")


main()

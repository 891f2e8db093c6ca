"""Exact epsilon of composed Poisson-sampled Gaussian steps: the judge of the accountant's tests. Needs numpy.

With P the first dataset's distribution and K(s) = log E_P exp(s * loss), for any l > 0

    delta(epsilon) = 1/(2 pi) * integral over u of exp(T K(l + iu) - (l + iu) epsilon) / ((l + iu)(l + iu + 1)) du,

because the bracket's reciprocal is the Laplace transform of (1 - exp(epsilon - loss)) for loss > epsilon. Nothing is put on
a grid of losses. l is the saddle point, so that the integrand has one sign where it is large.

    python3 contour_epsilon.py FILE      rows of q,sigma,steps,delta,neighbours
"""
import math
import sys

import numpy as np


def pair(q, sigma, kind):
    """Log weights and losses on a trapezoidal rule in x."""
    x = np.arange(-1 - 40 * sigma, 61 + 40 * sigma, min(sigma / 40, sigma * sigma / 40))
    if len(x) > 40000:
        x = np.linspace(-1 - 15 * sigma, 1 + 16 * sigma, 40000)

    def mix(sign):
        odds = (sign * 2 * x - 1) / (2 * sigma * sigma)
        return np.logaddexp(math.log1p(-q), math.log(q) + odds)

    base = -x * x / (2 * sigma * sigma) - math.log(sigma) - 0.5 * math.log(2 * math.pi) + math.log(x[1] - x[0])
    if kind == "remove":
        return base + mix(1), mix(1)
    if kind == "add":
        return base, -mix(-1)
    return base + mix(1), mix(1) - mix(-1)


def epsilon(q, sigma, steps, delta, kind):
    weights, losses = pair(q, sigma, kind)

    def moment(tilt):
        terms = weights + tilt * losses
        most = terms.max()
        return most + math.log(np.exp(terms - most).sum())

    def bound(tilt):
        return (steps * moment(tilt) - math.log(delta) + tilt * math.log(tilt / (1 + tilt)) - math.log1p(tilt)) / tilt

    tilts = np.exp(np.linspace(math.log(1e-2), math.log(1e6), 400))
    values = [bound(tilt) for tilt in tilts]
    tilt, estimate = tilts[int(np.argmin(values))], min(values)
    terms = weights + tilt * losses
    tilted = np.exp(terms - terms.max())
    log_total = terms.max() + math.log(tilted.sum())
    tilted /= tilted.sum()
    keep = tilted > 1e-19 * tilted.max()
    tilted, losses = tilted[keep], losses[keep]
    mean = (tilted * losses).sum()
    spread = math.sqrt((tilted * (losses - mean) ** 2).sum() * steps)
    du = 0.01 / max(spread, abs(steps * mean - estimate), 0.2 / (1 + tilt))
    us, logs, u = [], [], 0.0
    while True:
        block = u + du * np.arange(256)
        value = steps * np.log((np.exp(1j * np.outer(block, losses - mean)) * tilted).sum(axis=1))
        us.append(block)
        logs.append(value)
        u = block[-1] + du
        if np.exp(value.real.max()) / abs((tilt + 1j * u) * (tilt + 1j * u + 1)) * tilt * (tilt + 1) < 1e-15:
            break
        if len(us) * 256 > 400000:
            raise RuntimeError("the characteristic function falls too slowly; too few steps for this method")
    us, logs = np.concatenate(us), np.concatenate(logs)
    s = tilt + 1j * us
    rule = np.ones(len(us))
    rule[0] = 0.5

    def log_delta(at):
        integral = (np.exp(logs + 1j * us * (steps * mean - at)) / (s * (s + 1)) * rule).real.sum() * du / math.pi
        return steps * log_total - tilt * at + math.log(integral) if integral > 0 else -math.inf

    low, high = 0.0, max(1.5 * estimate, 1e-6)
    for _ in range(200):
        middle = (low + high) / 2
        if log_delta(middle) > math.log(delta):
            low = middle
        else:
            high = middle
    return high


if __name__ == "__main__":
    for line in open(sys.argv[1]):
        if line.startswith(("#", "q,")):
            continue
        q, sigma, steps, delta, neighbours = line.strip().split(",")[:5]
        kinds = ["remove", "add"] if neighbours == "add-remove" else ["replace"]
        found = max(epsilon(float(q), float(sigma), int(steps), float(delta), kind) for kind in kinds)
        print(f"{q},{sigma},{steps},{delta},{neighbours},{found:.9f}", flush=True)

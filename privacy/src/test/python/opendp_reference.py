"""Writes what OpenDP's own Python package (pip install opendp==0.15.1) gives for deterministic maps, as JSON.

The Java binding must give the same numbers, bit for bit: OpenDpReferenceTest builds the same objects and compares.

    python opendp_reference.py > ../resources/dev/parley/privacy/opendp/reference.json
"""
import json
import sys

import opendp.prelude as dp

dp.enable_features("contrib", "honest-but-curious")
cases = {}


def case(name, value):
    if isinstance(value, tuple):
        value = list(value)
    cases[name] = value


# Stability maps: the largest change of a statistic when d_in records are added or removed (or one is exchanged).
floats = dp.vector_domain(dp.atom_domain(bounds=(-1.5, 2.5), nan=False))
sized = dp.vector_domain(dp.atom_domain(bounds=(-1.5, 2.5), nan=False), size=1000)
ints = dp.vector_domain(dp.atom_domain(bounds=(-3, 7)))
free = dp.vector_domain(dp.atom_domain(T=float, nan=False))
symmetric = dp.symmetric_distance()
for d_in in (1, 2, 7):
    case(f"clamp.map.{d_in}", dp.t.make_clamp(free, symmetric, (-1.5, 2.5)).map(d_in))
    case(f"count.map.{d_in}", dp.t.make_count(free, symmetric).map(d_in))
    case(f"sum.i32.map.{d_in}", dp.t.make_sum(ints, symmetric).map(d_in))
    case(f"sum.f64.sized.map.{d_in}", dp.t.make_sum(sized, symmetric).map(d_in))
    case(f"mean.map.{d_in}", dp.t.make_mean(sized, symmetric).map(d_in))
    case(f"variance.map.{d_in}", dp.t.make_variance(sized, symmetric).map(d_in))
categories = dp.t.make_count_by_categories(
    dp.vector_domain(dp.atom_domain(T=str)), symmetric, ["a", "b", "c"], MO=dp.L2Distance[float], TOA=float)
case("countByCategories.l2.map.1", categories.map(1))
case("countByCategories.invoke", categories(["a", "a", "c", "z"]))
case("findBin.invoke", dp.t.make_find_bin(free, symmetric, [0.0, 1.0, 2.0])([-1.0, 0.5, 1.0, 7.0]))
case("quantileScores.invoke", dp.t.make_quantile_score_candidates(free, symmetric, [0.0, 1.0, 2.0], 0.5)([0.1, 0.2, 1.5, 3.0]))
case("bAryTree.map.1", dp.t.make_b_ary_tree(dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int), 8, 2).map(1))
case("branchingFactor.1000", dp.t.choose_branching_factor(1000))

# Privacy maps.
for scale in (0.5, 1.0, 3.25):
    laplace = dp.m.make_laplace(dp.atom_domain(T=int), dp.absolute_distance(T=int), scale)
    case(f"laplace.i32.map.{scale}", laplace.map(1))
    gaussian = dp.m.make_gaussian(dp.atom_domain(T=int), dp.absolute_distance(T=float), scale)
    case(f"gaussian.i32.map.{scale}", gaussian.map(1.0))
    case(f"gaussian.pure.map.{scale}", dp.c.make_pureDP_to_zCDP(laplace).map(1))
    approximate = dp.c.make_zCDP_to_approxDP(gaussian)
    for delta in (1e-5, 1e-9):
        case(f"gaussian.epsilon.{scale}.{delta}", approximate.map(1.0).epsilon(delta))
        case(f"gaussian.fixed.{scale}.{delta}", dp.c.make_fix_delta(approximate, delta).map(1.0))
    vector = dp.m.make_gaussian(
        dp.vector_domain(dp.atom_domain(T=float, nan=False), size=3), dp.l2_distance(T=float), scale, k=-20)
    case(f"gaussian.f64.vector.map.{scale}", vector.map(1.0))
    case(f"laplace.f64.map.{scale}",
         dp.m.make_laplace(dp.atom_domain(T=float, nan=False), dp.absolute_distance(T=float), scale, k=-20).map(1.0))
case("geometric.map", dp.m.make_geometric(dp.atom_domain(T=int), dp.absolute_distance(T=int), 2.0, (0, 100)).map(3))
case("randomizedResponse.map", dp.m.make_randomized_response_bool(0.75).map(1))
case("randomizedResponse.categories.map", dp.m.make_randomized_response(["a", "b", "c"], 0.6).map(1))
quantile = dp.m.make_private_quantile(
    free, symmetric, dp.max_divergence(), candidates=[0.0, 1.0, 2.0], alpha=0.5, scale=2.0)
case("privateQuantile.map.1", quantile.map(1))
noisy_max = dp.m.make_noisy_max(
    dp.vector_domain(dp.atom_domain(T=float, nan=False)), dp.linf_distance(T=float), dp.max_divergence(), 1.5)
case("noisyMax.map.1", noisy_max.map(1.0))
one = dp.m.make_laplace(dp.atom_domain(T=int), dp.absolute_distance(T=int), 1.0)
two = dp.m.make_laplace(dp.atom_domain(T=int), dp.absolute_distance(T=int), 4.0)
case("composition.map", dp.c.make_composition([one, two]).map(1))
case("amplification.map", dp.c.make_population_amplification(
    dp.t.make_sum(dp.vector_domain(dp.atom_domain(bounds=(0, 1)), size=10), symmetric) >> one, population_size=1000).map(2))
canonical = dp.m.make_canonical_noise(dp.atom_domain(T=float, nan=False), dp.absolute_distance(T=float), 1.0, (1.0, 1e-7))
case("canonical.map", canonical.map(1.0))

# Accuracies.
for alpha in (0.05, 0.01):
    case(f"accuracy.laplace.{alpha}", dp.laplacian_scale_to_accuracy(2.5, alpha))
    case(f"accuracy.gaussian.{alpha}", dp.gaussian_scale_to_accuracy(2.5, alpha))
    case(f"accuracy.discreteLaplace.{alpha}", dp.discrete_laplacian_scale_to_accuracy(2.5, alpha))
    case(f"accuracy.discreteGaussian.{alpha}", dp.discrete_gaussian_scale_to_accuracy(2.5, alpha))
    case(f"scale.laplace.{alpha}", dp.accuracy_to_laplacian_scale(10.0, alpha))
    case(f"scale.gaussian.{alpha}", dp.accuracy_to_gaussian_scale(10.0, alpha))
json.dump({"source": "opendp 0.15.1 (Python)", "cases": cases}, sys.stdout, indent=1)
print()

"""Chance-corrected agreement as arithmetic: everything from sums over cells, so that a bootstrap is one product.

Takes places of levels (units × raters, ``-1`` for none); hands on agreement observed and by chance, and what each
unit adds to them. No tables, no audits.

Notes
-----
With ``r_ik`` ratings of level k on unit i, ``r_i`` in all, n units with a rating, n' with at least two, q levels,
symmetric weights ``w_kl`` (1 on the diagonal), ``T = Σ w_kl``, ``π_k = mean_i r_ik / r_i`` and ``p_gk`` the share of
level k among the ratings of rater g of R:

* observed: ``A = Σ_i a_i / n'`` with ``a_i = Σ_kl w_kl r_ik (r_il − [k = l]) / (r_i (r_i − 1))``
* by chance: 0 (percent agreement), ``T Σ π_k (1 − π_k) / (q (q − 1))`` (AC1, AC2), ``T / q²`` (Brennan–Prediger),
  ``π'wπ`` (Fleiss), ``Σ_{g≠h} p_g'w p_h / (R (R − 1))`` (Conger; Cohen for two raters who rated every unit)
* coefficient: ``(A − E) / (1 − E)``
* Krippendorff's alpha: ``1 − D_o / D_e`` from the matrix of coincidences, written as ``A = (1 − ε) A' + ε``.

Standard errors are Gwet's: the variance of the unit's values after linearisation of the chance term (K. Gwet,
*Handbook of Inter-Rater Reliability*, 4th ed. 2014, ch. 5–6). With several criteria the units of one portal are added
up first, so that they need not be independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WEIGHTS = ("identity", "linear", "quadratic", "ordinal", "rank")
"""How far two levels agree: only if equal, by their distance, its square, Gwet's ordinal weights, or Krippendorff's
ordinal metric, in which two levels are as far apart as there are ratings between them."""

NAMES = (
    "percent agreement",
    "AC1",
    "Brennan-Prediger",
    "Fleiss kappa",
    "Conger kappa",
    "Krippendorff alpha",
)
"""The coefficients in the order of the last axis. Under any weights but identity, AC1 is called AC2."""

PERCENT, AC, _, FLEISS, CONGER, ALPHA = range(len(NAMES))

NO_CHANCE = 1e-12
"""Where chance alone would give full agreement up to this, a coefficient is not defined."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over units, with any leading shape: one set for each draw of a bootstrap."""

    units: np.ndarray  # (…): n
    double: np.ndarray  # (…): n'
    agree: np.ndarray  # (…, q, q): pairs of ratings over r_i (r_i − 1)
    share: np.ndarray  # (…, q): r_ik / r_i
    coincide: np.ndarray  # (…, q, q): pairs of ratings over r_i − 1
    rated: np.ndarray  # (…, R, q): ratings of each rater


@dataclass(frozen=True, eq=False)
class Units:
    """What each unit (first axis) adds to the sums."""

    rating: np.ndarray
    size: np.ndarray
    agree: np.ndarray
    share: np.ndarray
    coincide: np.ndarray
    given: np.ndarray

    def total(self, times: np.ndarray | None = None) -> Sums:
        """Add up the units, each as often as ``times`` (draws, units) says."""
        once = np.ones(len(self.size)) if times is None else times

        def add(values: np.ndarray) -> np.ndarray:
            flat = values.reshape(len(values), -1).astype(float)
            return np.asarray(once @ flat).reshape((*once.shape[:-1], *values.shape[1:]))

        return Sums(
            add(self.size > 0),
            add(self.size > 1),
            add(self.agree),
            add(self.share),
            add(self.coincide),
            add(self.given),
        )


def units_of(rating: np.ndarray, n_levels: int) -> Units:
    """Break a table of ratings (units × raters) down into what each unit adds."""
    given = rating[..., None] == np.arange(n_levels)
    counts = given.sum(axis=1)
    size = counts.sum(axis=1)
    pairs = counts[:, :, None] * (counts[:, None, :] - np.eye(n_levels, dtype=int))
    others = np.where(size > 1, size - 1, np.inf)[:, None, None]
    return Units(
        rating=rating,
        size=size,
        agree=pairs / (others * np.maximum(size, 1)[:, None, None]),
        share=counts / np.maximum(size, 1)[:, None],
        coincide=pairs / others,
        given=given,
    )


def weight_matrix(kind: str, values: np.ndarray, sums: Sums) -> np.ndarray:
    """Return the weights of agreement between levels, shape (…, q, q); 1 on the diagonal.

    A level without a value (NaN) stands on no scale: it agrees with itself only.
    """
    aside = np.isnan(values)
    if aside.any():
        matrix = np.eye(len(values))
        matrix[np.ix_(~aside, ~aside)] = weight_matrix(kind, values[~aside], sums)
        return matrix
    q = len(values)
    place = np.arange(q, dtype=float)
    if kind == "identity" or q < 2:
        return np.eye(q)
    if kind == "ordinal":
        apart = np.abs(place[:, None] - place[None, :]) + 1
        gap = apart * (apart - 1) / 2
    elif kind == "rank":
        margin = sums.coincide.sum(axis=-1)
        middle = margin.cumsum(axis=-1) - margin / 2
        gap = (middle[..., :, None] - middle[..., None, :]) ** 2
    else:
        gap = np.abs(values[:, None] - values[None, :]) ** (1 if kind == "linear" else 2)
    widest = gap.max(axis=(-2, -1), keepdims=True)
    return 1 - gap / np.where(widest > 0, widest, 1)


@dataclass(frozen=True, eq=False)
class Parts:
    """Agreement observed and by chance of each of :data:`NAMES` (last axis).

    ``inner`` is the observed agreement to linearise at: without the correction of alpha for small samples.
    """

    observed: np.ndarray
    inner: np.ndarray
    chance: np.ndarray
    double: np.ndarray

    def values(self) -> np.ndarray:
        """Return the coefficients; NaN where one is not defined."""
        room = 1 - self.chance
        with np.errstate(invalid="ignore", divide="ignore"):
            found = (self.observed - self.chance) / room
        return np.where((room > NO_CHANCE) & (self.double > 0)[..., None], found, np.nan)


def parts_of(sums: Sums, weights: np.ndarray) -> Parts:
    """Return what the coefficients are made of."""
    q = sums.share.shape[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = (weights * sums.agree).sum(axis=(-2, -1)) / sums.double
        share = sums.share / sums.units[..., None]
        total = np.broadcast_to(weights.sum(axis=(-2, -1)), observed.shape)
        ac = total * (share * (1 - share)).sum(axis=-1) / max(q * (q - 1), 1)
        fleiss = _form(share, weights, share)
        margin = sums.coincide.sum(axis=-1)
        ratings = margin.sum(axis=-1)
        alpha = (weights * sums.coincide).sum(axis=(-2, -1)) / ratings
        share = margin / ratings[..., None]
        by_alpha = _form(share, weights, share)
        corrected = (1 - 1 / ratings) * alpha + 1 / ratings
    chance = np.stack(
        [np.zeros_like(ac), ac, total / q**2, fleiss, _conger(sums.rated, weights), by_alpha], axis=-1
    )
    if q < 2:
        chance[..., 1:] = 1.0  # one level only: nothing could have been said but this
    plain = [observed] * ALPHA
    return Parts(
        np.stack([*plain, corrected], axis=-1), np.stack([*plain, alpha], axis=-1), chance, sums.double
    )


def _form(left: np.ndarray, weights: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.einsum("...k,...kl,...l->...", left, weights, right)


def _conger(rated: np.ndarray, weights: np.ndarray) -> np.ndarray:
    n_rated = rated.sum(axis=-1, keepdims=True)
    share = rated / np.where(n_rated > 0, n_rated, 1)
    raters = (n_rated[..., 0] > 0).sum(axis=-1)
    together = share.sum(axis=-2)
    alone = np.einsum("...gk,...kl,...gl->...", share, weights, share)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (_form(together, weights, together) - alone) / (raters * (raters - 1))


def influence(units: Units, sums: Sums, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what each unit adds to observed and to chance agreement, shape (units, coefficients), summing to 0."""
    parts = parts_of(sums, weights)
    rated, double = units.size > 0, units.size > 1
    n, n2 = float(sums.units), float(sums.double)
    a = (units.agree * weights).sum(axis=(1, 2))[:, None]
    observed = np.where(
        rated[:, None],
        (n / n2) * (a - parts.chance * double[:, None]) - (parts.inner - parts.chance),
        0.0,
    )
    share = sums.share / n
    by_ac = -2 * weights.sum() / max(len(share) * (len(share) - 1), 1) * ((units.share - share) @ share)
    by_fleiss = 2 * (units.share - share) @ weights @ share
    chance = np.zeros_like(observed)
    chance[:, AC], chance[:, FLEISS], chance[:, CONGER] = (
        by_ac,
        by_fleiss,
        _conger_influence(units, sums, weights),
    )
    observed, chance = observed / n, np.where(rated[:, None], chance, 0.0) / n
    observed[:, ALPHA], chance[:, ALPHA] = _alpha_influence(units, sums, weights, parts)
    return observed, chance


def _conger_influence(units: Units, sums: Sums, weights: np.ndarray) -> np.ndarray:
    n_rated = sums.rated.sum(axis=-1)
    here = n_rated > 0
    share = sums.rated[here] / n_rated[here, None]
    raters = len(share)
    voted = (units.rating >= 0)[:, here].astype(float)
    change = (units.given[:, here] - voted[..., None] * share) * (float(sums.units) / n_rated[here])[:, None]
    others = (share.sum(axis=0) - share) @ weights
    return 2 * np.einsum("igk,gk->i", change, others) / max(raters * (raters - 1), 1)


def _alpha_influence(
    units: Units, sums: Sums, weights: np.ndarray, parts: Parts
) -> tuple[np.ndarray, np.ndarray]:
    double = units.size > 1
    n2 = float(sums.double)
    mean_size = units.size[double].mean()
    share = sums.coincide.sum(axis=-1) / sums.coincide.sum()
    more = (units.size - mean_size) / mean_size
    inner, by_chance = parts.inner[ALPHA], parts.chance[ALPHA]
    own = (units.coincide * weights).sum(axis=(1, 2)) / mean_size
    counts = units.share * units.size[:, None]
    observed = own - inner * more - inner
    chance = 2 * (counts @ weights @ share / mean_size - by_chance * more - by_chance)
    return np.where(double, observed, 0.0) / n2, np.where(double, chance, 0.0) / n2

"""How many failing criteria the pages not looked at would add: ecology's unseen species, as arithmetic.

Takes a table of failures (criteria × pages); hands on estimates of what was not seen. No tables, no audits.

Notes
-----
t pages of T were looked at, a fraction ``q = t / T``; S criteria fail somewhere, Q₁ of them on one page, Q₂ on two.
Sampling without replacement (A. Chao & C.-W. Lin, *Biometrics* 68 (2012) 912–921):

``f = Q₁² / (2 w Q₂ + r Q₁)``, ``w = t / (t − 1)``, ``r = q / (1 − q)``

``var f = f + (2 w Q₂ f² + Q₁² f)² / Q₁⁵ + 4 w² Q₂ (f / Q₁)⁴``

With T unknown and large r is 0, and this is Chao's second estimator (A. Chao, *Biometrics* 43 (1987) 783–791), with
``Q₁ (Q₁ − 1) / 2w`` where Q₂ is 0. Both are lower bounds: failures on pages unlike all that were looked at are not
in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

GOALS = (0.80, 0.90, 0.95)
"""Shares of the estimated failing criteria that a plan may want to see."""


@dataclass(frozen=True)
class Unseen:
    """What pages show of the failing criteria, and what they are estimated to leave unseen."""

    pages: int
    total: float
    seen: int
    once: int
    twice: int
    unseen: float
    se: float
    low: float
    high: float
    coverage: float

    def more_pages(self, goal: float, known: int = 0) -> float:
        """Return how many further pages are expected to bring what is seen to a share of the estimated total.

        Parameters
        ----------
        goal : float
        known : int
            Failing criteria known from elsewhere, which count as seen.

        Notes
        -----
        An unseen criterion shows on a further page with probability ``h = Q₁ / (t f + Q₁)`` (A. Chao et al.,
        *Ecology* 90 (2009) 1125–1133); of the ``R = T − t`` pages left it is on ``K = hR``, so that m further pages
        leave it unseen with ``C(R − K, m) / C(R, m)``, or ``(1 − h)^m`` where R is unknown and large.
        """
        wanted = goal * (known + self.seen + self.unseen) - known - self.seen
        if not self.unseen >= 0:
            return np.nan
        if wanted <= 1e-9:
            return 0.0
        rest = 1 - wanted / self.unseen
        chance = self.once / (self.pages * self.unseen + self.once)
        if not np.isfinite(self.total):
            return float(np.ceil(np.log(rest) / np.log1p(-chance) - 1e-9))
        left = int(self.total) - self.pages
        return float(_draws_until(rest, max(chance * left, 1.0), left))


def _draws_until(rest: float, on_pages: float, total: int) -> int:
    """Return the least number of draws that leaves ``rest`` of the criteria on ``on_pages`` of ``total`` unseen."""
    from scipy.special import gammaln

    def missed(m: int) -> float:
        free = total - on_pages
        if m > free:
            return 0.0
        log = gammaln(free + 1) - gammaln(free - m + 1) - gammaln(total + 1) + gammaln(total - m + 1)
        return float(np.exp(log))

    low, high = 0, total
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if missed(middle) <= rest + 1e-9 else (middle + 1, high)
    return low


def stay_unseen(on_pages: np.ndarray | float, total: int, draws: np.ndarray | int) -> np.ndarray:
    """Return the probability that ``draws`` of ``total`` pages miss all ``on_pages`` of a criterion, C(T−K, m)/C(T, m).

    As the product of ``(T − K − j) / (T − j)``, which also holds for a K between whole numbers.
    """
    k, m = np.broadcast_arrays(np.asarray(on_pages, dtype=float), np.asarray(draws))
    missed = np.ones(k.shape)
    for j in range(int(m.max(initial=0))):
        missed = np.where(j < m, missed * np.maximum(total - k - j, 0.0) / (total - j), missed)
    return missed


def estimate_unseen(fails: np.ndarray, total: float = np.inf, level: float = 0.95) -> Unseen:
    """Estimate how many failing criteria the pages leave unseen.

    Parameters
    ----------
    fails : ndarray of bool, shape (criteria, pages)
    total : float
        Pages in all; infinite if unknown.
    level : float

    Returns
    -------
    Unseen
        One page only: nothing can be estimated, all is NaN. All pages: nothing is unseen, and the interval has no
        width.

    Notes
    -----
    The interval of f is log-normal, ``f / K`` to ``f K`` with ``K = exp(z √(log(1 + v / f²)))`` (Chao 1987), but v
    is the analytic variance plus that of a jackknife over pages: criteria fail together on the same page, which the
    analytic variance does not know. On five audits of 12 to 18 pages, of which 5 are looked at, a nominal 90 % of it
    covers the full audit in 89–99 %; without the jackknife 60–86 %.

    Where no unseen criterion is estimated the lower limit is S, and the upper one ``(S + z √v) / (1 − P)``, of counts
    K of pages with chances ``u_K = (1 − q) exp(−K)`` to stay unseen: ``P = Σ u_K / S``, ``v = Σ u_K (1 − u_K) −
    (Σ K u_K)² / t`` (A. Chao & T.-J. Shen, *SPADE*, 2010, with the factor ``1 − q``). Sample coverage is ``1 − (1 − q)
    (Q₁ / M) (t − 1) Q₁ / ((t − 1) Q₁ + 2 Q₂)`` with M failures on pages, the last ratio being
    ``(t − 1) (Q₁ − 1) / ((t − 1) (Q₁ − 1) + 2)`` where Q₂ is 0 (A. Chao & L. Jost, *Ecology* 93 (2012) 2533–2547,
    with the factor ``1 − q``).
    """
    pages = fails.shape[1]
    count = fails.sum(axis=1)
    seen, once, twice = (int(part.sum()) for part in (count > 0, count == 1, count == 2))
    if pages >= total:
        return Unseen(pages, total, seen, once, twice, 0.0, 0.0, seen, seen, 1.0)
    if pages < 2:
        return Unseen(pages, total, seen, once, twice, *[np.nan] * 5)
    unseen, variance = lower_bound(once, twice, pages, total, seen)
    both = variance + jackknife(fails, total)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    low, high = limits(count[count > 0], unseen, both, pages, total, z)
    covered = coverage(once, twice, int(count.sum()), pages, total)
    return Unseen(pages, total, seen, once, twice, unseen, float(np.sqrt(both)), low, high, covered)


def lower_bound(once: int, twice: int, pages: int, total: float, seen: int) -> tuple[float, float]:
    """Return the estimated number of unseen criteria and its analytic variance.

    ``seen`` is needed only for the variance where none was seen twice and T is infinite.
    """
    w = pages / (pages - 1)
    q = pages / total
    if once == 0:
        return 0.0, 0.0
    if twice == 0 and q == 0:
        unseen = once * (once - 1) / 2 / w
        spread = once * (2 * once - 1) ** 2 / 4 - once**4 / (seen + unseen) / 4
        return unseen, max((spread / w + once * (once - 1) / 2) / w, 0.0)
    unseen = once**2 / (2 * w * twice + once * q / (1 - q))
    variance = unseen + (2 * w * twice * unseen**2 + once**2 * unseen) ** 2 / once**5
    return unseen, variance + 4 * w**2 * twice * (unseen / once) ** 4


def jackknife(fails: np.ndarray, total: float) -> float:
    """Return the jackknife variance over pages of the estimated number of failing criteria; 0 below three pages."""
    pages = fails.shape[1]
    if pages < 3:
        return 0.0
    count = fails.sum(axis=1)[:, None] - fails
    found = []
    for left in count.T:
        seen, once, twice = (int(part.sum()) for part in (left > 0, left == 1, left == 2))
        found.append(seen + lower_bound(once, twice, pages - 1, total, seen)[0])
    return float((pages - 1) / pages * ((np.array(found) - np.mean(found)) ** 2).sum())


def limits(
    count: np.ndarray, unseen: float, variance: float, pages: int, total: float, z: float
) -> tuple[float, float]:
    """Return limits of the number of failing criteria, from the pages that each one seen fails on."""
    seen = len(count)
    if seen == 0:
        return 0.0, np.nan
    if unseen > 0:
        factor = np.exp(z * np.sqrt(np.log1p(variance / unseen**2)))
        return seen + unseen / factor, seen + unseen * factor
    missed = (1 - pages / total) * np.exp(-count.astype(float))
    share = float(missed.mean())
    spread = float((missed * (1 - missed)).sum() - (count * missed).sum() ** 2 / pages)
    middle, half = seen / (1 - share), z * np.sqrt(max(spread, 0.0)) / (1 - share)
    return float(seen), max(middle + half, float(seen))


def coverage(once: int, twice: int, failures: int, pages: int, total: float) -> float:
    """Return the estimated share of all failures (on any page) that belongs to criteria seen to fail."""
    if failures == 0:
        return np.nan
    if once == 0:
        return 1.0
    first, second = (once, 2 * twice) if twice else (once - 1, 2)
    rare = (pages - 1) * first / ((pages - 1) * first + second)
    return float(1 - (1 - pages / total) * once / failures * rare)


def discovery_curve(fails: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of the failing criteria that 1, 2 … of the pages show, drawn at random.

    Notes
    -----
    Exact: ``Σ_c 1 − u_c`` with ``u_c = C(t − K_c, m) / C(t, m)``, and the variance ``Σ_cd u_cd − u_c u_d`` with
    ``u_cd`` the probability of missing all pages of both (K. Ugland et al., *J. Anim. Ecol.* 72 (2003) 888–897).
    """
    here = fails[fails.any(axis=1)]
    pages = fails.shape[1]
    either = pages - (~here).astype(int) @ (~here).T.astype(int)
    draws = np.arange(1, pages + 1)
    missed = stay_unseen(here.sum(axis=1)[:, None], pages, draws)
    both = stay_unseen(either[..., None], pages, draws).sum(axis=(0, 1)) - missed.sum(axis=0) ** 2
    return (1 - missed).sum(axis=0), np.sqrt(np.maximum(both, 0.0))


def share_limits(
    failing: np.ndarray, pages: int, total: float, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return exact limits of the share of all pages that fail, from ``failing`` of ``pages`` looked at.

    Notes
    -----
    Of a finite number T: the numbers K of failing pages that the hypergeometric tail probabilities do not rule out,
    each at ``(1 − level) / 2`` (W. Cochran, *Sampling Techniques*, 3rd ed. 1977, § 3.6); else Clopper–Pearson.
    """
    from scipy import stats

    x, tail = np.asarray(failing), 0.5 - level / 2
    if not np.isfinite(total):
        low = np.where(x == 0, 0.0, stats.beta.ppf(tail, np.maximum(x, 1), pages - x + 1))
        return low, np.where(x == pages, 1.0, stats.beta.ppf(1 - tail, x + 1, np.maximum(pages - x, 1)))
    possible = np.arange(int(total) + 1)
    values = np.arange(pages + 1)[:, None]
    law = stats.hypergeom(int(total), possible[None, :], pages)
    low = (law.sf(values - 1) > tail).argmax(axis=1)
    high = int(total) - (law.cdf(values) > tail)[:, ::-1].argmax(axis=1)
    return low[x] / total, high[x] / total

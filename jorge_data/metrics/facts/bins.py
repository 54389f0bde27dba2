"""Bins: the equal parts of a scale that spreads are drawn in, named by their lower end."""

_TENTHS = [str(10 * tenth) for tenth in range(10)]
_TWENTIETHS = [f"{twentieth / 20:.2f}" for twentieth in range(20)]


def tenth(score: float) -> str:
    """Return the bin of a score of 0–100: "0", "10", … "90", which holds 100 as well."""
    return _TENTHS[min(int(score // 10), 9)]


def twentieth(share: float) -> str:
    """Return the bin of a share of 0–1: "0.00", "0.05", … "0.95", which holds 1 as well."""
    # 0.15 * 20 is a hair over 3, 0.35 * 20 a hair under 7: the decimal that was meant decides.
    return _TWENTIETHS[min(int(round(share * 20, 9)), 19)]

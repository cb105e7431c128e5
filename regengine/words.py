"""Words that several rooms say, in English and Chinese: spans of time, manners of inspection, lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from .rulebook.values import Span

__all__ = ["MANNERS", "UNITS", "Pairs", "listed", "pick", "span_words"]

Pairs = Mapping[str, tuple[str, str]]
MANNERS: Pairs = MappingProxyType({"remote": ("remote", "非现场检查"), "document": ("of documents", "书面检查"), "site": ("on site", "现场检查")})
UNITS: Pairs = MappingProxyType({"day": ("day", "日"), "working day": ("working day", "个工作日"), "month": ("month", "个月"), "year": ("year", "年")})


def pick(pair: tuple[str, str], lang: str) -> str:
    """One of two texts, English and Chinese, by language."""
    return pair[1] if lang == "zh" else pair[0]


def listed(words: Iterable[str], lang: str) -> str:
    """Words one after another."""
    return pick((", ", "、"), lang).join(words)


def span_words(span: Span, lang: str) -> str:
    """A span of time."""
    return f"{span.count}{UNITS[span.unit][1]}" if lang == "zh" else str(span)

"""Choosing the language variant of a text (SPEC section 4)."""

from collections.abc import Iterator, Mapping


def variant(text: str, variants: Mapping[str, str], language: str | None) -> str:
    """The text in the customer's language; the default text where there is no such variant."""
    return variants.get(language, text) if language else text


def candidates(text: str, variants: Mapping[str, str], language: str | None) -> Iterator[str]:
    """The forms in which an answer counts: the customer's own, or every one while the language is not known."""
    yield variant(text, variants, language)
    if language is None:
        yield from variants.values()


_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee
el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is
it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms
mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk
sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi
yo za zh zu
"""
ISO_639_1 = frozenset(_CODES.split())
"""The two-letter language codes of ISO 639-1."""

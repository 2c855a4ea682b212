import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.anchors import difference, find, nearest, sentences, stands

TEXT = "Veltrine does not act at once. It lowered p to p > 0.05, by −12%.\nIt is non-addictive; “it” cures."


@pytest.mark.parametrize(
    ("phrase", "stands"),
    [
        ("does not act", True),
        ("does act", False),
        ("p > 0.05", True),
        ("p < 0.05", False),
        ("−12%", True),
        ("12%", False),
        ("+12%", False),
        ("0.05", True),
        ("0.0", False),
        ("addictive", False),
        ("veltrine", False),
        ("“it” cures", True),
        ('"it" cures', False),
        ("−12%. It is", True),
        ("", False),
    ],
)
def test_a_phrase_stands_letter_by_letter_or_not_at_all(phrase: str, stands: bool) -> None:
    assert bool(find(phrase, TEXT)) is stands


def test_offsets_are_code_points_of_the_text_as_given() -> None:
    text = "🙂 cafe\u0301  open, café\topen"
    places = find("café open", text)
    assert [text[p.start : p.end] for p in places] == ["cafe\u0301  open", "café\topen"]


@given(
    st.lists(
        st.sampled_from(["sleep", "é", "e\u0301", "3.5", "not", "so🙂", "Ångström", "x-y"]), min_size=1, max_size=12
    ),
    st.data(),
)
def test_every_run_of_words_is_found_where_it_stands(words: list[str], data: st.DataObject) -> None:
    text = "  ".join(words)
    i = data.draw(st.integers(0, len(words) - 1))
    j = data.draw(st.integers(i + 1, len(words)))
    phrase = unicodedata.normalize("NFC", " ".join(words[i:j]))
    start = sum(len(w) + 2 for w in words[:i])
    assert start in [p.start for p in find(phrase, text)] or any(p.start < start < p.end for p in find(phrase, text))


_SIGNS = st.text(alphabet="ab01 .,;:()-'%&<\n\"*_[/+=é", max_size=14)


@given(_SIGNS, _SIGNS, st.data())
def test_the_short_way_says_what_the_long_one_says(text: str, phrase: str, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.integers(0, len(text))) for _ in range(2))
    for wanted in (phrase, text[start:end], text[start:end].strip()):
        assert stands(wanted, text) == bool(find(wanted, text))


def test_near_matches_say_what_differs() -> None:
    (place, *_) = nearest("does really act at once.", TEXT)
    assert place.text == "does not act at once."
    assert difference("does really act at once.", place.text) == "'really' is 'not' in the text"


def test_sentences_keep_abbreviations_and_split_lines() -> None:
    text = "Title here\n\nSmith et al. (2020) found it, i.e. not. Was it so?\nYes: it was."
    assert [text[s.start : s.end] for s in sentences(text)] == [
        "Title here",
        "Smith et al. (2020) found it, i.e. not.",
        "Was it so?",
        "Yes:",
        "it was.",
    ]

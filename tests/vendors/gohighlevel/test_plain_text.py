"""HTML mail as a reader sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.vendors.gohighlevel.message import MAX_TEXT, cut, from_html


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("a  b\n\tc&nbsp;d", "a b c d"),
        ("Fish &amp; chips &#128512; &lt;b&gt;", "Fish & chips 😀 <b>"),
        ("<style>p{color:red}</style><script>alert(1)</script>seen<title>t</title>", "seen"),
        ("<head><meta charset=x></head><body>seen</body>", "seen"),
        ("<img src=x onerror=alert(1)>after", "after"),
        ("a<!-- hidden -->b", "ab"),
        ("<p>never closed <b>bold", "never closed bold"),
        ("</p></script>stray", "stray"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
    ],
)
def test_tags_go_and_words_stay(markup: str, text: str) -> None:
    assert from_html(markup) == text


@pytest.mark.parametrize(
    "piece", ["<a ", "<a x='", "<a =", "<!--", "<![", "<!", "<?", "</", "&", "<script>", "<p>", "<"]
)
def test_a_strangers_megabyte_is_read_in_time_that_grows_with_its_length_alone(piece: str) -> None:
    assert len(from_html(piece * (1_000_000 // len(piece)))) <= 1_000_000


@given(st.text(max_size=300))
def test_any_text_is_read(markup: str) -> None:
    assert from_html(markup) == from_html(markup).strip()


@given(st.text(max_size=100), st.integers(60, 80))
def test_a_cut_text_is_never_longer(text: str, length: int) -> None:
    assert len(cut(text, length)) <= length
    assert cut(text, MAX_TEXT) == text

"""The law of a session's id: with boot and nonce it tells how many sessions came before."""

from hypothesis import given
from hypothesis import strategies as st

from pumpbench.firmware_emu.sessions import session_id_of
from pumpbench.hil.replay.open_count import open_count_of

WORDS = st.integers(min_value=0, max_value=(1 << 32) - 1)


@given(boot_count=WORDS, open_count=WORDS, nonce=WORDS)
def test_open_count_of_an_id_is_that_which_made_it(boot_count: int, open_count: int, nonce: int) -> None:
    assert open_count_of(session_id_of(boot_count, open_count, nonce), boot_count, nonce) == open_count

"""Timelines for property tests."""

from hypothesis import strategies as st

from mockserver.contract.lifecycle import Outcome, Timeline


def timelines(instants: st.SearchStrategy[int]) -> st.SearchStrategy[Timeline]:
    """Every timeline whose instants are of these, sensible or not."""
    return st.builds(
        Timeline,
        initiated=instants,
        starts_at=st.none() | instants,
        ends_at=st.none() | instants,
        outcome=st.none() | st.sampled_from(Outcome),
        abort_requested_at=st.none() | instants,
    )

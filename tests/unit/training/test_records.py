from hypothesis import given
from hypothesis import strategies as st

from l2tui.training.records import ALL_RECORDED, is_recorded


def test_every_epoch_up_to_4096_then_every_second_fourth_eighth():
    assert all(is_recorded(epoch) for epoch in range(ALL_RECORDED + 1))
    for stride, start in ((2, 4096), (4, 8192), (8, 16384), (16, 32768)):
        kept = [epoch for epoch in range(start + 1, 2 * start + 1) if is_recorded(epoch)]
        assert kept == list(range(start + stride, 2 * start + 1, stride))


@given(st.integers(1, 10**12))
def test_a_longer_run_keeps_at_most_as_many_more_for_each_doubling(epoch):
    """From the definition: the stride is the smallest power of two that leaves 4,096 or fewer up to the epoch."""
    stride = 1
    while epoch > ALL_RECORDED * stride:
        stride *= 2
    assert is_recorded(epoch) == (epoch % stride == 0)

"""What ``python -m benchmarks.stops`` needs is said before anything is started."""

import pytest

from benchmarks.stops.__main__ import read


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--recipients", "2000"], "--recipients: at least 3,001"),
        (["--recipients", "3000"], "--recipients: at least 3,001"),
        (["--stops", "0"], "--stops: at least 1."),
    ],
)
def test_too_few_are_an_error_of_the_arguments(argv, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        read(argv)

    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_just_enough_are_taken():
    options = read(["--recipients", "3001", "--stops", "1"])

    assert (options.recipients, options.stops) == (3001, 1)

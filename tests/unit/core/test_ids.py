"""Ids sort by the time they were made."""

import threading

from everword.core.ids import is_id, new_id


def test_ids_of_one_process_only_grow() -> None:
    """Ten thousand ids made at once, by four threads, are all different, and each thread's are in order."""
    made: list[list[str]] = [[] for _ in range(4)]
    threads = [threading.Thread(target=lambda out=out: out.extend(new_id() for _ in range(2500))) for out in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(ids == sorted(ids) for ids in made)
    assert len({each for ids in made for each in ids}) == 10_000


def test_an_id_is_a_version_7_uuid_in_canonical_text() -> None:
    """The version and variant are those of RFC 9562, and only the canonical form counts as an id."""
    made = new_id()
    assert made[14] == "7"
    assert made[19] in "89ab"
    assert is_id(made)
    assert not is_id(made.upper())
    assert not is_id(made.replace("-", ""))
    assert not is_id("../etc/passwd")

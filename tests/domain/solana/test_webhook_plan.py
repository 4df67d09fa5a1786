"""What it takes until Helius watches whom we watch."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.solana.webhook_plan import Change, Webhook, plan

URL, SECRET = "https://inbox/webhooks/helius", "hidden-word"
OURS = Webhook("1", URL, frozenset({"a", "b"}), auth_header=SECRET)
NAMES = st.frozensets(st.sampled_from("abcdefghijkl"), max_size=12)


def calls(wanted: str, *found: Webhook, most: int = 3) -> list[tuple[str, str]]:
    changes, _ = plan(wanted, found, URL, SECRET, most)
    return [(one.call, "".join(sorted(one.webhook.addresses))) for one in changes]


def test_what_is_as_it_should_be_costs_no_call() -> None:
    assert calls("ab", OURS) == []


def test_who_is_new_goes_where_there_is_room_and_then_to_a_new_one() -> None:
    assert calls("abcd", OURS) == [("replace", "abc"), ("create", "d")]


def test_who_is_not_watched_any_more_is_left_out_and_an_empty_one_deleted() -> None:
    assert calls("b", OURS) == [("replace", "b")]
    assert calls("", OURS) == [("delete", "ab")]


def test_one_that_was_switched_off_is_switched_on() -> None:
    """Helius does so where deliveries fail; while it is off nothing comes."""
    assert calls("ab", replace(OURS, is_active=False)) == [("switch on", "ab")]


def test_other_terms_or_another_secret_replace_it() -> None:
    for other in (
        replace(OURS, kind="enhanced"),
        replace(OURS, types=("SWAP",)),
        replace(OURS, status="all"),
        replace(OURS, auth_header="x"),
    ):
        ((call, _),) = calls("ab", other)
        assert call == "replace"


def test_somebody_else_s_stay_as_they_are() -> None:
    theirs = replace(OURS, id="2", url="https://elsewhere")
    changes, others = plan("ab", [theirs], URL, SECRET)
    assert others == [theirs]
    assert [one.call for one in changes] == ["create"]


def test_why_holds_no_secret() -> None:
    changes, _ = plan("abc", [replace(OURS, auth_header="former")], URL, SECRET)
    assert all("former" not in one.why and SECRET not in one.why for one in changes)


def carried_out(found: list[Webhook], changes: list[Change]) -> list[Webhook]:
    after = {one.id: one for one in found}
    for number, change in enumerate(changes):
        if change.call == "delete":
            del after[change.webhook.id]
        else:
            name = change.webhook.id or f"new {number}"
            after[name] = replace(change.webhook, id=name, is_active=True)
    return list(after.values())


@given(NAMES, st.lists(NAMES.filter(bool), max_size=4), st.integers(1, 5))
def test_once_carried_out_everybody_is_watched_once_and_nothing_is_left_to_do(
    wanted: frozenset[str], watched: list[frozenset[str]], most: int
) -> None:
    found = [Webhook(str(number), URL, addresses, auth_header=SECRET) for number, addresses in enumerate(watched)]
    after = carried_out(found, plan(wanted, found, URL, SECRET, most)[0])
    listed = [name for one in after for name in one.addresses]
    assert sorted(listed) == sorted(wanted)
    assert all(1 <= len(one.addresses) <= most for one in after)
    assert plan(wanted, after, URL, SECRET, most)[0] == []

"""What was judged and why, what we hold, what came of it: the operator's page. It reads and never writes."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="Walletflow", css_file="copy_trading.css")

with app.setup:
    import marimo as mo

    from data_contracts import Venue
    from data_contracts.errors import WalletflowError
    from notebooks.pages import trouble
    from notebooks.pages.asked import asked_of, element_of
    from notebooks.pages.tabs import TABS
    from notebooks.pages.view import view_of, zones
    from notebooks.queries.house import EVERYTHING, WINDOWS, house_of


@app.cell(hide_code=True)
def _():
    _query = mo.query_params()
    given = {name: str(_query.get(name) or "") for name in ("tab", "replay", "wallet", "reason", "cluster")}
    _first = given["tab"] if given["tab"] in TABS else next(iter(TABS))
    tab = mo.ui.radio(list(TABS), value=_first, inline=True, on_change=lambda name: _query.set("tab", name))
    replay = mo.ui.text(
        value=given["replay"],
        placeholder="empty: the live house",
        label="Replay",
        on_change=lambda name: _query.set("replay", name) if name else _query.remove("replay"),
    )
    refresh = mo.ui.refresh(options=["10s", "30s", "1m", "5m"], default_interval="30s", label="Refresh")
    zone = mo.ui.dropdown(zones(), value="UTC", label="Times")
    return given, refresh, replay, tab, zone


@app.cell(hide_code=True)
def _(replay):
    failure, _house = None, None
    try:
        _house = house_of(replay.value)
        _names = _house.strategies["strategy_id"].to_list()
    except WalletflowError as error:
        failure, _names = error, []
    window = mo.ui.dropdown([*WINDOWS, EVERYTHING], value=EVERYTHING if replay.value.strip() else "24 hours", label="Look back")
    strategy = mo.ui.dropdown({"all": None} | {name: name for name in _names}, value="all", label="Strategy")
    venue = mo.ui.dropdown({"all": None} | {member.value: member.value for member in Venue}, value="all", label="Venue")
    return failure, strategy, venue, window


@app.cell(hide_code=True)
def _(refresh, replay, strategy, tab, venue, window, zone):
    mo.Html(
        f"<header class='wf-head'><h1>Walletflow</h1><div class='wf-filters'>{''.join(one.text for one in (window, venue, strategy, zone, refresh, replay))}</div></header>"
        f"<nav class='wf-tabs'>{tab.text}</nav>"
    )
    return


@app.cell(hide_code=True)
def _(given, replay, tab):
    filters = None
    try:
        _asked = TABS[tab.value].filters(house_of(replay.value), given if tab.value == given["tab"] else {})
        filters = mo.ui.dictionary({name: element_of(one) for name, one in _asked.items()})
    except WalletflowError:
        filters = mo.ui.dictionary({})  # what does not answer is said below
    mo.Html(f"<div class='wf-filters wf-own'>{''.join(one.text for one in filters.elements.values())}</div>") if filters.elements else None
    return (filters,)


@app.cell(hide_code=True)
def _(failure, filters, refresh, replay, strategy, tab, venue, window, zone):
    refresh.value  # read again at each tick
    try:
        if failure is not None:
            raise failure
        _house = house_of(replay.value)
        _asked = asked_of(_house, window.value, strategy.value, venue.value, filters.value)
        _shown = TABS[tab.value].show(_house, view_of(_house, zone.value, replay.value), _asked)
    except WalletflowError as error:
        _shown = trouble.said(error, bool(replay.value.strip()))
    mo.Html(f"<main class='wf-page' data-tab='{tab.value}'>{_shown}</main>")
    return


if __name__ == "__main__":
    app.run()

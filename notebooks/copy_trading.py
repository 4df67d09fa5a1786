"""What was judged and why, what we hold, what came of it: the operator's page. It reads and never writes."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="Walletflow: copy trading", css_file="copy_trading.css")

with app.setup:
    from datetime import UTC, datetime

    import marimo as mo
    import results_charts as charts
    import results_coins as coins
    import results_figures as figures
    import results_formats as formats
    import results_reading as reading
    import results_solana as solana
    import results_tables as tables
    import results_usd as usd

    from data_contracts import Reason, Venue, Verdict
    from data_contracts.errors import WalletflowError


@app.function
def table(frame, page_size=10):
    """A table as all of them look here: figures formatted, the full address in a tooltip, everything in the download."""
    return mo.ui.table(
        frame,
        selection=None,
        page_size=page_size,
        pagination=frame.height > page_size,
        show_column_summaries=False,
        show_data_types=False,
        format_mapping={name: formats.FORMATS[name] for name in frame.columns if name in formats.FORMATS},
        text_justify_columns={name: "right" for name in frame.columns if name in formats.RIGHT | formats.SIGNED},
        column_widths={name: width for name, width in formats.WIDTHS.items() if name in frame.columns},
        header_tooltip={name: text for name, text in formats.MEANINGS.items() if name in frame.columns},
        style_cell=lambda _row, column, value: formats.style(column, value),
        hover_template=lambda _row, column, value: formats.hover(column, value),
        max_columns=None,
    )


@app.cell(hide_code=True)
def _():
    query = mo.query_params()
    replay = mo.ui.text(
        value=str(query.get("replay") or ""),
        placeholder="empty: the live house",
        full_width=True,
        on_change=lambda name: query.set("replay", name) if name else query.remove("replay"),
    )
    refresh = mo.ui.refresh(options=["10s", "30s", "1m", "5m"], default_interval="30s", label="Refresh")
    return refresh, replay


@app.cell(hide_code=True)
def _(replay):
    settings_error, settings = None, None
    try:
        settings = reading.settings_for(replay.value)
    except WalletflowError as error:
        settings_error = error
    is_replay = bool(replay.value.strip())
    window = mo.ui.dropdown(
        [*reading.WINDOWS, reading.EVERYTHING], value=reading.EVERYTHING if is_replay else "24 hours", label="Look back"
    )
    strategy = mo.ui.dropdown(
        {"all": None} | {name: name for name in (reading.strategy_names(settings) if settings else [])}, value="all", label="Strategy"
    )
    venue = mo.ui.dropdown({"all": None} | {member.value: member.value for member in Venue}, value="all", label="Venue")
    return is_replay, settings, settings_error, strategy, venue, window


@app.cell(hide_code=True)
def _(refresh, replay, strategy, venue, window):
    _replay = mo.hstack([mo.Html("Replay"), replay.style(width="250px")], justify="start", align="center", gap=0.4)
    mo.vstack(
        [mo.md("# Copy trading"), mo.hstack([_replay, window, venue, strategy, refresh], justify="start", gap=1.5, wrap=True)],
        gap=0.75,
    )
    return


@app.cell(hide_code=True)
def _(is_replay, refresh, settings, settings_error, venue, window):
    refresh.value  # read again at each tick
    found, context, chain, failure = None, None, None, settings_error
    try:
        if failure is None:
            found = reading.of_venue(usd.in_usd(reading.look(settings, window.value, datetime.now(UTC), is_replay)), venue.value)
            context = reading.context_of(found, settings)
            chain = solana.look_at_solana(settings, found) if venue.value in (None, Venue.SOLANA) else None
    except WalletflowError as error:
        failure = error
    return chain, context, failure, found


@app.cell(hide_code=True)
def _(chain, context, failure, found, is_replay):
    _lines = [mo.callout(mo.Html(figures.trouble(failure, is_replay)), kind="danger")] if failure else []
    if found is not None:
        _lines = [
            mo.callout(mo.plain_text(text), kind="warn")
            for text in [*context.missing, *([chain.missing] if chain and chain.missing else [])]
        ]
    mo.vstack(_lines) if _lines else None
    return


@app.cell(hide_code=True)
def _(found, is_replay, strategy):
    mo.stop(found is None)
    mo.vstack(
        [
            mo.md("## Where do we stand?"),
            mo.Html(figures.figures(found, strategy.value, is_replay)),
            mo.Html(figures.states(found, strategy.value)),
        ],
        gap=0.75,
    )
    return


@app.cell(hide_code=True)
def _(found, strategy):
    mo.stop(found is None)
    _risks = tables.of_strategy(found.risks, strategy.value)
    _points = tables.curve(tables.of_strategy(found.equity, strategy.value), _risks, found.cycle_at or found.now)
    mo.vstack(
        [
            mo.md("## What came of it so far?"),
            charts.equity_chart(_points, tables.of_strategy(found.strategies, strategy.value))
            if _points.height
            else mo.Html(figures.quiet("No equity yet: the first cycle draws the first point.")),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    verdict = mo.ui.dropdown({"all": None} | {member.value: member.value for member in Verdict}, value="all", label="Verdict")
    reasons = mo.ui.multiselect([member.value for member in Reason], label="Reasons")
    return reasons, verdict


@app.cell(hide_code=True)
def _(found, reasons, verdict):
    mo.stop(found is None)
    mo.vstack([mo.md("## What did we judge, and why?"), mo.hstack([verdict, reasons], justify="start", gap=1.5, wrap=True)])
    return


@app.cell(hide_code=True)
def _(context, found, reasons, settings, strategy, verdict):
    mo.stop(found is None)
    _judged = tables.of_strategy(found.signals, strategy.value)
    _shown = tables.signals_shown(tables.with_orders(_judged, found.orders), context.markets, verdict.value, reasons.value)
    _text = figures.no_signal_yet(settings) if not _judged.height else "No signal with this verdict and reason in the window."
    table(_shown) if _shown.height else mo.Html(figures.quiet(_text))
    return


@app.cell(hide_code=True)
def _(found, strategy):
    mo.stop(found is None or not found.signals.height)
    _counts = tables.reason_counts(tables.of_strategy(found.signals, strategy.value))
    mo.vstack([mo.md("### Which rule decides how often"), charts.reason_chart(_counts)]) if _counts.height else None
    return


@app.cell(hide_code=True)
def _(context, found, strategy):
    mo.stop(found is None)
    _open = tables.open_shown(tables.of_strategy(found.open_positions, strategy.value), context.markets)
    _closed = tables.closed_shown(tables.of_strategy(found.closed_positions, strategy.value), context.markets)
    mo.vstack(
        [
            mo.md("## What do we hold, and what did it earn?"),
            mo.md(f"### Open: {_open.height:,}"),
            table(_open) if _open.height else mo.Html(figures.quiet("Nothing is held.")),
            mo.md(f"### Closed: {_closed.height:,}"),
            table(_closed) if _closed.height else mo.Html(figures.quiet("Nothing was closed in the window.")),
        ]
    )
    return


@app.cell(hide_code=True)
def _(context, found, strategy):
    mo.stop(found is None)
    _followed = tables.of_strategy(found.leaders, strategy.value)
    _leaders = tables.leaders_shown(_followed, context.profiles, context.skills, context.owners)
    mo.vstack(
        [
            mo.md("## Whom do we follow, and why?"),
            table(_leaders)
            if _leaders.height
            else mo.Html(figures.quiet("Nobody yet: the flow wallet-profiling chooses leaders by their record.")),
        ]
    )
    return


@app.cell(hide_code=True)
def _(chain, found, strategy):
    mo.stop(chain is None)
    _scores = coins.scores_shown(tables.of_strategy(chain.scores, strategy.value), found.signals, chain.coins)
    _orders = coins.orders_shown(tables.of_strategy(chain.orders, strategy.value), chain.coins, found.rates)
    mo.vstack(
        [
            mo.md("## Solana: what did each score stand on, and what was ordered?"),
            table(_scores) if _scores.height else mo.Html(figures.quiet(figures.NO_SCORE_YET)),
            mo.md(f"### Orders: {_orders.height:,}"),
            table(_orders) if _orders.height else mo.Html(figures.quiet(figures.NO_SOL_ORDER_YET)),
        ]
    )
    return


@app.cell(hide_code=True)
def _(chain):
    mo.stop(chain is None)
    _coins = coins.coins_shown(chain)
    _buyers = coins.buyers_shown(chain.buyers, chain.coins)
    mo.vstack(
        [
            mo.md("## Solana: which coins do we know, and who bought them first?"),
            mo.md(f"### Coins: {_coins.height:,} of {chain.heard_of:,} we heard of, the last first"),
            table(_coins) if _coins.height else mo.Html(figures.quiet(figures.NO_COIN_YET)),
            mo.md(f"### First buyers: {_buyers.height:,}, candidates first"),
            table(_buyers) if _buyers.height else mo.Html(figures.quiet(figures.NO_BUYER_YET)),
        ]
    )
    return


@app.cell(hide_code=True)
def _(chain, found):
    mo.stop(chain is None)
    _wallets = coins.wallets_shown(chain.profiles, found.leaders)
    mo.vstack(
        [
            mo.md("## Solana: what would a copy of these wallets bring?"),
            table(_wallets) if _wallets.height else mo.Html(figures.quiet(figures.NO_MEMECOIN_PROFILE_YET)),
        ]
    )
    return


@app.cell(hide_code=True)
def _(chain):
    mo.stop(chain is None)
    _readings = coins.readings_shown(chain)
    _quiet = "" if chain.deliveries.height else figures.NO_DELIVERY_YET
    mo.vstack(
        [
            mo.md("## Solana: does the chain reach us?"),
            mo.Html(figures.quiet(_quiet)) if _quiet else mo.md(coins.deliveries_line(chain)),
            table(_readings) if _readings.height else mo.Html(figures.quiet(figures.NO_READING_YET)),
        ]
    )
    return


@app.cell(hide_code=True)
def _(found, is_replay):
    mo.stop(found is None)
    _figures = tables.calibration_shown(found.calibration)
    mo.vstack(
        [
            mo.md("## Did what was said come true?"),
            mo.vstack([mo.md(figures.calibration_span(found.calibration)), table(_figures, 20)])
            if _figures.height
            else mo.Html(figures.quiet(figures.no_calibration_yet(is_replay))),
        ]
    )
    return


@app.cell(hide_code=True)
def _(found, is_replay):
    mo.stop(found is None)
    _rules = tables.quarantine_shown(found.quarantined)
    mo.vstack(
        [
            mo.md("## Can the data be trusted?"),
            mo.Html(figures.watermarks(found, is_replay)),
            table(_rules) if _rules.height else mo.Html(figures.quiet("No row broke its contract in the window: nothing is quarantined.")),
        ]
    )
    return


if __name__ == "__main__":
    app.run()

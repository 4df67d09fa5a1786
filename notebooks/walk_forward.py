"""Would it have worked? Leaders chosen on the past of a recording and copied in its future, by our choice and by others. It reads only."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="Walletflow: walk forward", css_file="copy_trading.css")

with app.setup:
    import marimo as mo
    import walk_forward_views as views

    from adapters.settings import load_settings
    from data_contracts.errors import WalletflowError
    from tasks.backtesting.walk_forward import WALKS, walk_recording


@app.cell(hide_code=True)
def _():
    recordings = load_settings().recordings
    mo.vstack([mo.md("# Walk forward"), mo.md(views.HOW)])
    return (recordings,)


@app.cell(hide_code=True)
def _(recordings):
    found, missing = {}, []
    for _name in WALKS:
        try:
            if recordings is None:
                missing.append(f"{_name}: set WALLETFLOW_RECORDINGS to the directory of the recordings")
            else:
                found[_name] = walk_recording(recordings / _name)
        except WalletflowError as _error:
            missing.append(str(_error))
    mo.vstack([mo.callout(mo.plain_text(_text), kind="warn") for _text in missing]) if missing else None
    return (found,)


@app.cell(hide_code=True)
def _(found):
    mo.vstack(
        [
            mo.vstack(
                [
                    mo.md(f"## {_name}"),
                    mo.md(views.setting(_walk)),
                    mo.md(views.sentences(_name, _result, _walk)),
                    views.chart(_result),
                    views.table(views.summed(_result)),
                    mo.accordion({"Window by window": views.table(views.windows(_result))}),
                ]
            )
            for _name, (_result, _walk) in found.items()
        ]
    )
    return


if __name__ == "__main__":
    app.run()

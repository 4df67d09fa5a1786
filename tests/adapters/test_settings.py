"""Settings: who wins, what is said when one is missing, and that no secret shows."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.settings import LIVE_WORD, Settings, load_settings
from data_contracts.errors import Unsafe

HIDDEN = "hidden-word"
PRIVATE = "0x" + "1f2e3d4c" * 8
NAMES = [name.upper() for name in Settings.model_fields]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and nothing of the tester's environment."""
    for name in NAMES:
        monkeypatch.delenv(f"WALLETFLOW_{name}", raising=False)
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    return tmp_path


def stack_env(home: Path, *lines: str) -> None:
    (home / "stack.env").write_text("\n".join(lines) + "\n")


def full() -> Settings:
    return Settings(
        postgres_url=f"postgresql+psycopg://walletflow:{HIDDEN}@127.0.0.1:4210/walletflow",  # type: ignore[arg-type]
        clickhouse_url=f"http://walletflow:{HIDDEN}@127.0.0.1:4211/walletflow",  # type: ignore[arg-type]
        graph_url="bolt://127.0.0.1:4212",
        graph_password=HIDDEN,  # type: ignore[arg-type]
    )


def test_what_the_stack_wrote_is_read(home: Path) -> None:
    stack_env(home, "WALLETFLOW_DATA_API_URL=http://stack", "WALLETFLOW_PORT_BASE=5000")
    settings = load_settings()
    assert settings.data_api_url == "http://stack"
    assert settings.sandbox_port == 5014
    assert settings.home == home


def test_the_environment_beats_what_the_stack_wrote(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack_env(home, "WALLETFLOW_DATA_API_URL=http://stack", "WALLETFLOW_TRADING_STATE=HALTED")
    monkeypatch.setenv("WALLETFLOW_DATA_API_URL", "http://environment")
    settings = load_settings()
    assert settings.data_api_url == "http://environment"
    assert settings.trading_state == "HALTED"


def test_without_a_file_and_without_variables_there_are_defaults() -> None:
    settings = load_settings()
    assert (settings.port_base, settings.trading_state, settings.postgres_url) == (4200, "ACTIVE", None)


def test_other_peoples_lines_in_the_file_are_no_harm(home: Path) -> None:
    stack_env(home, "PREFECT_API_URL=http://elsewhere", "WALLETFLOW_NO_SUCH_SETTING=1")
    assert load_settings().port_base == 4200


def test_every_port_follows_from_one_number() -> None:
    settings = Settings(port_base=6000)
    ports = [
        settings.prefect_port,
        settings.postgres_port,
        settings.clickhouse_port,
        settings.graph_port,
        settings.graph_http_port,
        settings.sandbox_port,
        settings.results_port,
    ]
    assert ports == [6000, 6010, 6011, 6012, 6013, 6014, 6015]
    assert settings.prefect_api_url == "http://127.0.0.1:6000/api"


@pytest.mark.parametrize("name", ["postgres_url", "clickhouse_url", "graph_url", "graph_password", "data_api_url", "gamma_url", "clob_url"])
def test_a_missing_setting_is_named_with_its_cure(name: str) -> None:
    with pytest.raises(Unsafe, match=f"WALLETFLOW_{name.upper()} is not set: run `make up`"):
        Settings().required(name)


def test_a_required_secret_comes_as_plain_text() -> None:
    assert full().required("graph_password") == HIDDEN
    assert full().required("graph_url") == "bolt://127.0.0.1:4212"


@pytest.mark.parametrize(
    "shown",
    [
        repr,
        str,
        lambda settings: settings.model_dump_json(),
        lambda settings: str(settings.model_dump()),
        lambda settings: f"{settings!r:>9}",
    ],
    ids=["repr", "str", "json", "dump", "format"],
)
def test_no_secret_shows(shown: object) -> None:
    text = shown(full())  # type: ignore[operator]
    assert HIDDEN not in text
    assert "bolt://127.0.0.1:4212" in text


def test_no_secret_shows_in_the_settings_of_a_replay() -> None:
    settings = full().for_replay("x")
    assert HIDDEN not in f"{settings!r} {settings} {json.dumps(settings.model_dump(), default=str)}"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        full().port_base = 1  # type: ignore[misc]


def test_a_replay_has_a_schema_and_a_database_of_its_own_on_the_same_servers() -> None:
    settings = full().for_replay("PM midterms-2022")
    postgres = sa.make_url(settings.required("postgres_url"))
    assert postgres.query == {"schema": "replay_pm_midterms_2022"}
    assert (postgres.password, postgres.port, postgres.database) == (HIDDEN, 4210, "walletflow")
    clickhouse = sa.make_url(settings.required("clickhouse_url"))
    assert (clickhouse.password, clickhouse.port, clickhouse.database) == (HIDDEN, 4211, "replay_pm_midterms_2022")
    assert settings.graph_url == full().graph_url


def test_what_an_address_says_of_its_connection_stays_in_a_replay() -> None:
    """A hosted Postgres wants ?sslmode=require, and a second question mark made that the database of another name."""
    hosted = Settings(
        postgres_url="postgresql+psycopg://u:p%40ss@db.example:5432/postgres?sslmode=require",  # type: ignore[arg-type]
        clickhouse_url="https://u:p%40ss@ch.example:8443/walletflow?secure=true&ca_cert=/etc/ca.pem",  # type: ignore[arg-type]
    ).for_replay("x")
    postgres, clickhouse = (sa.make_url(hosted.required(name)) for name in ("postgres_url", "clickhouse_url"))
    assert dict(postgres.query) == {"sslmode": "require", "schema": "replay_x"}
    assert (postgres.database, postgres.password) == ("postgres", "p@ss")
    assert (clickhouse.database, clickhouse.password) == ("replay_x", "p@ss")
    assert dict(clickhouse.query) == {"secure": "true", "ca_cert": "/etc/ca.pem"}


def test_a_replay_without_a_store_says_which() -> None:
    with pytest.raises(Unsafe, match="WALLETFLOW_POSTGRES_URL"):
        Settings().for_replay("x")


@pytest.mark.parametrize(("word", "live"), [(None, False), ("", False), (LIVE_WORD, True)])
def test_only_the_whole_word_goes_live(word: str | None, live: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if word is not None:
        monkeypatch.setenv("WALLETFLOW_LIVE", word)
    assert load_settings().is_live is live


@pytest.mark.parametrize("slip", ["1", "true", LIVE_WORD.lower(), f"{LIVE_WORD}."])
def test_a_word_that_is_nearly_the_right_one_is_an_error_not_a_guess(slip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLETFLOW_LIVE", slip)
    with pytest.raises(Unsafe, match="live trading needs exactly"):
        _ = load_settings().is_live


def test_the_keys_of_the_live_wallet_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLETFLOW_LIVE_KEY", PRIVATE)
    monkeypatch.setenv("WALLETFLOW_LIVE_RELAYER_KEY", HIDDEN)
    settings = load_settings()
    assert (settings.required("live_key"), settings.required("live_relayer_key")) == (PRIVATE, HIDDEN)
    shown = repr(settings) + str(settings) + settings.model_dump_json()
    assert HIDDEN not in shown
    assert PRIVATE[2:] not in shown


@pytest.mark.parametrize("typed", [PRIVATE, PRIVATE[2:], PRIVATE.upper(), f" {PRIVATE}\n"])
def test_a_private_key_may_be_written_in_all_ways_a_wallet_shows_it(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setenv("WALLETFLOW_LIVE_KEY", typed)
    assert load_settings().required("live_key") == PRIVATE


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (PRIVATE[:-1], "it must be a private key: 0x and 64 hex digits; after 0x it has 63 letters"),
        (f"{PRIVATE}a", "after 0x it has 65 letters"),
        (f"{PRIVATE[:-1]}g", "after 0x it has 64 letters, and some of these are no hex digits"),
        (f'"{PRIVATE}"', "after 0x it has 68 letters, and some of these are no hex digits"),
        ("0x" + "c0ffee" * 6 + "abcd", "it has 40 digits, as an address has: a private key has 64"),
        ("ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic", "it has 12 words: a recovery phrase is no key"),
        ("0x" + "0" * 64, "no wallet has this key"),
        ("0x" + "f" * 64, "no wallet has this key"),
        ("0x" + "\uff11" * 64, "some of these are no hex digits"),
        ("5J3mBbAH58CpQ3Y5RNJpUKPE62SQ5tfcvU2JpbnkeyhfsYB1Jcn", "after 0x it has 51 letters"),
    ],
)
def test_what_is_no_private_key_is_refused_at_once_and_not_a_letter_of_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, typed: str, says: str
) -> None:
    """Any text was a key until the first order was to be signed."""
    monkeypatch.setenv("WALLETFLOW_LIVE_KEY", typed)
    with pytest.raises(Unsafe, match="WALLETFLOW_LIVE_KEY cannot be read: ") as refusal:
        load_settings()
    said = str(refusal.value)
    assert says in said
    assert "\n" not in said
    assert not any(typed[place : place + 8] in said for place in range(len(typed) - 7))
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("KEEP_DAYS", "100", "WALLETFLOW_KEEP_DAYS says '100': profiles look back 180 days: keep at least as many, or 0 to keep all"),
        ("KEEP_DAYS", "-1", "WALLETFLOW_KEEP_DAYS says '-1': it must be a whole number of days: 0, or at least 180"),
        ("KEEP_DAYS", "a year", "WALLETFLOW_KEEP_DAYS says 'a year': it must be a whole number of days"),
        ("PORT_BASE", "banana", "WALLETFLOW_PORT_BASE says 'banana': it must be a whole number from 1024 to 65515, such as 4200"),
        ("PORT_BASE", "65516", "WALLETFLOW_PORT_BASE says '65516': it must be a whole number from 1024"),
        ("PORT_BASE", "80", "WALLETFLOW_PORT_BASE says '80': it must be a whole number from 1024"),
        ("PORT_BASE", "4200.5", "WALLETFLOW_PORT_BASE says '4200.5'"),
        (
            "TRADING_STATE",
            "halt",
            "WALLETFLOW_TRADING_STATE says 'halt': did you mean HALTED? It must be ACTIVE, REDUCING, HALTED, in capitals",
        ),
        ("TRADING_STATE", "Halted", "did you mean HALTED?"),
        ("TRADING_STATE", "HALTED ", "did you mean HALTED?"),
        ("TRADING_STATE", "REDUCE", "did you mean REDUCING?"),
        ("TRADING_STATE", "0", "WALLETFLOW_TRADING_STATE says '0': It must be ACTIVE, REDUCING, HALTED"),
        ("POSTGRES_URL", f"mysql://x:{HIDDEN}@y", "WALLETFLOW_POSTGRES_URL cannot be read: it must begin with postgresql+psycopg:// or"),
        ("CLICKHOUSE_URL", f"{HIDDEN}:8123", "WALLETFLOW_CLICKHOUSE_URL cannot be read: it must begin with http://"),
        ("GRAPH_URL", "http://127.0.0.1", "WALLETFLOW_GRAPH_URL says 'http://127.0.0.1': it must begin with bolt://"),
        ("DATA_API_URL", "data-api.polymarket.com", "WALLETFLOW_DATA_API_URL says"),
        ("GAMMA_URL", "x", "it must begin with http:// or https://"),
        ("CLOB_URL", "recording:/x", "it must begin with http:// or https://"),
        ("HINT_URL", "https://x", "it must begin with ws:// or wss://"),
        ("USER_CHANNEL_URL", "x", "it must begin with ws:// or wss://"),
        ("RPC_URL", "x", "it must begin with http://"),
        ("GEOBLOCK_URL", "x", "it must begin with http://"),
        ("RELAYER_URL", "x", "it must begin with http://"),
        ("CLICKHOUSE_CLUSTER", "a b; DROP", "it must be a cluster's name of letters, digits and _"),
        ("LIVE_WALLET", "a" * 40, "it must be an address: 0x and 40 hex digits"),
        ("LIVE_SIGNER", "0x1", "it must be an address: 0x and 40 hex digits"),
        ("LIVE_MAX_ORDER", "NaN", "it must be USD above 0, such as 5"),
        ("LIVE_MAX_ORDER", "-5", "it must be USD above 0, such as 5"),
        ("LIVE_MAX_ORDER", "5 USD", "it must be USD above 0, such as 5"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_its_cure_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    """It was a page of pydantic, or nothing: `halt` left everything running."""
    monkeypatch.setenv(f"WALLETFLOW_{name}", value)
    with pytest.raises(Unsafe) as refusal:
        load_settings()
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert HIDDEN not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("WALLETFLOW_TRADING_STAT", "did you mean WALLETFLOW_TRADING_STATE?"),
        ("WALLETFLOW_KILL_SWITCH", "there are: WALLETFLOW_BEAT_URL, "),
        ("WALLETFLOW_POSTGRESURL", "did you mean WALLETFLOW_POSTGRES_URL?"),
        ("walletflow_trading_sate", "did you mean WALLETFLOW_TRADING_STATE?"),
        ("WALLETFLOW_", "there are: "),
        ("WALLETFLOW_PORT", "did you mean WALLETFLOW_PORT_BASE?"),
    ],
)
def test_a_name_of_ours_that_is_no_setting_is_an_error_with_the_nearest(monkeypatch: pytest.MonkeyPatch, name: str, nearest: str) -> None:
    """A kill switch with a letter missing was no kill switch, and nobody was told."""
    monkeypatch.setenv(name, "HALTED")
    with pytest.raises(Unsafe, match=f"{name} is no setting, and changes nothing: ") as refusal:
        load_settings()
    assert nearest in str(refusal.value)


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PORT_BASE", "x"), ("KEEP_DAYS", "7"), ("TRADING_STAT", "HALTED")):
        monkeypatch.setenv(f"WALLETFLOW_{name}", value)
    with pytest.raises(Unsafe, match=r"TRADING_STAT is no setting.*; .*PORT_BASE says 'x'.*; .*KEEP_DAYS says '7'"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WALLETFLOW_SERVICE_HOST", "10.0.0.1"),
        ("WALLETFLOW_SERVICE_PORT_HTTP", "80"),
        ("WALLETFLOW_PORT", "tcp://10.0.0.1:80"),
        ("WALLETFLOW_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("WALLETFLOW_ORACLES", "/somewhere"),
        ("WALLETFLOWER", "1"),
    ],
)
def test_what_kubernetes_says_of_a_service_of_our_name_is_no_setting_and_no_fault(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert load_settings().port_base == 4200


@pytest.mark.parametrize("name", ["HOME", "PORT_BASE", "KEEP_DAYS", "TRADING_STATE", "POSTGRES_URL"])
def test_an_empty_setting_is_as_if_it_were_not_set(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """An empty home was the directory one stood in."""
    monkeypatch.setenv(f"WALLETFLOW_{name}", "")
    settings = load_settings()
    assert settings.home == (home if name != "HOME" else Path("~/.walletflow").expanduser())
    assert (settings.port_base, settings.keep_days, settings.trading_state, settings.postgres_url) == (4200, 0, "ACTIVE", None)


@pytest.mark.parametrize(
    ("name", "typed", "cure"),
    [
        ("SOLANA_RPC_URL", "wss://node", "WALLETFLOW_SOLANA_RPC_URL cannot be read: it must begin with http:// or https://"),
        ("HELIUS_URL", "api-mainnet.helius-rpc.com", "it must begin with http:// or https://"),
        ("SOLANA_RPC_CALLS_PER_S", "0", "WALLETFLOW_SOLANA_RPC_CALLS_PER_S says '0': it must be a number of calls above 0"),
        ("JUPITER_CALLS_PER_S", "often", "WALLETFLOW_JUPITER_CALLS_PER_S says 'often': it must be a number of calls above 0"),
    ],
)
def test_what_solana_is_asked_by_is_refused_with_its_cure(name: str, typed: str, cure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"WALLETFLOW_{name}", typed)
    with pytest.raises(Unsafe) as refused:
        load_settings()
    assert cure in str(refused.value)


def test_a_node_s_address_may_hold_a_key_and_shows_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Providers write it into the address: as a wrong one it was quoted whole by the complaint."""
    monkeypatch.setenv("WALLETFLOW_SOLANA_RPC_URL", f"https://node/?api-key={HIDDEN}")
    monkeypatch.setenv("WALLETFLOW_HELIUS_KEY", HIDDEN)
    settings = load_settings()
    assert HIDDEN not in f"{settings} {settings!r}"
    monkeypatch.setenv("WALLETFLOW_SOLANA_RPC_URL", f"node/?api-key={HIDDEN}")
    with pytest.raises(Unsafe) as refused:
        load_settings()
    assert HIDDEN not in str(refused.value)

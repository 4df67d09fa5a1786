"""Addresses that trade for everybody and nobody: contracts of the venue, never a wallet somebody could follow.

They show up as a side of trades, as holders and on boards; what they "did" is what their users did. Source: the environments of
polymarket-client 0.14.0 and the configurations of py-clob-client 0.34.6 and py-clob-client-v2 1.2.1 (chain 137);
`tests/domain/test_infrastructure.py` compares.
"""

KNOWN = {
    "0x0000000000000000000000000000000000000000": "the zero address",
    "0x4bfb41d5b3570defd03c39a9a4d8de6bd8b8982e": "exchange v1",
    "0xc5d563a36ae78145c45a50134d48a1215220f80a": "neg-risk exchange v1",
    "0xe111180000d2663c0091e4f400237545b87b996b": "exchange v2",
    "0xe2222d279d744050d28e00520010520000310f59": "neg-risk exchange v2",
    "0xe3333700ca9d93003f00f0f71f8515005f6c00aa": "exchange v3",
    "0xd91e80cf2e7be2e162c6513ced06f1dd0da35296": "neg-risk adapter",
    "0xada100db00ca00073811820692005400218fce1f": "collateral adapter",
    "0xada2005600dec949baf300f4c6120000bdb6eaab": "neg-risk collateral adapter",
    "0x4d97dcd97ec945f40cf65f87097ace5ea0476045": "conditional tokens",
    "0x006f54f7f9a22e0000cc2ab60031000000ae9fef": "position manager",
    "0x12121212006e4cd160d18e3f00711da5c3372600": "protocol v2 router",
    "0x1000008dd9001b968442c1000017eae6e0da00ba": "binary module",
    "0x200000900045e3b6259600682756002200028933": "neg-risk module",
    "0x30000034706c7d8e12009dab006be20000c031a8": "combinatorial module",
    "0xdca4af75705dbb50f62437045aff9921947917d2": "perps deposit contract",
    "0xa1200000d0002264c9a1698e001292d00e1b00af": "auto-redeem operator",
    "0xc011a7e12a19f7b1f670d46f03b03f3342e82dfb": "pUSD",
    "0x2791bca1f2de4661ed88a30c99a7a9449aa84174": "USDC.e",
    "0xab45c5a4b0c941a2f231c04c3f49182e1a254052": "proxy factory",
    "0x44e999d5c2f66ef0861317f9a4805ac2e90aeb4f": "proxy implementation",
    "0xaacfeea03eb1561c4e67d661e40682bd20e3541b": "Safe factory",
    "0xa238cbeb142c10ef7ad8442c6d1f9e89e07e7761": "Safe multisend",
    "0x00000000000fb5c9adea0298d729a0cb3823cc07": "deposit wallet factory",
    "0x58ca52ebe0dadfdf531cde7062e76746de4db1eb": "deposit wallet implementation",
    "0x7a18edfe055488a3128f01f563e5b479d92ffc3a": "deposit wallet beacon",
    "0xd216153c06e857cd7f72665e0af1d7d82172f494": "relay hub",
}


def what_is(address: str) -> str | None:
    """What the venue uses the address for; None for everybody else's."""
    return KNOWN.get(address.lower())

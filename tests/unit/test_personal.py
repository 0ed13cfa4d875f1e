import hashlib
import hmac

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.ingest.personal import (
    HIDDEN,
    NAMES,
    find_suspects,
    fingerprints,
    hide_addresses,
    hide_personal,
    holds_erased,
    identify,
    is_erased,
    is_personal,
    normalise,
    pseudonyms,
    without_contacts,
)
from pipeline.core.ingest.phones import international

KEY = b"a long secret text"

# printf %s jan@example.com | openssl dgst -sha256 -hmac "a long secret text"
JAN = "81bea0aa55ef5e243aeb5dd85b63b8bdc95147b2027a5ee7d3197b4c65ef790e"
# printf %s "what do ya want for nothing?" | openssl dgst -sha256 -hmac Jefe: test case 2 of RFC 4231
RFC_4231_CASE_2 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def only(text: str | None, key: bytes = KEY) -> str | None:
    (found,) = pseudonyms(pl.Series([text], dtype=pl.String), key)
    assert found is None or isinstance(found, str)
    return found


# Pseudonyms


def test_a_pseudonym_is_the_hmac_of_rfc_4231() -> None:
    assert only("what do ya want for nothing?", b"Jefe") == RFC_4231_CASE_2


def test_the_pseudonym_of_an_address_is_what_openssl_says_and_no_plain_hash() -> None:
    assert only("jan@example.com") == JAN
    assert hashlib.sha256(b"jan@example.com").hexdigest() != JAN
    assert hashlib.sha256(KEY + b"jan@example.com").hexdigest() != JAN


@pytest.mark.parametrize("spelling", ["JAN@Example.COM", "  jan@example.com\t", "\u00a0jan@example.com\n"])
def test_case_and_blanks_do_not_matter(spelling: str) -> None:
    assert only(spelling) == JAN


@pytest.mark.parametrize(
    "spellings",
    [
        ("zo\u00eb@example.com", "zoe\u0308@example.com", "ZOE\u0308@example.com", "ZO\u00cb@EXAMPLE.COM"),
        # A capital without a composed form, whose small letter has one.
        ("\u01f0@example.com", "j\u030c@example.com", "J\u030c@example.com"),
    ],
)
def test_composed_and_decomposed_letters_are_one_address(spellings: tuple[str, ...]) -> None:
    assert len({only(spelling) for spelling in spellings}) == 1


def test_dots_and_tags_make_another_address() -> None:
    assert len({only(text) for text in ("jan@example.com", "j.an@example.com", "jan+shop@example.com")}) == 3


def test_another_key_makes_another_pseudonym() -> None:
    assert only("jan@example.com", b"another") not in (None, JAN)


def test_a_pseudonym_stays_itself_and_what_only_looks_like_one_does_not() -> None:
    assert only(JAN) == JAN
    assert only(JAN.upper()) == JAN
    for text in (JAN[:-1], f"{JAN}0", JAN.replace(JAN[0], "g")):
        assert only(text) not in (None, text)


def test_nothing_has_no_pseudonym() -> None:
    assert pseudonyms(pl.Series([None, "", "  "], dtype=pl.String), KEY).to_list() == [None, None, None]
    assert pseudonyms(pl.Series([], dtype=pl.String), KEY).to_list() == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=12))
def test_a_normalised_text_stays_as_it_is(text: str) -> None:
    once = normalise(pl.Series([text], dtype=pl.String))
    assert normalise(once).to_list() == once.to_list()


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=20), st.binary(min_size=1, max_size=80))
def test_every_pseudonym_is_the_hmac_of_the_normalised_text(text: str, key: bytes) -> None:
    (normal,) = normalise(pl.Series([text], dtype=pl.String))
    expected = None if normal is None else hmac.digest(key, normal.encode(), "sha256").hex()
    assert only(text, key) == expected


# Rows


def test_an_address_becomes_its_pseudonym_and_the_customer_where_there_is_no_account() -> None:
    rows = pl.DataFrame({"email": [" Jan@example.com", "jan@example.com", None], "customer_id": ["a1", " ", None]})
    found = identify(rows, KEY)
    assert found.frame.select("customer_id", "email_hash").rows() == [("a1", JAN), (JAN, JAN), (None, None)]
    assert "email" not in found.frame.columns
    assert found.faults.is_empty()


def test_without_a_customer_column_the_address_is_the_customer() -> None:
    assert identify(pl.DataFrame({"email": ["jan@example.com"]}), KEY).frame.to_dicts() == [
        {"email_hash": JAN, "customer_id": JAN}
    ]


def test_an_address_with_an_apostrophe_is_an_address() -> None:
    found = identify(pl.DataFrame({"email": ["o'brien@example.com"]}), KEY)
    assert found.faults.is_empty()
    assert found.frame["email_hash"].to_list() == [only("o'brien@example.com")]


# The example number that libphonenumber has of Great Britain; NANPA keeps 555-0100 to 0199 for fiction.
@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("07400 123456", "GB", "+447400123456"),
        ("'+44 (0)7400-123456", None, "+447400123456"),
        ("00447400123456", "NL", "+447400123456"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("07400 123456", None, None),
        ("07400 123456", "NL", None),
        ("+44 7400 1234", "GB", None),
        ("none", "GB", None),
    ],
)
def test_a_valid_number_has_one_spelling_and_any_other_is_nobodys(text: str, country: str | None, number: str) -> None:
    assert international(pl.Series([text, None]), country).to_list() == [number, None]


def test_a_phone_number_names_the_customer_where_nothing_else_does() -> None:
    rows = pl.DataFrame(
        {
            "customer_id": ["a1", " ", None, None, None],
            "email": [None, "jan@example.com", None, None, None],
            "phone": ["07400 123456", "07400 123456", "07400 123456", "+44 7400 123456", "123"],
        }
    )
    found = identify(rows, KEY, "GB")
    number = only("+447400123456")
    assert found.frame.columns == ["customer_id", "email_hash"]
    assert found.frame["customer_id"].to_list() == ["a1", JAN, number, number, None]
    assert found.frame["email_hash"].to_list() == [None, JAN, None, None, None]
    assert found.faults.is_empty()
    alone = identify(rows.select("phone"), KEY, "GB").frame
    assert alone["customer_id"].to_list() == [number] * 4 + [None]


def test_a_name_is_the_customer_where_nothing_else_names_one() -> None:
    rows = pl.DataFrame(
        {
            "customer_id": ["a1", None, None, None, None],
            "phone": [None, "+44 7400 123456", None, None, None],
            "person_name": ["Jan Vos", "Jan Vos", "Jan Vos", " jan vos", " "],
        }
    )
    found = identify(rows, KEY)
    assert found.frame.columns == ["customer_id"]
    assert found.frame["customer_id"].to_list() == ["a1", only("+447400123456"), only("jan vos"), only("jan vos"), None]


@pytest.mark.parametrize(
    "text", ["jan", "jan@example", "@example.com", "jan@ex ample.com", "jan@a.nl, piet@a.nl", "n/a"]
)
def test_what_is_no_address_is_a_fault_that_does_not_show_it(text: str) -> None:
    found = identify(pl.DataFrame({"email": ["jan@example.com", text], "customer_id": ["a1", "a2"]}), KEY)
    assert found.faults.rows() == [(1, "email", "email: is not an e-mail address")]
    assert found.frame["email_hash"].to_list() == [JAN, None]


def test_an_address_as_customer_id_is_a_fault_and_goes_no_further() -> None:
    found = identify(pl.DataFrame({"customer_id": ["a1", " Jan@Example.com ", None]}), KEY)
    assert found.faults.rows() == [(1, "customer_id", "customer_id: holds an e-mail address; map it as email")]
    assert found.frame["customer_id"].to_list() == ["a1", None, None]


def test_rows_without_addresses_stay_as_they_are() -> None:
    rows = pl.DataFrame({"order_id": ["o1"], "customer_id": ["a1"]})
    found = identify(rows, KEY)
    assert found.frame.equals(rows)
    assert found.faults.is_empty()


# Columns


@pytest.mark.parametrize(
    "column",
    [
        *("email", "E-mail", "Customer Email", "reviewer_email", "billing_phone", "Telefoonnummer", "Mobile"),
        *(
            "Billing Address1",
            "Billing City",
            "city",
            "woonplaats",
            "straat",
            "Shipping Zip",
            "postcode",
            "first_name",
            "Last Name",
            "FullName",
            "name",
        ),
        *("Billing Name", "display name", "IP", "ip_address", "customer_ip", "User Agent", "Company", "birth_date"),
    ],
)
def test_a_column_is_personal_by_its_name(column: str) -> None:
    assert is_personal(column)


@pytest.mark.parametrize(
    "column",
    [
        "order_id",
        "product_name",
        "Financial Status",
        "capacity",
        "velocity 2",
        "rating",
        "shipping_method",
        "description",
        "sku",
    ],
)
def test_a_column_of_the_trade_is_not_personal(column: str) -> None:
    assert not is_personal(column)


# Hiding


def test_personal_columns_are_pseudonyms_and_the_others_stay() -> None:
    rows = pl.DataFrame({"Name": ["Jan Jansen", None], "total": [5, 6]})
    shown = hide_personal(rows, {"name"}, KEY)
    assert shown.to_dicts() == [{"Name": only("Jan Jansen"), "total": "5"}, {"Name": None, "total": "6"}]


def test_an_address_in_another_column_is_a_pseudonym_and_one_inside_a_text_is_hidden() -> None:
    rows = pl.DataFrame({"login": [" jan@example.com ", "ask jan@example.com today", "none"]})
    assert hide_personal(rows, set(), KEY)["login"].to_list() == [JAN, f"ask {HIDDEN} today", "none"]


def test_without_a_key_personal_data_is_hidden() -> None:
    rows = pl.DataFrame({"name": ["Jan", " ", None], "login": ["jan@example.com", "x", None]})
    assert hide_personal(rows, {"NAME"}, None).to_dicts() == [
        {"name": HIDDEN, "login": HIDDEN},
        {"name": None, "login": "x"},
        {"name": None, "login": None},
    ]


def test_what_has_been_hidden_stays_as_it_is() -> None:
    rows = pl.DataFrame({"name": ["Jan"], "login": ["jan@example.com"], "note": ["ask jan@example.com"]})
    for key in (KEY, None):
        once = hide_personal(rows, {"name"}, key)
        assert hide_personal(once, {"name"}, key).equals(once)


LOCAL_PARTS = st.from_regex(r"[a-z][a-z0-9._+'-]{0,8}[a-z0-9]", fullmatch=True)
HOSTS = st.from_regex(r"[a-z0-9-]{1,6}\.(com|nl|co\.uk)", fullmatch=True)
ADDRESSES = st.builds("{}@{}".format, LOCAL_PARTS, HOSTS)
AROUND = st.sampled_from(["", " ", "'", '"', "<", ", ", "mailto:", "(", "een tekst ", "\n"])


@settings(max_examples=150, deadline=None)
@given(ADDRESSES, AROUND, AROUND, ADDRESSES)
def test_no_address_survives_wherever_it_stands(address: str, before: str, after: str, other: str) -> None:
    text = f"{before}{address}{after} {other}"
    frame = pl.DataFrame({"text": [text, address]})
    (reason,) = frame.head(1).select(hide_addresses(pl.col("text"))).to_series()
    for shown in (reason, *hide_personal(frame, set(), KEY)["text"], *hide_personal(frame, set(), None)["text"]):
        assert "@" not in shown
        for part in (address, other):
            assert part.split("@")[0] not in shown.replace(HIDDEN, "").split()


def test_an_address_whose_end_was_cut_off_is_hidden_too() -> None:
    frame = pl.DataFrame({"reason": ["total: 'paid by jan@exam' is not an amount", "3 @ 5"]})
    assert frame.select(hide_addresses(pl.col("reason"))).to_series().to_list() == [
        f"total: 'paid by {HIDDEN}' is not an amount",
        "3 @ 5",
    ]


@pytest.mark.parametrize(
    "text", ["Jan <jan@example.com>", "a@example.com;b@example.com", "a@example.com (old)", '{"m":"a@b.nl"}']
)
@pytest.mark.parametrize("column", ["customer_id", "order_id", "product_id"])
def test_an_address_inside_an_id_is_a_fault_that_does_not_show_it(column: str, text: str) -> None:
    found = identify(pl.DataFrame({column: ["n1", text]}), KEY)
    assert found.frame[column].to_list() == ["n1", None]
    ((row, where, reason),) = found.faults.rows()
    assert (row, where) == (1, column)
    assert "holds an e-mail address" in reason
    assert "@" not in reason


def test_an_address_in_a_text_that_is_not_free_is_hidden() -> None:
    rows = pl.DataFrame(
        {"channel": ["web", "mail by jan@example.com"], "body": ["ask jan@example.com", None], "n": [1, 2]}
    )
    shown, n_hidden = without_contacts(rows, {"body"})
    assert shown.rows() == [("web", "ask jan@example.com", 1), ("mail by [personal]", None, 2)]
    assert n_hidden == 1


# Example numbers: of libphonenumber for Great Britain, and 555-0100 to 0199, which NANPA keeps for fiction.
@pytest.mark.parametrize(
    ("text", "country", "shown"),
    [
        ("call +44 7400 123456 now", None, f"call {HIDDEN} now"),
        ("07400 123456", "GB", HIDDEN),
        ("(202) 555-0123", "US", HIDDEN),
        ("07400 123456", None, "07400 123456"),
        ("+44 7400 1234", "GB", "+44 7400 1234"),
        ("2026-03-05 14:30:00", "GB", "2026-03-05 14:30:00"),
        ("12345678", "GB", "12345678"),
        ("size 10 x 20 x 30", "GB", "size 10 x 20 x 30"),
    ],
)
def test_a_valid_phone_number_in_a_text_that_is_not_free_is_hidden(text: str, country: str | None, shown: str) -> None:
    rows = pl.DataFrame({"channel": [text, None], "product_id": [text, None], "body": [text, None]})
    found, n_hidden = without_contacts(rows, {"body"}, country)
    assert found.rows() == [(shown, text, text), (None, None, None)]
    assert n_hidden == (text != shown)


@pytest.mark.parametrize(
    ("column", "way_out"), [("customer_id", "map it as phone"), ("order_id", "map the shop's own number")]
)
def test_an_international_phone_number_in_an_id_is_a_fault_and_any_other_number_an_id(
    column: str, way_out: str
) -> None:
    found = identify(pl.DataFrame({column: ["07400123456", "+44 7400 123456", "+1", "a+b"]}), KEY, "GB")
    assert found.frame[column].to_list() == ["07400123456", None, "+1", "a+b"]
    assert found.faults.rows() == [(1, column, f"{column}: holds a phone number; {way_out}")]


@pytest.mark.parametrize(
    ("text", "dtype"),
    [
        *(("Jan Jansen", kind) for kind in (pl.String(), pl.Int64(), pl.Datetime("us", "UTC"))),
        *(("Dorpsstraat 12", kind) for kind in (pl.String(), pl.Int64(), pl.Datetime("us", "UTC"))),
        ("1234 AB", pl.Int64()),
        ("Jansen", pl.Int64()),
        ("NL91 ABNA 0417 1643 00", pl.Int64()),
        ("+44 7400 123456", pl.Int64()),
        ("203.0.113.77", pl.Int64()),
    ],
)
def test_a_value_in_the_wrong_place_that_can_be_a_persons_is_suspect(text: str, dtype: pl.DataType) -> None:
    assert find_suspects(pl.Series([text, None]), dtype, "NL").to_list() == [text.lower(), None]


@pytest.mark.parametrize(
    ("text", "dtype"),
    [
        ("12,50 EUR", pl.Int64()),
        ("€ 5", pl.Int64()),
        ("5 Jan 2026", pl.Datetime("us", "UTC")),
        ("31 februari 2026 10:15", pl.Datetime("us", "UTC")),
        ("Jan 32, 2026 9:00:00 AM UTC", pl.Datetime("us", "UTC")),
        ("2026-02-30T10:00:00Z", pl.Datetime("us", "UTC")),
        ("disputed", pl.String()),
        ("on-hold", pl.String()),
        ("-12.345", pl.Int64()),
    ],
)
def test_what_is_only_written_another_way_is_nobodys(text: str, dtype: pl.DataType) -> None:
    assert find_suspects(pl.Series([text]), dtype, "NL").to_list() == [None]


def test_a_suspect_is_hidden_wherever_its_row_has_it_and_other_cells_stay() -> None:
    rows = pl.DataFrame(
        {"total": ["Jan Jansen", "5", "9"], "line": ["1", "2 x Dorpsstraat", "3"], "kind": ["web", "web", "web"]}
    )
    suspects = pl.Series(["\x1fjan jansen\x1f", "\x1f2 x dorpsstraat - 5 webshop\x1f", None])
    assert hide_personal(rows, set(), KEY, suspects).rows() == [
        (only("Jan Jansen"), "1", "web"),
        ("5", only("2 x Dorpsstraat"), "web"),
        ("9", "3", "web"),
    ]


# Erased names


def test_an_erased_name_is_known_again_by_a_fingerprint_that_cannot_be_guessed_without_the_key() -> None:
    (keyed,) = fingerprints(pl.Series(["1001"]), "order", KEY)
    assert keyed == "order " + hmac.digest(KEY, b"erased\n1001", "sha256").hex()
    (plain,) = fingerprints(pl.Series(["1002"]), "order", None)
    assert plain == "order " + hashlib.sha256(b"1002").hexdigest()
    rows = pl.DataFrame({"order_id": ["1001", "1002", "1003"], "customer_id": [None, None, "1001"]})
    # What was erased before there was a key stays erased.
    assert is_erased(rows, [keyed, plain], KEY).to_list() == [True, True, False]
    assert is_erased(rows, [keyed, plain], None).to_list() == [False, True, False]
    assert is_erased(rows, [], KEY).to_list() == [False, False, False]
    assert [holds_erased(pl.Series([cell]), [keyed], KEY) for cell in ("1001", "1002")] == [True, False]


def test_an_erased_name_meets_only_columns_that_name_the_same_kind_of_thing() -> None:
    columns = ["customer_id", "referred_customer_id", "email_hash", "order_id", "response_id", "session_id"]
    assert list(NAMES) == columns
    rows = pl.DataFrame([{name: "7" if name == named else None for name in columns} for named in columns])
    found = {
        kind: is_erased(rows, fingerprints(pl.Series(["7"]), kind, KEY).to_list(), KEY).to_list()
        for kind in ("customer", "order", "response", "session")
    }
    assert found == {
        "customer": [True, True, True, False, False, False],
        "order": [False, False, False, True, False, False],
        "response": [False, False, False, False, True, False],
        "session": [False, False, False, False, False, True],
    }


def test_a_fingerprint_that_does_not_say_what_it_names_keeps_the_person_away_whatever_names_them() -> None:
    rows = pl.DataFrame({"customer_id": ["7", "8", "9"], "order_id": ["1", "7", "2"]})
    former = hmac.digest(KEY, b"erased\n7", "sha256").hex()
    assert is_erased(rows, [former], KEY).to_list() == [True, True, False]

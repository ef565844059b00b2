"""The number in a tag: the standard's own examples, what goes in comes out, and tags that nobody programmed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.rfid import EpcProblem, epc_decode, giai_encode, gsrn_encode

companies = st.integers(6, 12).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n))


def test_a_makers_number_is_read_as_the_standard_reads_it():
    epc = epc_decode("3074257BF7194E4000001A85")
    assert (epc.scheme, epc.filter, epc.partition) == ("sgtin", 3, 5)
    assert (epc.company, epc.reference, epc.serial) == ("0614141", "812345", "6789")
    assert epc.uri == "urn:epc:id:sgtin:0614141.812345.6789"


def test_an_asset_of_ones_own_is_written_as_the_standard_writes_it():
    assert giai_encode("0614141", 12345678).hex == "3414257BF400000000BC614E"


@given(companies, st.integers(0, 2**42 - 1), st.integers(0, 7))
def test_an_asset_written_is_the_asset_read(company, asset, filter_value):
    epc = giai_encode(company, asset, filter_value=filter_value)
    assert (epc.scheme, epc.company, epc.reference, epc.filter) == ("giai", company, str(asset), filter_value)
    assert epc_decode(epc.hex.lower()) == epc


@given(companies, st.integers(0, 99_999))
def test_a_badge_written_is_the_badge_read(company, person):
    epc = gsrn_encode(company, person)
    assert (epc.scheme, epc.company, int(epc.reference)) == ("gsrn", company, person)
    assert len(epc.company + epc.reference) == 17


@pytest.mark.parametrize(
    ("read", "what"),
    [
        ("00" * 12, "blank"),
        ("E2" + "0" * 22, "as the factory left it"),
        ("ABC", "of odd length"),
        ("30" + "FF" * 15, "of 128 bits"),
        ("3" + "0" * 49, "of 198 bits"),
        ("301C" + "F" * 20, "with a partition that doesn't exist"),
        ("3003" + "F" * 20, "with a company of too many digits"),
    ],
)
def test_a_number_of_another_kind_is_kept_as_it_was_read(read, what):
    epc = epc_decode(read)
    assert (epc.scheme, epc.hex) == ("raw", read), what


@pytest.mark.parametrize("read", ["30 74-25:7b f7194e4000001a85", "0x3074257BF7194E4000001A85"])
def test_case_and_separators_dont_matter(read):
    assert epc_decode(read).uri == "urn:epc:id:sgtin:0614141.812345.6789"


@pytest.mark.parametrize("read", ["", "  ", "对讲机", "3074257BF7194E4000001A8G"])
def test_what_holds_no_number_is_told(read):
    with pytest.raises(EpcProblem, match="not_hexadecimal"):
        epc_decode(read)


@given(st.text("0123456789ABCDEF", min_size=24, max_size=24))
def test_no_96_bits_break_the_reader(read):
    epc = epc_decode(read)
    assert epc.hex == read
    assert epc.uri.startswith("urn:epc:")


def test_numbers_that_dont_fit_are_refused():
    with pytest.raises(EpcProblem, match="asset_too_large"):
        giai_encode("061414100000", 2**42)
    with pytest.raises(EpcProblem, match="company_of"):
        giai_encode("12345", 1)
    with pytest.raises(EpcProblem, match="company_of"):
        giai_encode("０６１４１４１", 1)
    with pytest.raises(EpcProblem, match="person_too_large"):
        gsrn_encode("0614141", 10**10)

"""Tag numbers: the 96 bits of an EPC read and written.

Layouts and partition tables are those of the GS1 EPC Tag Data Standard (TDS 1.13, section 14): a header of eight
bits, a filter of three, a partition of three that says how many digits belong to the company, then company and
reference. What isn't understood is kept as it is (``scheme`` "raw"), never refused: a tag of another's is a
tag that was seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BITS = 96
# scheme -> (header, name in the pure identity, bits that company and reference share, bits of the serial, digits
# of company and reference together). No partition for a serial alone.
_SHARED = 44
_SERIAL = {"sgtin": 38, "grai": 38}
_HEADERS = {0x30: "sgtin", 0x33: "grai", 0x34: "giai", 0x2D: "gsrn"}
_COMPANY_BITS = (40, 37, 34, 30, 27, 24, 20)
"""Bits of the company's number by partition; its digits are twelve less the partition."""
_REFERENCE_DIGITS = {"sgtin": 13, "grai": 12, "gsrn": 17}
"""Digits of company and reference together (a GIAI's reference is a number without a fixed length)."""


class EpcProblem(ValueError):
    """A number that can't be written into a tag; ``reason`` is a code, ``value`` what was given."""

    def __init__(self, reason: str, value: object) -> None:
        super().__init__(f"{reason}: {value!r}")
        self.reason = reason
        self.value = value


@dataclass(frozen=True, slots=True)
class Epc:
    """A tag's number: ``hex`` as 24 upper-case digits (other lengths as read), ``scheme`` sgtin, grai, giai, gsrn or
    raw; company, reference and serial as digits where the scheme has them."""

    hex: str
    scheme: str
    filter: int | None = None
    partition: int | None = None
    company: str = ""
    reference: str = ""
    serial: str = ""

    @property
    def uri(self) -> str:
        """The pure identity, ``urn:epc:id:…``; for a raw number ``urn:epc:raw:…``."""
        if self.scheme == "raw":
            return f"urn:epc:raw:{len(self.hex) * 4}.x{self.hex}"
        parts = (
            (self.company, self.reference, self.serial) if self.scheme in _SERIAL else (self.company, self.reference)
        )
        return f"urn:epc:id:{self.scheme}:{'.'.join(parts)}"


def epc_decode(text: str) -> Epc:
    """The number that a reader reported, in any case and with separators; :class:`EpcProblem` where it has no digit.

    Anything but a well-formed 96-bit number of the four schemes comes back raw: odd lengths, 128 or 198 bits, blank
    (all zero) and factory numbers, numbers whose company or reference has more digits than the partition allows.
    """
    digits = re.sub(r"[\s:_-]", "", text).upper().removeprefix("0X")
    if not digits or re.search(r"[^0-9A-F]", digits):
        raise EpcProblem("not_hexadecimal", text)
    raw = Epc(digits, "raw")
    if len(digits) * 4 != BITS:
        return raw
    value = int(digits, 16)
    scheme = _HEADERS.get(value >> 88)
    partition = _field(value, 11, 3)
    if scheme is None or partition >= len(_COMPANY_BITS):
        return raw
    return _fields(raw, scheme, value, partition) or raw


def _field(value: int, first: int, bits: int) -> int:
    """The bits from ``first``, counted from the left, as a number."""
    return (value >> (BITS - first - bits)) & ((1 << bits) - 1)


def _fields(raw: Epc, scheme: str, value: int, partition: int) -> Epc | None:
    """Company, reference and serial; None where they have more digits than they may."""
    company_bits, company_digits = _COMPANY_BITS[partition], 12 - partition
    shared = {"giai": 82, "gsrn": 58}.get(scheme, _SHARED)
    company = str(_field(value, 14, company_bits)).zfill(company_digits)
    rest = _field(value, 14 + company_bits, shared - company_bits)
    if scheme == "giai":
        reference, serial = str(rest), ""
    else:
        reference = (
            str(rest).zfill(_REFERENCE_DIGITS[scheme] - company_digits) if _has_reference(scheme, company) else ""
        )
        serial = str(_field(value, 14 + shared, _SERIAL[scheme])) if scheme in _SERIAL else ""
        if len(company + reference) > _REFERENCE_DIGITS[scheme]:
            return None
    if len(company) > company_digits:
        return None
    return Epc(raw.hex, scheme, _field(value, 8, 3), partition, company, reference, serial)


def _has_reference(scheme: str, company: str) -> bool:
    return len(company) < _REFERENCE_DIGITS[scheme]


def giai_encode(company: str, asset: int, *, filter_value: int = 0) -> Epc:
    """The 96 bits of an asset of one's own (GIAI-96): ``company`` six to twelve digits, ``asset`` a number.

    :class:`EpcProblem` where the company has other than digits, the filter doesn't fit three bits or the
    asset's number doesn't fit the bits that the company leaves.
    """
    partition = _partition(company, filter_value)
    room = 82 - _COMPANY_BITS[partition]
    if not 0 <= asset < 1 << room:
        raise EpcProblem("asset_too_large", asset)
    value = _head(0x34, filter_value, partition, company)
    return epc_decode(f"{value << room | asset:024X}")


def gsrn_encode(company: str, person: int, *, filter_value: int = 0) -> Epc:
    """The 96 bits of a badge (GSRN-96): company and a number that together have seventeen digits."""
    partition = _partition(company, filter_value)
    if not 0 <= person < 10 ** (17 - len(company)):
        raise EpcProblem("person_too_large", person)
    value = _head(0x2D, filter_value, partition, company)
    return epc_decode(f"{(value << (58 - _COMPANY_BITS[partition]) | person) << 24:024X}")


def _partition(company: str, filter_value: int) -> int:
    if not re.fullmatch(r"[0-9]{6,12}", company):
        raise EpcProblem("company_of_six_to_twelve_digits", company)
    if not 0 <= filter_value < 8:
        raise EpcProblem("filter_of_three_bits", filter_value)
    return 12 - len(company)


def _head(header: int, filter_value: int, partition: int, company: str) -> int:
    return ((header << 3 | filter_value) << 3 | partition) << _COMPANY_BITS[partition] | int(company)

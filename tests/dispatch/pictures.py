"""Photos and voice notes as phones make them, and as nobody should."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

WHERE = (28, 54, 3)  # what a camera writes about the place, in degrees, minutes, seconds


def jpeg(width: int = 64, height: int = 48, *, exif: bool = False, comment: bytes = b"") -> bytes:
    """A picture, dark above and light below; with ``exif`` it lies on its side and says when and where."""
    picture = Image.new("RGB", (width, height), (20, 40, 60))
    picture.paste((220, 230, 240), (0, height // 2, width, height))
    out = io.BytesIO()
    more: dict = {"comment": comment} if comment else {}
    if exif:
        told = Image.Exif()
        told[0x0112] = 6  # lies on its right side
        told[0x0110] = "Phone of Eve"
        told.get_ifd(0x8825).update({1: "N", 2: WHERE, 3: "E", 4: (120, 6, 0)})
        more["exif"] = told
    picture.save(out, format="JPEG", **more)
    return out.getvalue()


def other(kind: str, size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture of another kind."""
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, format=kind)
    return out.getvalue()


def element(name: int, data: bytes, *, is_open: bool = False) -> bytes:
    """One EBML element; of unknown length as a live recorder writes it."""
    head = name.to_bytes((name.bit_length() + 7) // 8)
    return head + (b"\x01" + b"\xff" * 7 if is_open else (len(data) | 1 << 56).to_bytes(8)) + data


OPUS_HEAD = b"OpusHead" + bytes([1, 1, 56, 1]) + struct.pack("<I", 48000) + b"\0\0\0"
TITLE = b"Eve's phone, kitchen"


def webm(seconds: float = 1.0, *, codec: bytes = b"A_OPUS", kind: int = 2, is_open: bool = True) -> bytes:
    """A recording of silence: one block each 60 ms, as a browser streams it, with a title and a date."""
    head = element(0x1A45DFA3, element(0x4282, b"webm"))
    info = element(0x2AD7B1, (1_000_000).to_bytes(4)) + element(0x7BA9, TITLE) + element(0x4461, bytes(8))
    info += element(0x4D80, b"Chrome") + element(0x5741, b"Chrome")
    audio = element(0xB5, struct.pack(">f", 48000.0)) + element(0x9F, b"\x01")
    track = element(0xD7, b"\x01") + element(0x73C5, b"\x7a\x11") + element(0x83, bytes([kind]))
    track += element(0x86, codec) + element(0x63A2, OPUS_HEAD) + element(0x536E, TITLE) + element(0xE1, audio)
    body = element(0x1549A966, info) + element(0x1654AE6B, element(0xAE, track))
    for start in range(0, int(seconds * 1000), 30_000):
        blocks = element(0xE7, start.to_bytes(4))
        for at in range(0, min(30_000, int(seconds * 1000) - start), 60):
            blocks += element(0xA3, b"\x81" + struct.pack(">h", at) + b"\x80" + b"\xf8\xff\xfe")
        body += element(0x1F43B675, blocks, is_open=is_open)
    body += element(0x1254C367, element(0x7373, TITLE))
    return head + element(0x18538067, body, is_open=is_open)


QUIET = bytes.fromhex("00c800802380")  # a frame of silence, one channel
WHERE_SAID = b"+28.9000+120.0600/"
_ZERO4 = bytes(4)


def box(kind: str, *parts: bytes) -> bytes:
    """One box of an MP4."""
    inside = b"".join(parts)
    return struct.pack(">I4s", len(inside) + 8, kind.encode()) + inside


def _esds(codec: int) -> bytes:
    told = (codec << 11 | 4 << 7 | 1 << 3).to_bytes(2)  # 44,100 a second, one channel
    decoder = b"\x04" + bytes([13 + 2 + len(told)]) + b"\x40\x15" + bytes(11) + b"\x05" + bytes([len(told)]) + told
    stream = bytes(3) + decoder + b"\x06\x01\x02"
    return box("esds", _ZERO4, b"\x03\x80\x80\x80" + bytes([len(stream)]) + stream)


def _movie(tables: bytes, *, codec: int, kind: bytes, more: bytes = b"") -> bytes:
    entry = box(
        "mp4a", bytes(6), b"\0\1", bytes(8), b"\0\1\0\x10", _ZERO4, struct.pack(">I", 44100 << 16), _esds(codec)
    )
    stbl = box("stbl", box("stsd", _ZERO4, struct.pack(">I", 1), entry), tables)
    media = box("mdia", box("hdlr", bytes(8), kind, bytes(12), TITLE, b"\0"), box("minf", stbl))
    where = box("udta", box("loci", TITLE), box("meta", WHERE_SAID))
    return box("moov", box("mvhd", bytes(100)), box("trak", box("tkhd", bytes(84)), media), where, more)


def mp4(
    seconds: float = 1.0, *, pieces: int = 0, codec: int = 2, kind: bytes = b"soun", frame: bytes = QUIET
) -> bytes:
    """A recording of silence with title and place: written to its end, or in so many ``pieces`` as browsers do."""
    count = round(seconds * 44100 / 1024)
    head = box("ftyp", b"M4A ", _ZERO4, b"isom")
    if pieces:
        trex = box("mvex", box("trex", _ZERO4, struct.pack(">5I", 1, 1, 1024, len(frame), 0)))
        whole = head + _movie(b"", codec=codec, kind=kind, more=trex)
        for piece in range(pieces):
            whole += _piece([frame] * len(range(piece, count, pieces)), is_told=piece % 2 == 0)
        return whole

    def tables(start: int) -> bytes:
        sizes = box("stsz", _ZERO4, struct.pack(">II", 0, count), struct.pack(">I", len(frame)) * count)
        chunks = box("stsc", _ZERO4, struct.pack(">4I", 1, 1, count, 1))
        return sizes + chunks + box("stco", _ZERO4, struct.pack(">II", 1, start))

    start = len(head) + len(_movie(tables(0), codec=codec, kind=kind)) + 8
    return head + _movie(tables(start), codec=codec, kind=kind) + box("mdat", frame * count)


def _piece(frames: list[bytes], *, is_told: bool) -> bytes:
    """One fragment; every other one leaves it to the head how long a frame is."""
    sizes = b"".join(struct.pack(">I", len(frame)) for frame in frames) if is_told else b""

    def head(start: int) -> bytes:
        run = struct.pack(">IIi", 0x201 if is_told else 0x1, len(frames), start)
        return box(
            "moof", box("mfhd", bytes(8)), box("traf", box("tfhd", b"\0\2\0\0", b"\0\0\0\1"), box("trun", run, sizes))
        )

    return head(len(head(0)) + 8) + box("mdat", *frames)


def claiming(width: int, height: int) -> bytes:
    """A small PNG whose header says it unpacks to that many pixels."""
    raw = other("PNG")
    header = b"IHDR" + struct.pack(">II", width, height) + raw[24:29]
    return raw[:12] + header + struct.pack(">I", zlib.crc32(header)) + raw[33:]

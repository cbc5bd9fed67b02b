"""Sample files made by hand, so that nobody needs to have any: a picture, a sound, a video, a PDF and a web page."""

import colorsys
import hashlib
import math
import struct
import zlib
from collections.abc import Iterable

SIDE = 320  # Pixels of the picture, each way.
RATE, SECONDS = 16_000, 2  # The sound's samples a second, and how long it is.
BLOCKS, FRAMES, FRAME_TIME = 4, 12, 125  # The video: macroblocks of 16 pixels each way, frames, milliseconds of each.


def image() -> bytes:
    """A PNG: a sunrise of plain colours."""
    lines = bytearray()
    for y in range(SIDE):
        lines.append(0)
        for x in range(SIDE):
            sun = math.hypot(x - SIDE / 2, y - SIDE * 0.62) < SIDE * 0.2
            if y > SIDE * 0.62:
                lines += bytes((38, 70, 110 - (y * 40) // SIDE))
            else:
                lines += bytes((255, 214, 120) if sun else (90 + (y * 150) // SIDE, 100 + (y * 60) // SIDE, 190))
    return _png(SIDE, lines)


def portrait(username: str) -> bytes:
    """A PNG for somebody's profile: a disc in a colour that is always the same for the same name."""
    side, hue = 64, int(hashlib.sha256(username.encode()).hexdigest()[:4], 16) % 360
    colour = bytes(round(part * 255) for part in colorsys.hls_to_rgb(hue / 360, 0.42, 0.55))
    lines = bytearray()
    for y in range(side):
        lines.append(0)
        for x in range(side):
            lines += colour if math.hypot(x - side / 2 + 0.5, y - side / 2 + 0.5) <= side / 2 else b"\xff\xff\xff"
    return _png(side, lines)


def _png(side: int, lines: bytes | bytearray) -> bytes:
    """A square of RGB, each line with its filter byte."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(lines), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def audio() -> bytes:
    """A WAV: two notes."""
    wave = bytearray()
    for n in range(RATE * SECONDS):
        pitch = 440.0 if n < RATE else 554.37
        fade = min(1.0, (n % RATE) / 400, (RATE - n % RATE) / 4000)
        wave += struct.pack("<h", int(9000 * fade * math.sin(2 * math.pi * pitch * n / RATE)))
    form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(wave)) + bytes(wave)
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def document() -> bytes:
    """A PDF of one page with one line."""
    text = b"BT /F1 24 Tf 72 720 Td (A sample document) Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(made) + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def page() -> bytes:
    """What the address of a reel may turn out to be: a web page instead of a video (facts 1.6)."""
    return (
        b"<!doctype html><html lang=en><meta charset=utf-8><title>A reel</title><p>Log in to see this reel.</p></html>"
    )


def video() -> bytes:
    """An MP4 (H.264) of a colour that changes; every macroblock is written out plainly, which needs no encoder."""
    frames = [_sample(_picture(number)) for number in range(FRAMES)]
    head = _box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
    # The table of places needs the length of what stands before the frames, which does not depend on the places.
    before = len(head) + len(_movie([0] * FRAMES, frames)) + 8
    places = [before + sum(map(len, frames[:number])) for number in range(FRAMES)]
    return head + _movie(places, frames) + _box(b"mdat", b"".join(frames))


# H.264, after ITU-T H.264: baseline profile, only I_PCM macroblocks.

_SETS = (
    # Sequence: profile 66, level 1.0, frame numbers of 4 bits, order of frames as written, size in macroblocks.
    lambda: (
        bytes((0x67, 66, 0xC0, 10))
        + _bits(_ue(0), _ue(0), _ue(2), _ue(0), "0", _ue(BLOCKS - 1), _ue(BLOCKS - 1), "1100")
    ),
    # Picture: CAVLC, one slice group, no prediction weights, no deblocking control.
    lambda: b"\x68" + _bits(_ue(0), _ue(0), "00", _ue(0), _ue(0), _ue(0), "000", _ue(0), _ue(0), _ue(0), "000"),
)


def _picture(number: int) -> bytes:
    """One frame by itself (IDR)."""
    header = "".join((_ue(0), _ue(7), _ue(0), "0000", _ue(number % 2), "00", _ue(0)))
    luma, blue, red = 60 + number * 10, 80 + number * 8, 200 - number * 9
    block = bytes([luma]) * 256 + bytes([blue]) * 64 + bytes([red]) * 64
    made, pending = bytearray(), header
    for _ in range(BLOCKS * BLOCKS):
        pending += _ue(25)
        pending += "0" * (-len(pending) % 8)
        made += int(pending, 2).to_bytes(len(pending) // 8, "big") + block
        pending = ""
    return b"\x65" + _escaped(bytes(made) + b"\x80")


def _sample(unit: bytes) -> bytes:
    return struct.pack(">I", len(unit)) + unit


def _ue(number: int) -> str:
    """Exponential-Golomb code."""
    written = f"{number + 1:b}"
    return "0" * (len(written) - 1) + written


def _bits(*parts: str) -> bytes:
    written = "".join(parts) + "1"
    written += "0" * (-len(written) % 8)
    return _escaped(int(written, 2).to_bytes(len(written) // 8, "big"))


def _escaped(content: bytes) -> bytes:
    """Two zero bytes before a small one would begin a new unit."""
    made, zeros = bytearray(), 0
    for byte in content:
        if zeros == 2 and byte <= 3:
            made.append(3)
            zeros = 0
        made.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(made)


# MP4, after ISO/IEC 14496-12 and -15.

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + name + content


def _full(name: bytes, content: bytes, flags: int = 0) -> bytes:
    return _box(name, struct.pack(">I", flags) + content)


def _list(name: bytes, form: str, items: Iterable[tuple[int, ...]]) -> bytes:
    entries = [struct.pack(form, *item) for item in items]
    return _full(name, struct.pack(">I", len(entries)) + b"".join(entries))


def _movie(places: list[int], frames: list[bytes]) -> bytes:
    length, size = FRAMES * FRAME_TIME, BLOCKS * 16
    sequence, picture = (made() for made in _SETS)
    sets = b"\x01" + sequence[1:4] + b"\xff\xe1" + struct.pack(">H", len(sequence)) + sequence
    sets += b"\x01" + struct.pack(">H", len(picture)) + picture
    entry = struct.pack(">6xH16xHHIIIH32xHh", 1, size, size, 0x480000, 0x480000, 0, 1, 24, -1) + _box(b"avcC", sets)
    table = b"".join(
        (
            _full(b"stsd", struct.pack(">I", 1) + _box(b"avc1", entry)),
            _list(b"stts", ">II", [(FRAMES, FRAME_TIME)]),
            _list(b"stsc", ">III", [(1, 1, 1)]),
            _full(b"stsz", struct.pack(">II", 0, FRAMES) + b"".join(struct.pack(">I", len(one)) for one in frames)),
            _list(b"stco", ">I", [(place,) for place in places]),
        )
    )
    source = _box(b"dinf", _full(b"dref", struct.pack(">I", 1) + _full(b"url ", b"", 1)))
    media = b"".join(
        (
            _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, 1000, length, 0x55C4, 0)),
            _full(b"hdlr", b"\0\0\0\0vide" + bytes(12) + b"video\0"),
            _box(b"minf", _full(b"vmhd", bytes(8), 1) + source + _box(b"stbl", table)),
        )
    )
    track = (
        struct.pack(">IIIII8xhhhh", 0, 0, 1, 0, length, 0, 0, 0, 0)
        + _MATRIX
        + struct.pack(">II", size << 16, size << 16)
    )
    header = struct.pack(">IIIIIH10x", 0, 0, 1000, length, 0x10000, 0x100) + _MATRIX + bytes(24) + struct.pack(">I", 2)
    return _box(b"moov", _full(b"mvhd", header) + _box(b"trak", _full(b"tkhd", track, 7) + _box(b"mdia", media)))

"""The beginnings of files of every type, by which programs tell them apart."""

import struct
import zlib


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(size: int = 0) -> bytes:
    """A whole picture of one red dot, with a comment that makes it about `size` bytes long."""
    parts = [
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        _chunk(b"tEXt", b"Comment\0" + b"x" * size),
        _chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")),
        _chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def boxed(brand: bytes, *others: bytes) -> bytes:
    """The first boxes of a file in the MPEG-4 family."""
    names = brand + bytes(4) + b"".join(others)
    return struct.pack(">I", 8 + len(names)) + b"ftyp" + names + struct.pack(">I", 16) + b"mdat" + bytes(8)


def ogg(codec: bytes) -> bytes:
    return b"OggS\x00\x02" + bytes(20) + b"\x01" + bytes([len(codec)]) + codec + bytes(40)


def riff(name: bytes) -> bytes:
    return b"RIFF\x50\x00\x00\x00" + name + bytes(60)


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(60) + b"\xff\xd9"
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
PDF = b"%PDF-1.7\n" + b"1 0 obj\n" * 20 + b"%%EOF\n"
MP4 = boxed(b"isom", b"isom", b"iso2", b"avc1", b"mp41")
EXE = b"MZ\x90\x00\x03\x00" + bytes(60) + b"This program cannot be run in DOS mode" + bytes(100)
HTML = b"<!DOCTYPE html><html><head><title>Reel</title></head></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

# What the bytes are, with Instagram's word for the attachment, and the type and ending that come of it.
KEPT = [
    (png(), "image", "image/png", ".png"),
    (JPEG, "image", "image/jpeg", ".jpg"),
    (b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + bytes(60), "image", "image/jpeg", ".jpg"),
    (GIF, "image", "image/gif", ".gif"),
    (riff(b"WEBPVP8 "), "sticker", "image/webp", ".webp"),
    (boxed(b"heic", b"mif1", b"heic"), "image", "image/heic", ".heic"),
    (boxed(b"mif1", b"heic"), "image", "image/heic", ".heic"),
    (boxed(b"M4A ", b"mp42"), "audio", "audio/mp4", ".m4a"),
    (MP4, "audio", "audio/mp4", ".m4a"),
    (b"\xff\xf1\x50\x80" + bytes(60), "audio", "audio/aac", ".aac"),
    (b"ID3\x04\x00\x00" + bytes(60), "audio", "audio/mpeg", ".mp3"),
    (riff(b"WAVEfmt "), "audio", "audio/wav", ".wav"),
    (ogg(b"OpusHead"), "audio", "audio/ogg", ".ogg"),
    (MP4, "video", "video/mp4", ".mp4"),
    (boxed(b"mp42", b"isom"), "ig_reel", "video/mp4", ".mp4"),
    (boxed(b"dash", b"iso6"), "story_mention", "video/mp4", ".mp4"),
    (boxed(b"qt  "), "video", "video/quicktime", ".mov"),
    (riff(b"AVI LIST"), "video", "video/x-msvideo", ".avi"),
    (ogg(b"\x80theora"), "video", "video/ogg", ".ogv"),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm" + bytes(60), "video", "video/webm", ".webm"),
    (PDF, "file", "application/pdf", ".pdf"),
]
NOT_KEPT = [
    EXE,
    b"\x7fELF\x02\x01\x01" + bytes(60),
    b"PK\x03\x04" + bytes(60),
    HTML,
    b"<html><body></body></html>",
    SVG,
    b'<?xml version="1.0"?>' + SVG,
    b"BM" + bytes(60),
    b"II*\x00" + bytes(60),
    b"plain words",
    b"Get free things",
    b"x",
    bytes(100),
    boxed(b"avif", b"mif1"),
    boxed(b"mif1", b"avif"),
    boxed(b"crx ", b"isom"),
    boxed(b"????"),
    b"\xff\xff\xff\xffftyp",
    b"\x00\x00\x00\x00ftyp" + bytes(60),
    b"\x1aE\xdf\xa3\xa3B\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x88matroska" + bytes(60),
]

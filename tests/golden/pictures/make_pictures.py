"""Makes the picture files in this folder, and what Pillow reads in them (NAME.expected.png), with Pillow and piexif."""

import io
import struct
import zlib

import numpy as np
import piexif
import piexif.helper
from PIL import Image, ImageCms, PngImagePlugin

WIDTH, HEIGHT = 24, 16
SETTINGS = "a cat, 猫 😀\nNegative prompt: café\nSteps: 20, Sampler: Euler a, Seed: 1"


def base_picture():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    channels = [x * 255 / (WIDTH - 1), y * 255 / (HEIGHT - 1), 128 + 100 * np.sin(x / 5 + y / 7)]
    return Image.fromarray(np.stack(channels, -1).astype("uint8"))


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_16_bit(picture, colour_type):
    rows = (np.asarray(picture).astype("uint16") * 257).astype(">u2")
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows), 9)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def over_white(picture):
    rgba = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)


def expect(name, picture):
    picture.convert("RGB").save(name + ".expected.png", optimize=True)


def wide_gamut_profile():
    """sRGB's profile with the colorants of Display P3."""
    profile = bytearray(srgb_profile())
    colorants = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    for i in range(struct.unpack(">I", profile[128:132])[0]):
        tag, offset, _ = struct.unpack(">4sII", profile[132 + 12 * i : 144 + 12 * i])
        if tag in colorants:
            values = b"".join(struct.pack(">i", round(v * 65536)) for v in colorants[tag])
            profile[offset + 8 : offset + 20] = values
    return bytes(profile)


def srgb_profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def make_kinds(base):
    translucent = base.copy()
    translucent.putalpha(Image.fromarray((np.mgrid[0:HEIGHT, 0:WIDTH][1] * 11).astype("uint8")))
    base.save("rgb.png")
    base.save("rgb.jpg", quality=90)
    base.save("progressive.jpg", quality=90, progressive=True)
    base.save("rgb.webp", quality=90)
    base.save("lossless.webp", lossless=True)
    base.convert("L").save("grey.png")
    base.convert("L").save("grey.jpg", quality=90)
    base.convert("CMYK").save("cmyk.jpg", quality=90)
    base.convert("1").save("one_bit.png")
    base.quantize(4).save("palette.png")
    base.quantize(16).save("palette_transparent.png", transparency=3)
    translucent.save("rgba.png")
    translucent.convert("LA").save("grey_alpha.png")
    translucent.save("rgba.webp", lossless=True)
    write("rgb_16_bit.png", png_16_bit(base, 2))
    write("rgba_16_bit.png", png_16_bit(translucent, 6))
    turned = base.transpose(Image.Transpose.ROTATE_180)
    base.save("animation.webp", save_all=True, append_images=[turned], lossless=True)
    for name in ["rgb.jpg", "progressive.jpg", "rgb.webp", "grey.png", "grey.jpg", "cmyk.jpg", "one_bit.png"]:
        expect(name, Image.open(name))
    for name in ["palette.png", "palette_transparent.png", "rgba.png", "grey_alpha.png", "rgba.webp"]:
        expect(name, over_white(Image.open(name)))
    expect("rgba_16_bit.png", over_white(translucent))
    for name in ["lossless.webp", "rgb_16_bit.png", "animation.webp"]:
        expect(name, base)
    small = Image.new("RGB", (2, 2))
    for name in ["other.gif", "other.tiff", "other.bmp"]:
        small.save(name)


def make_orientations(base):
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        base.save(f"orientation_{orientation}.jpg", quality=90, exif=exif)
    base.save("orientation_8.png", exif=exif)
    base.save("orientation_8.webp", exif=exif, lossless=True)


def make_profiles(base):
    wide = wide_gamut_profile()
    base.save("profile_srgb.png", icc_profile=srgb_profile())
    base.save("profile_wide.png", icc_profile=wide)
    base.save("profile_wide.webp", icc_profile=wide, lossless=True)
    base.save("profile_broken.png", icc_profile=b"no profile" * 20)
    base.save("profile_broken.jpg", icc_profile=b"no profile" * 20, quality=90)
    as_srgb = ImageCms.profileToProfile(base, ImageCms.ImageCmsProfile(io.BytesIO(wide)), ImageCms.createProfile("sRGB"))
    expect("profile_wide", as_srgb)


def make_settings():
    base = Image.new("RGB", (8, 8), (200, 100, 50))
    comment = piexif.helper.UserComment.dump(SETTINGS, encoding="unicode")
    block = piexif.dump({"Exif": {piexif.ExifIFD.UserComment: comment}})
    for name in ["settings_big_endian.jpg", "settings_big_endian.webp"]:
        base.save(name)
        piexif.insert(block, name)
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + SETTINGS.encode("utf-16-le")
    base.save("settings_little_endian.jpg", exif=exif)
    for name, compressed in [("settings_itxt.png", False), ("settings_itxt_compressed.png", True)]:
        info = PngImagePlugin.PngInfo()
        info.add_text("parameters", SETTINGS, zip=compressed)
        base.save(name, pnginfo=info)
    for name, compressed in [("settings_latin1.png", False), ("settings_ztxt.png", True)]:
        info = PngImagePlugin.PngInfo()
        info.add_text("parameters", "café\nSteps: 20", zip=compressed)
        base.save(name, pnginfo=info)
    info = PngImagePlugin.PngInfo()
    info.add(b"tEXt", b"parameters\0" + SETTINGS.encode())
    base.save("settings_text_utf8.png", pnginfo=info)
    base.save("settings_comment.jpg", comment=b"parameters\0" + SETTINGS.encode() + b"\0")


make_kinds(base_picture())
make_orientations(base_picture())
make_profiles(base_picture())
make_settings()

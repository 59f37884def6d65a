"""Make an image, a binary PPM, by writing its pixels straight into the mapped file.

image_make.py PATH [WIDTH HEIGHT]      then, in any of the three languages: image_filter PATH invert
"""

# SPDX-License-Identifier: MIT
import sys

import memwell


def make(path: str, width: int, height: int) -> None:
    header = b"P6\n%d %d\n255\n" % (width, height)
    size = len(header) + width * height * 3
    with memwell.Region.file(path, "w+", size=size, permissions=0o644) as file:  # the disk space is reserved here
        file.write(header)
        pixels = file.view("uint8", (height, width, 3), offset=len(header))
        red, green, blue = (pixels[:, :, channel] for channel in range(3))  # windows on every third byte
        for y in range(height):
            red[y].copy_from([x * 255 // width for x in range(width)])  # red grows to the right
            green[y].fill(y * 255 // height)  # green grows downwards
            blue[y].copy_from([(x ^ y) % 256 for x in range(width)])  # blue makes a pattern


def main() -> None:
    if len(sys.argv) not in (2, 4):
        sys.exit("usage: image_make.py PATH [WIDTH HEIGHT]")
    path, *size = sys.argv[1:]
    try:
        width, height = map(int, size or ("320", "200"))
        make(path, width, height)
    except (OSError, ValueError) as error:
        sys.exit(f"image_make: {error}")
    print(f"{path}: {width} x {height} pixels")


if __name__ == "__main__":
    main()

"""Change an image in place: the pixels are changed in the mapped file itself, and nothing is copied.

image_filter.py PATH invert|grey|blur      PATH is a binary PPM, as image_make writes it in any of the three languages
"""

# SPDX-License-Identifier: MIT
import re
import sys

import memwell


def invert(row: memwell.View) -> None:
    for channel in (row[:, 0], row[:, 1], row[:, 2]):
        for x, value in enumerate(channel):
            channel[x] = 255 - value


def grey(row: memwell.View) -> None:
    red, green, blue = row[:, 0], row[:, 1], row[:, 2]
    for x, (r, g, b) in enumerate(zip(red, green, blue, strict=True)):
        red[x] = green[x] = blue[x] = (r * 299 + g * 587 + b * 114) // 1000


def blur(row: memwell.View) -> None:
    """The mean of each pixel and its two neighbours in the row; outside, the border pixel stands again."""
    for channel in (row[:, 0], row[:, 1], row[:, 2]):
        left, last = channel[0], len(channel) - 1
        for x, here in enumerate(channel):
            channel[x] = (left + here + channel[min(x + 1, last)]) // 3
            left = here


FILTERS = {"invert": invert, "grey": grey, "blur": blur}


def main() -> None:
    if len(sys.argv) != 3 or sys.argv[2] not in FILTERS:
        sys.exit("usage: image_filter.py PATH invert|grey|blur")
    path, name = sys.argv[1:]
    try:
        with memwell.Region.file(path, "r+") as file:
            header = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255[ \n]", file)  # a region is a buffer: re looks into the mapping itself
            if not header:
                raise ValueError(f"{path} is not a binary PPM with 255 levels")
            width, height = int(header[1]), int(header[2])
            for row in file.view("uint8", (height, width, 3), offset=header.end()):  # ValueError if they are not all in the file
                FILTERS[name](row)
    except (OSError, ValueError) as error:
        sys.exit(f"image_filter: {error}")
    print(f"{path}: {name}")


if __name__ == "__main__":
    main()

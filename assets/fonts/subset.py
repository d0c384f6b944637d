#!/usr/bin/env python3
"""Makes the two fonts of the album card from Debian's fonts-noto-cjk (Noto Sans CJK, SC), with the currency signs and letters that it lacks
from fonts-noto-core (Noto Sans, of the same licence and em).

    apt-get install fonts-noto-cjk fonts-noto-core unicode-data && pip install fonttools
    python3 assets/fonts/subset.py

Kept: the 8,105 characters of the standard Chinese character list (Unihan's kTGH), Latin, Greek, kana, currency signs,
punctuation, arrows and circled numbers. Kerning of ASCII is moved into a plain `kern` table, and the proportional forms of
quotation marks and ellipsis, which only a layout engine would reach, get code points of the private use area: U+E000 plus the last
byte of the mark's own.
"""
import bz2
import os

from fontTools import subset
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTCollection, TTFont, newTable
from fontTools.ttLib.tables._k_e_r_n import KernTable_format_0

FONTS = "/usr/share/fonts/opentype/noto/NotoSansCJK-{}.ttc"
LATIN_FONTS = os.environ.get("LATIN_FONTS", "/usr/share/fonts/truetype/noto/NotoSans-{}.ttf")
UNIHAN = os.environ.get("UNIHAN", "/usr/share/unicode/Unihan_OtherMappings.txt.bz2")
SIMPLIFIED_CHINESE = 2  # Its place in the collection.
MARKS = [0x2018, 0x2019, 0x201C, 0x201D, 0x2026]
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x192, 0x192), (0x1CD, 0x1DC), (0x218, 0x21B), (0x1EA0, 0x1EF9), (0x384, 0x3CE),
    (0x400, 0x45F), (0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x2089), (0x20A0, 0x20C0), (0x2103, 0x2103),
    (0x2116, 0x2116), (0x2122, 0x2122), (0x2150, 0x217F), (0x2190, 0x2199), (0x2212, 0x2212), (0x221E, 0x221E),
    (0x2248, 0x2265), (0x2460, 0x2473), (0x25A0, 0x25A1), (0x25B2, 0x25CF), (0x2605, 0x2606), (0x3000, 0x303F),
    (0x3041, 0x3096), (0x3099, 0x312F), (0x31F0, 0x31FF), (0xFF01, 0xFF9F), (0xFFE0, 0xFFE6),
]


def characters():
    with bz2.open(UNIHAN, "rt") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    standard = {int(row[0][2:], 16) for row in rows if len(row) == 3 and row[1] == "kTGH"}
    assert len(standard) == 8105, len(standard)
    return standard | {code for first, last in RANGES for code in range(first, last + 1)}


def lookups(table, feature):
    places = {i for r in table.FeatureList.FeatureRecord if r.FeatureTag == feature for i in r.Feature.LookupListIndex}
    for place in sorted(places):
        for part in table.LookupList.Lookup[place].SubTable:
            yield getattr(part, "ExtSubTable", part)


def map_proportional_marks(font):
    names = font.getBestCmap()
    forms = {}
    for part in lookups(font["GSUB"].table, "pwid"):
        forms.update(part.mapping)
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format != 14:
            table.cmap.update({0xE000 + (mark & 0xFF): forms[names[mark]] for mark in MARKS})


def kerning(font):
    names = font.getBestCmap()
    ascii_glyphs = {names[code] for code in range(0x20, 0x7F)}
    pairs = {}
    for part in lookups(font["GPOS"].table, "kern"):
        for place, first in enumerate(part.Coverage.glyphs):
            if first not in ascii_glyphs:
                continue
            if part.Format == 1:
                found = {r.SecondGlyph: r.Value1 for r in part.PairSet[place].PairValueRecord}
            else:
                row = part.Class1Record[part.ClassDef1.classDefs.get(first, 0)].Class2Record
                found = {second: row[part.ClassDef2.classDefs.get(second, 0)].Value1 for second in ascii_glyphs}
            for second, value in found.items():
                by = getattr(value, "XAdvance", 0) if value and second in ascii_glyphs else 0
                if by:
                    pairs.setdefault((first, second), by)
    return pairs


def plain_kern_table(pairs):
    part = KernTable_format_0()
    part.version, part.coverage, part.apple, part.tupleIndex, part.kernTable = 0, 1, False, None, pairs
    table = newTable("kern")
    table.version, table.kernTables = 0, [part]
    return table


def add_missing(font, weight):
    """Draws the missing ones with the curves of the other font."""
    latin = TTFont(LATIN_FONTS.format(weight))
    assert latin["head"].unitsPerEm == font["head"].unitsPerEm
    names, glyphs = latin.getBestCmap(), latin.getGlyphSet()
    top = font["CFF "].cff.topDictIndex[0]
    first_sign = top.CharStrings[font.getBestCmap()[ord("$")]]
    select = top.FDSelect[font.getGlyphID(font.getBestCmap()[ord("$")])]
    known = font.getBestCmap()
    missing = [code for first, last in RANGES for code in range(first, last + 1) if code not in known and code in names]
    # Names of the form that the font has, beyond all of its own.
    for number, code in enumerate(missing, 64000):
        glyph, name = glyphs[names[code]], f"cid{number:05d}"
        # Widths are told as differences from what is usual in the private part that the dollar sign has.
        private = first_sign.private
        pen = T2CharStringPen(glyph.width - private.nominalWidthX, glyphs)
        glyph.draw(pen)
        drawn = pen.getCharString(private=private, globalSubrs=top.GlobalSubrs)
        top.CharStrings.charStringsIndex.append(drawn)
        top.CharStrings.charStrings[name] = len(top.CharStrings.charStringsIndex) - 1
        top.charset.append(name)
        top.FDSelect.append(select)
        font.setGlyphOrder(top.charset)
        font["hmtx"].metrics[name] = (glyph.width, getattr(glyph, "lsb", 0) or 0)
        for table in font["cmap"].tables:
            if table.isUnicode() and table.format != 14:
                table.cmap[code] = name
    font["maxp"].numGlyphs = len(top.charset)


def main():
    wanted = characters() | {0xE000 + (mark & 0xFF) for mark in MARKS}
    for weight in ("Regular", "Bold"):
        font = TTCollection(FONTS.format(weight)).fonts[SIMPLIFIED_CHINESE]
        map_proportional_marks(font)
        options = subset.Options(hinting=False, notdef_outline=True, glyph_names=False)
        options.layout_features = ["kern"]
        options.name_IDs, options.name_languages = [0, 1, 2, 3, 4, 5, 6, 13, 14], [0x409]
        options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG", "GSUB", "GDEF"]
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=wanted)
        subsetter.subset(font)
        font["kern"] = plain_kern_table(kerning(font))
        del font["GPOS"]
        add_missing(font, weight)
        path = os.path.join(os.path.dirname(__file__), f"NotoSansSC-{weight}.otf")
        font.save(path)
        print(path, len(font.getBestCmap()), "characters,", os.path.getsize(path), "bytes")


main()

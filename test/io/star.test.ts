import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { expectBlock, findBlock, type StarDocument, starBlock } from "../../src/io/star/document.ts";
import { STAR_LABELS } from "../../src/io/star/labels.ts";
import { isNumberText, parseNumber } from "../../src/io/star/number.ts";
import { parseStar } from "../../src/io/star/parse.ts";
import { makeStarTable } from "../../src/io/star/table.ts";
import { formatNumber, quoted, starText } from "../../src/io/star/write.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): StarDocument => parseStar(encode(text), "x.star");

describe("wrong files are refused with line and reason", () => {
  const cases: [string, string, RegExp][] = [
    ["no block", "hello world\n", /x.star:1: expected data_, loop_ or a _label, got a value/],
    ["empty", "", /not a STAR file: no line starts with data_/],
    ["only comments", "# nothing\n", /not a STAR file/],
    ["loop before data", "loop_\n_a\n1\n", /x.star:1: expected a data_ line before loop_/],
    ["label before data", "_a 1\n", /x.star:1: expected a data_ line before the first label/],
    ["loop without labels", "data_\nloop_\n1 2\n", /x.star:3: expected data_, loop_ or a _label/],
    ["too few values", "data_\nloop_\n_a\n_b\n1 2\n3\n4 5\n", /x.star:6: expected 2 values \(one a column\), got 1/],
    ["too many values", "data_\nloop_\n_a\n_b\n1 2 3\n", /x.star:5: expected 2 values \(one a column\), got 3/],
    ["a label twice", "data_\nloop_\n_a\n_a\n", /x.star:4: the label _a appears twice/],
    ["an open quote", "data_\n_a 'x y\n", /x.star:2: a quoted value is not closed/],
    ["two values for one label", "data_\n_a 1 2\n", /x.star:2: _a: expected one value/],
  ];
  test.each(cases)("%s", (_name, text, message) => {
    expect(() => parse(text)).toThrow(DataError);
    expect(() => parse(text)).toThrow(message);
  });

  test("all short rows are reported together", () => {
    const rows = Array.from({ length: 30 }, () => "1").join("\n");
    expect(() => parse(`data_\nloop_\n_a\n_b\n${rows}\n`)).toThrow(/30 problems:(.|\n)*and 20 more/);
  });

  test("text in a number column is named by line", () => {
    const { table } = parse("data_\nloop_\n_a\n1\ntwo\n3\n").blocks[0]!;
    expect(() => table.numbers("a")).toThrow('x.star:5: a: expected a number, got "two".');
    expect(() => table.numbers("b")).toThrow("x.star: no column _b (columns: a).");
  });

  test("a missing block is named with those that are there", () => {
    expect(() => expectBlock(parse("data_one\n_a 1\n"), "two")).toThrow("no block data_two (blocks: data_one)");
  });
});

test("blocks of loops and pairs, comments, CR LF and blank lines", () => {
  const text =
    "# version 30001\r\n\r\ndata_general\r\n\r\n_rlnName  'a b' # why\r\n_rlnCount  3\r\n\r\n" +
    "# next\r\ndata_list\r\n\r\nloop_ \r\n_rlnA #1 \r\n_rlnB #2 \r\n 1 x # first\r\n\r\n# between\r\n\t2\ty \r\n";
  const document = parse(text);
  const [general, list] = document.blocks;
  expect(general).toMatchObject({ name: "general", isLoop: false, comments: ["# version 30001"] });
  expect(general!.table.text("rlnName", 0)).toBe("a b");
  expect(list!.comments).toEqual(["# next"]);
  expect([...list!.table.numbers("rlnA")]).toEqual([1, 2]);
  expect(list!.table.texts("rlnB")).toEqual(["x", "y"]);
  expect(list!.table.placeOf(1)).toBe("x.star:17");
  expect(document.trailingComments).toEqual(["# between"]);
});

test("quotes hold spaces, the empty text and the other quote; a quote inside a word is itself", () => {
  const { table } = parse(`data_\nloop_\n_a\n_b\n_c\n_d\n"x y" '' "it's" it's\n' " ' "" "a"b" 'q'\n`).blocks[0]!;
  expect(["a", "b", "c", "d"].map((label) => table.text(label, 0))).toEqual(["x y", "", "it's", "it's"]);
  expect(["a", "b", "c", "d"].map((label) => table.text(label, 1))).toEqual([' " ', "", 'a"b', "q"]);
});

test("a row may start with a path that begins with data_ or loop_", () => {
  const { blocks } = parse("data_particles\nloop_\n_a\n_b\ndata_1/x.mrc 1\nloop_/y.mrc 2\ndata_more\n_c 1\n");
  expect(blocks.map((block) => block.name)).toEqual(["particles", "more"]);
  expect(blocks[0]!.table.texts("a")).toEqual(["data_1/x.mrc", "loop_/y.mrc"]);
});

test("pairs after a loop, and a second loop, are further tables of the same block", () => {
  const document = parse("data_m\nloop_\n_a\n1\n2\n_b 5\nloop_\n_c\n7\n");
  expect(document.blocks.map((block) => [block.isContinuation, block.table.labels])).toEqual([
    [false, ["a"]],
    [true, ["b"]],
    [true, ["c"]],
  ]);
  expect(starText(parseStar(encode(starText(document)), "y"))).toBe(starText(document));
});

test("numbers are read as JavaScript reads them, to the last bit", () => {
  const text = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.double({ min: -1e5, max: 1e5, noNaN: true }).map((value) => value.toFixed(6)),
    fc.double({ min: -1, max: 1, noNaN: true }).map((value) => value.toExponential(8)),
    fc.integer().map(String),
    fc.constantFrom("1.421115e+05", "+3", ".5", "5.", "-7.04404e-04", "00012", "123456789012345678", "-0"),
  );
  fc.assert(
    fc.property(text, (value) => {
      const bytes = encode(value);
      expect(parseNumber(bytes, 0, bytes.length)).toBe(Number(value));
    }),
    { numRuns: 2000 },
  );
});

test("what is no number is not read as one", () => {
  for (const value of ["", "-", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1_000", "12a", "--1", "nan?"]) {
    const bytes = encode(value);
    expect(parseNumber(bytes, 0, bytes.length)).toBeNaN();
    expect(isNumberText(value)).toBe(false);
  }
  expect(parseNumber(encode("-inf"), 0, 4)).toBe(Number.NEGATIVE_INFINITY);
  expect(isNumberText("nan")).toBe(true);
});

test("any text written as a value is read back the same, or refused", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."'\" \t#_a") })), (text) => {
      let field: string;
      try {
        field = quoted(text, "here");
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(DataError);
        return;
      }
      const { table } = parse(`data_\nloop_\n_a\n_b\n${field} 1\n`).blocks[0]!;
      expect(table.text("a", 0)).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

test("numbers are written with six decimals, or with six digits where decimals would lose them", () => {
  expect(formatNumber(12345.678901, "real")).toBe("12345.678901");
  expect(formatNumber(1.5e-5, "real")).toBe("1.500000e-5");
  expect(formatNumber(0, "real")).toBe("0.000000");
  expect(formatNumber(2, "integer")).toBe("2");
  const table = makeStarTable("made", [{ label: "a", numbers: [1, Number.NaN] }]);
  const document = { where: "made", blocks: [starBlock("x", table)], trailingComments: [] };
  expect(() => starText(document)).toThrow("made: row 2: a: expected a finite number to write, got NaN.");
});

test("changed columns are replaced in place, added ones follow, all others keep their bytes", () => {
  const document = parse("data_particles\n\nloop_\n_a #1\n_b #2\n_c #3\n  1.50   x  7e-1\n  2.50   'y z'  8e-1\n");
  const table = document.blocks[0]!.table.withColumns([
    { label: "b", texts: ["p q", ""] },
    { label: "rlnRandomSubset", numbers: [1, 2] },
  ]);
  const text = starText({ ...document, blocks: [{ ...document.blocks[0]!, table }] });
  expect(text).toContain('1.50 "p q" 7e-1 1\n2.50 "" 8e-1 2\n');
  const picked = table.selectRows([1]);
  expect([picked.text("a", 0), picked.text("b", 0), picked.numbers("rlnRandomSubset")[0]]).toEqual(["2.50", "", 2]);
  expect(picked.lineOf(0)).toBe(8);
  expect(() => table.withColumns([{ label: "d", numbers: [1] }])).toThrow("column d: expected 2 values, got 1");
});

test("rows longer than 64 KiB and thousands of columns are read", () => {
  const long = "x".repeat(70_000);
  const { table } = parse(`data_\nloop_\n_a\n_b\n_c\n1 2 3\n${long} 5 6\n7 8 9\n`).blocks[0]!;
  expect([...table.numbers("c")]).toEqual([3, 6, 9]);
  expect(table.text("a", 1)).toHaveLength(70_000);
});

test("more rows than the first estimate are kept", () => {
  const rows = [`${" ".repeat(500)}1`, ...Array.from({ length: 5000 }, (_, row) => String(row + 2))].join("\n");
  const values = parse(`data_\nloop_\n_a\n${rows}\n`).blocks[0]!.table.numbers("a");
  expect(values).toHaveLength(5001);
  expect(values.every((value, row) => value === row + 1)).toBe(true);
});

test("bytes of any kind are parsed or refused, never a crash", () => {
  const piece = fc.constantFrom(
    "data_",
    "data_a\n",
    "loop_\n",
    "_a",
    "_b\n",
    "'",
    '"',
    "#",
    " ",
    "\n",
    "1.5",
    "\0",
    "\r\n",
    "é",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece, { maxLength: 40 }).map((all) => encode(all.join(""))),
        fc.uint8Array(),
      ),
      (bytes) => {
        try {
          const document = parseStar(bytes, "x.star");
          const again = starText(parseStar(encode(starText(document)), "x.star"));
          expect(again).toBe(starText(document));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DataError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("every known label says its unit and kind", () => {
  expect(STAR_LABELS["rlnDefocusAngle"]).toEqual({ kind: "real", unit: "degrees" });
  for (const [label, meaning] of Object.entries(STAR_LABELS)) {
    expect(label).toMatch(/^(rln|vit)[A-Z]/);
    expect(["real", "integer", "text"]).toContain(meaning.kind);
  }
});

describe.skipIf(!hasSharedData("star/relion5.star"))("STAR files of other programs", () => {
  const files = hasSharedData("star")
    ? readdirSync(sharedData("star"))
        .map((name) => `star/${name}`)
        .concat(
          "apoferritin-dev/apo_dev_relion_poses.star",
          "ribosome-64/truth.star",
          "stacks/sample_relion_data.star",
          "stacks/rln_proj_64.star",
          "cs/empiar_10076_7.star",
        )
    : [];
  test.each(files)("%s keeps every block, column and value through a round trip", (path) => {
    const document = readStarFile(sharedData(path));
    const again = parseStar(encode(starText(document)), path);
    expect(again.blocks).toHaveLength(document.blocks.length);
    document.blocks.forEach((block, i) => {
      const copy = again.blocks[i]!;
      expect([copy.name, copy.isLoop, copy.comments, copy.table.labels]).toEqual([
        block.name,
        block.isLoop,
        block.comments,
        block.table.labels,
      ]);
      for (const label of block.table.labels) expect(copy.table.texts(label)).toEqual(block.table.texts(label));
    });
  });

  test("an empty loop has its column and no rows", () => {
    const { table } = readStarFile(sharedData("star/empty_loop.star")).blocks[0]!;
    expect([table.labels, table.rowCount]).toEqual([["rlnCoordinateX"], 0]);
  });

  test("quoted values of either kind of quote are the same", () => {
    for (const quote of ["single", "double"]) {
      const loop = readStarFile(sharedData(`star/loop_${quote}_quote.star`)).blocks[0]!.table;
      expect(loop.labels.map((label) => loop.text(label, 1))).toEqual([
        "noquote",
        "quote string",
        " ",
        "",
        "noquote",
        "",
        "7.0",
        "test",
      ]);
      const basic = readStarFile(sharedData(`star/basic_${quote}_quote.star`)).blocks[0]!.table;
      expect(basic.labels.map((label) => basic.text(label, 0))).toEqual(["noquote", "quote string", " ", ""]);
    }
  });

  test("a file of several blocks has them by name", () => {
    const document = readStarFile(sharedData("star/postprocess.star"));
    expect(findBlock(document, "general")?.isLoop).toBe(false);
    expect(expectBlock(document, "fsc").table.numbers("rlnFourierShellCorrelationCorrected")[0]).toBe(1);
  });
});

/** The server counts code points, JavaScript counts UTF-16 units: the bridge. */

const OUTSIDE_BMP = /[\ud800-\udbff]/;
const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g;

export function codePointsIn(text: string): number {
  if (!OUTSIDE_BMP.test(text)) return text.length;
  return text.length - (text.match(PAIRS)?.length ?? 0);
}

/** The UTF-16 index of the code point at `offset`. */
export function indexOfCodePoint(text: string, offset: number): number {
  if (!OUTSIDE_BMP.test(text)) return Math.min(offset, text.length);
  let index = 0;
  for (let passed = 0; passed < offset && index < text.length; passed += 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}

/** The text between two code points. */
export function sliceByCodePoints(text: string, start: number, end: number): string {
  return text.slice(indexOfCodePoint(text, start), indexOfCodePoint(text, end));
}

/** RFC 4180, with what spreadsheets do with it in mind. */

/** A cell that begins with one of these is taken for a formula by spreadsheets (CWE-1236), also in their wide forms. */
const FORMULA = /^[=+\-@\t\r\n\0＝＋－＠]/;

/** How the file begins, and what stands between its cells. */
export interface CsvStyle {
  readonly start: '' | '\ufeff';
  readonly separator: ',' | ';';
}

/** For programs: RFC 4180 in UTF-8, with nothing before the headings. */
export const PLAIN_CSV: CsvStyle = { start: '', separator: ',' };

export const SHEET_LANGUAGES = ['en', 'de'] as const;
export type SheetLanguage = (typeof SHEET_LANGUAGES)[number];

/**
 * What a spreadsheet of this language opens with a double click: it takes UTF-8 for an older encoding unless a byte order
 * mark says otherwise, and a German one splits at semicolons, because the comma is in its numbers.
 */
export function csvStyle(language: SheetLanguage | undefined): CsvStyle {
  if (language === undefined) return PLAIN_CSV;
  return { start: '\ufeff', separator: language === 'de' ? ';' : ',' };
}

/** Quoted where it must be; what a spreadsheet would run is text behind an apostrophe. */
export function csvCell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n;']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvLine(cells: readonly string[], style: CsvStyle = PLAIN_CSV): string {
  return `${cells.map(csvCell).join(style.separator)}\r\n`;
}

export interface CsvRow {
  /** Number of the line it begins on, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A sheet larger than this is none of a plant's devices. */
export const MAX_ROWS = 100_000;

/**
 * Rows of a sheet whose cells are separated by comma, semicolon or tab, whichever the first line has most of. Empty
 * lines are left out. An open quote ends with the text.
 */
export function parseCsv(text: string): CsvRow[] {
  const source = text.replace(/^\ufeff/, '');
  const head = /^[^\r\n]*/.exec(source)?.[0] ?? '';
  const separator = [',', ';', '\t'].reduce((best, one) => (count(head, one) > count(head, best) ? one : best), ',');
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  let line = 1;
  let startedAt = 1;
  const endRow = (): void => {
    cells.push(cell.trim());
    cell = '';
    if (cells.some((value) => value !== '')) rows.push({ line: startedAt, cells });
    cells = [];
  };
  for (let at = 0; at < source.length && rows.length < MAX_ROWS; at++) {
    const character = source[at]!;
    if (character === '\n') line++;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (source[at + 1] === '"') {
        cell += '"';
        at++;
      } else isQuoted = false;
    } else if (character === '"' && cell.trim() === '') {
      cell = '';
      isQuoted = true;
    } else if (character === separator) {
      cells.push(cell.trim());
      cell = '';
    } else if (character === '\n') {
      endRow();
      startedAt = line;
    } else if (character !== '\r') cell += character;
  }
  endRow();
  return rows;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** RFC 4180, with what spreadsheets do with it in mind. */

/** A cell that begins with one of these is taken for a formula by spreadsheets (CWE-1236). */
const FORMULA = /^[=+\-@\t\r]/;

/** Quoted where it must be; what a spreadsheet would run is text behind an apostrophe. */
export function csvCell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n;']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
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

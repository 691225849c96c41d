import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Real captures that lie beside the checkout, where they may be used; they are not part of the project. */
export const SHARED_CAPTURES = fileURLToPath(new URL('../../../shared/captures', import.meta.url));

export const hasSharedCaptures = existsSync(join(SHARED_CAPTURES, 'index.tsv'));

export const WITHOUT_SHARED_CAPTURES =
  'The folder ../shared/captures is missing: its captures are not replayed by this test.';

export interface SharedCapture {
  readonly file: string;
  readonly path: string;
  /** As capinfos counts them. */
  readonly packets: number;
  readonly linkType: string;
  /** The protocol hierarchy, as tshark sees it. */
  readonly protocols: string;
  readonly notes: string;
}

/** All captures of the index, or none where the folder is missing. */
export function sharedCaptures(): SharedCapture[] {
  if (!hasSharedCaptures) return [];
  const [head = '', ...lines] = readFileSync(join(SHARED_CAPTURES, 'index.tsv'), 'utf8').trimEnd().split('\n');
  const names = head.split('\t');
  const column = (name: string): number => names.indexOf(name);
  return lines.map((line) => {
    const cells = line.split('\t');
    const file = cells[column('file')] ?? '';
    return {
      file,
      path: join(SHARED_CAPTURES, file),
      packets: Number(cells[column('packets')]),
      linkType: cells[column('linktype')] ?? '',
      protocols: cells[column('protocol_hierarchy')] ?? '',
      notes: cells[column('notes')] ?? '',
    };
  });
}

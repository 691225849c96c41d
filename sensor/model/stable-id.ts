import { createHash } from 'node:crypto';

/** An id that the same input gives again, in every run and on every machine: a prefix and 64 bits of SHA-256. */
export function stableId(prefix: string, ...parts: readonly (string | number)[]): string {
  const digest = createHash('sha256').update(parts.join('\u0000')).digest('hex');
  return `${prefix}-${digest.slice(0, 16)}`;
}

import type { ExportEvent } from '../event.js';
import { type FieldMapping, type Format, isGiven } from './format.js';

/** A format that is one JSON object: dotted fields become nested objects. */
export function jsonFormat(name: string, description: string, mapping: readonly FieldMapping[]): Format {
  const paths = mapping.map(({ field, value }) => ({ path: field.split('.'), value }));
  return {
    name,
    description,
    isJson: true,
    mapping,
    render(event: ExportEvent): string {
      const root: Record<string, unknown> = {};
      for (const { path, value } of paths) {
        const given = value(event);
        if (!isGiven(given)) continue;
        let at = root;
        for (let i = 0; i < path.length - 1; i++) {
          const key = path[i]!;
          at[key] ??= {};
          at = at[key] as Record<string, unknown>;
        }
        at[path[path.length - 1]!] = given;
      }
      return JSON.stringify(root);
    },
  };
}

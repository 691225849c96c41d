import { LineCounter, parseDocument } from 'yaml';
import { type Place, RuleError } from './rule.js';

/** A YAML document as plain data, and a way to tell where in the file something stands. Throws `RuleError`. */
export function parseRuleYaml(text: string, file: string): { document: unknown; fail: Place } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problem = document.errors[0];
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw new RuleError(file, line, col, problem.message);
  }
  const fail: Place = (path, reason) => {
    let node: unknown;
    for (let length = path.length; length >= 0 && node === undefined; length--) {
      node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    }
    const start = (node as { range?: [number, number, number] } | null)?.range?.[0] ?? 0;
    const { line, col } = lines.linePos(start);
    return new RuleError(file, Math.max(line, 1), Math.max(col, 1), reason);
  };
  try {
    return { document: document.toJS({ maxAliasCount: 100 }) as unknown, fail };
  } catch (error) {
    // An alias without its anchor, or aliases that multiply without end.
    throw fail([], error instanceof Error ? error.message : String(error));
  }
}

import { LineCounter, parseAllDocuments, type ScalarTag, type Tags } from 'yaml';
import { type Path, RuleError, RulePlace } from './problem.js';

/**
 * Rules are written for YAML 1.1 as PyYAML reads it, because that is what Sigma's own tools use: `yes` and `off` are
 * booleans, `010` is eight, `1e3` is text. The package's own 1.1 schema differs from PyYAML in these points.
 */
const BOOLEAN: ScalarTag = {
  identify: (value) => typeof value === 'boolean',
  default: true,
  tag: 'tag:yaml.org,2002:bool',
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:yes|true|on)$/i.test(text),
};

const NULL: ScalarTag = {
  identify: (value) => value === null,
  default: true,
  tag: 'tag:yaml.org,2002:null',
  test: /^(?:~|null|Null|NULL|)$/,
  resolve: () => null,
};

const INTEGER: ScalarTag = {
  identify: (value) => typeof value === 'number' && Number.isInteger(value),
  default: true,
  tag: 'tag:yaml.org,2002:int',
  test: /^[-+]?(?:0b[0-1_]+|0[0-7_]+|(?:0|[1-9][0-9_]*)|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  resolve: (text) => {
    const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
    let value: number;
    if (digits.includes(':')) value = digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    else if (/^0[0-7]+$/.test(digits)) value = Number.parseInt(digits, 8);
    else value = Number(digits);
    // A number that cannot be held exactly is better compared as the text that stands there.
    if (!Number.isSafeInteger(value)) return text;
    return text.startsWith('-') ? -value : value;
  },
};

const FLOAT: ScalarTag = {
  identify: (value) => typeof value === 'number',
  default: true,
  tag: 'tag:yaml.org,2002:float',
  test: /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|[-+]?\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  resolve: (text) => {
    const value = Number(text.replaceAll('_', ''));
    return Number.isNaN(value) ? text : value;
  },
};

const KEPT: ReadonlySet<string> = new Set(['map', 'seq', 'string', 'merge']);

function tagsOf(tags: Tags): Tags {
  const kept = tags.filter((tag) => {
    if (typeof tag === 'string') return KEPT.has(tag);
    return /:(?:map|seq|str|merge)$/.test(tag.tag);
  });
  return [...kept, NULL, BOOLEAN, INTEGER, FLOAT];
}

export interface RuleDocument {
  /** Plain data. */
  readonly document: unknown;
  readonly place: RulePlace;
}

/** The documents of a rule file. Throws `RuleError` for what is no YAML. */
export function parseRuleYaml(text: string, file: string): RuleDocument[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text.replace(/^\uFEFF/, ''), {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.1',
    strict: false,
    uniqueKeys: true,
    customTags: tagsOf,
  });
  if (!Array.isArray(documents)) return [];
  const found: RuleDocument[] = [];
  for (const document of documents) {
    const problem = document.errors[0];
    if (problem) {
      const { line, col } = lines.linePos(problem.pos[0]);
      throw new RuleError(file, Math.max(line, 1), Math.max(col, 1), problem.message);
    }
    const place = new RulePlace(file, (path: Path) => {
      let node: unknown;
      for (let length = path.length; length >= 0 && node === undefined; length--) {
        node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      }
      const start = (node as { range?: [number, number, number] } | null)?.range?.[0] ?? document.range?.[0] ?? 0;
      const { line, col } = lines.linePos(start);
      return { line: Math.max(line, 1), column: Math.max(col, 1) };
    });
    let data: unknown;
    try {
      data = document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      // An alias without its anchor, or aliases that multiply without end.
      throw place.error([], error instanceof Error ? error.message : String(error));
    }
    // `---` with nothing behind it, as left by many editors.
    if (data === null || data === undefined) continue;
    found.push({ document: data, place });
  }
  return found;
}

import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Condition } from '../../sensor/detection/sigma/condition.js';
import type { Detection } from '../../sensor/detection/sigma/detection.js';
import { ANY_CHARACTER, ANY_TEXT, type TextPart } from '../../sensor/detection/sigma/text.js';
import type { SearchItem, Value } from '../../sensor/detection/sigma/value.js';

/**
 * The specification word by word, with nothing clever: what the engine is held against. Fields are looked up by
 * `read`, so that the same events can be given as records and as plain maps.
 */
export function naivelyMatches(
  detection: Detection,
  read: (field: string) => unknown,
  leaves: readonly string[],
): boolean {
  const holds = (condition: Condition): boolean => {
    switch (condition.kind) {
      case 'search':
        return (detection.searches.get(condition.name) ?? []).some((items) => items.every(item));
      case 'not':
        return !holds(condition.operand);
      case 'and':
        return condition.operands.every(holds);
      case 'or':
        return condition.operands.some(holds);
    }
  };
  const item = (one: SearchItem): boolean => {
    const test = (value: Value): boolean => {
      if (one.field === null) return leaves.some((leaf) => keyword(value, leaf));
      return field(value, read(one.field), read);
    };
    const result = one.isAll ? one.values.every(test) : one.values.some(test);
    return one.isNegated ? !result : result;
  };
  // A placeholder without a value: the rule rests.
  return detection.unresolved.length === 0 && detection.conditions.some(holds);
}

function keyword(value: Value, leaf: string): boolean {
  switch (value.kind) {
    case 'any':
      return value.values.some((form) => keyword(form, leaf));
    case 'text':
      return asRegExp([ANY_TEXT, ...value.parts, ANY_TEXT], value.isCased).test(leaf);
    case 'number':
    case 'boolean':
      return leaf.toLowerCase().includes(String(value.value));
    default:
      return field(value, leaf, () => undefined);
  }
}

function field(value: Value, found: unknown, read: (field: string) => unknown): boolean {
  if (value.kind === 'any') return value.values.some((form) => field(form, found, read));
  if (value.kind === 'null') return found === undefined || found === null;
  if (value.kind === 'exists') return (found !== undefined) === value.expected;
  const list = (Array.isArray(found) ? found.flat(9) : [found]).filter((one) => one !== undefined && one !== null);
  return list.some((one: unknown) => single(value, one, read));
}

function single(value: Value, found: unknown, read: (field: string) => unknown): boolean {
  const text = String(found);
  const isDecimal = typeof found === 'number' || (typeof found === 'string' && /^\s*[-+]?\d+(\.\d+)?\s*$/.test(found));
  switch (value.kind) {
    case 'text':
      return asRegExp(value.parts, value.isCased).test(text);
    case 'number':
      return isDecimal && Number(found) === value.value;
    case 'boolean':
      return found === value.value;
    case 'regex':
      return new RegExp(
        value.source,
        `${value.flags.i ? 'i' : ''}${value.flags.m ? 'm' : ''}${value.flags.s ? 's' : ''}`,
      ).test(text);
    case 'compare': {
      const number = Number(found);
      if (!isDecimal || value.part !== null) return false;
      if (value.operator === 'lt') return number < value.limit;
      if (value.operator === 'lte') return number <= value.limit;
      return value.operator === 'gt' ? number > value.limit : number >= value.limit;
    }
    case 'fieldref': {
      const others = [read(value.field)].flat(9).filter((one) => one !== undefined && one !== null);
      return others.some((other) => {
        const fold = (one: string) => (value.isCased ? one : one.toLowerCase());
        const [whole, part] = [fold(text), fold(String(other))];
        if (value.at === 'whole') return whole === part;
        if (value.at === 'start') return whole.startsWith(part);
        return value.at === 'end' ? whole.endsWith(part) : whole.includes(part);
      });
    }
    case 'cidr': {
      // In 128 bits, IPv4 mapped into IPv6, as Node writes and compares them.
      if (isIP(text) === 0) return false;
      const [a, b, c, d] = value.network.words.map((word) => word >>> 0);
      const groups = [a!, b!, c!, d!]
        .flatMap((word) => [word >>> 16, word & 0xffff])
        .map((group) => group.toString(16));
      const list = new BlockList();
      list.addSubnet(groups.join(':'), value.network.prefix, 'ipv6');
      return list.check(isIPv4(text) ? `::ffff:${text}` : text, 'ipv6');
    }
    default:
      throw new Error(`${value.kind} is tested elsewhere`);
  }
}

function asRegExp(parts: readonly TextPart[], isCased: boolean): RegExp {
  const source = parts
    .map((part) => {
      if (part === ANY_TEXT) return '[^]*';
      if (part === ANY_CHARACTER) return '[^]';
      return part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`, isCased ? 'u' : 'iu');
}

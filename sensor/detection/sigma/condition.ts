/** A condition over the named searches of a rule. */
export type Condition =
  | { readonly kind: 'search'; readonly name: string }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[] };

export class ConditionError extends Error {
  override readonly name = 'ConditionError';
}

const MAX_DEPTH = 50;
const MAX_TOKENS = 10_000;

/**
 * Grammar: or > and > not > ( … ) | NAME | (1|any|all) of (them | PATTERN), with `*` anywhere in a pattern. `them` leaves
 * out names that begin with an underscore. Throws `ConditionError`; what is odd but clear goes to `warn`.
 */
export function parseCondition(
  text: string,
  names: readonly string[],
  warn: (reason: string) => void = () => {},
): Condition {
  const tokens = text.match(/[()|]|[^\s()|]+/g) ?? [];
  if (tokens.length > MAX_TOKENS) throw new ConditionError('the condition is too long');
  let at = 0;

  const selected = (quantifier: string, pattern: string): Condition => {
    const matching = names.filter((name) =>
      pattern === 'them' ? !name.startsWith('_') : matchesPattern(pattern, name),
    );
    if (matching.length === 0) {
      if (quantifier === 'all') throw new ConditionError(`no search matches "${pattern}"`);
      warn(`no search matches "${pattern}": "${quantifier} of ${pattern}" is never true`);
    }
    return {
      kind: quantifier === 'all' ? 'and' : 'or',
      operands: matching.map((name) => ({ kind: 'search', name })),
    };
  };

  const primary = (depth: number): Condition => {
    if (depth > MAX_DEPTH) throw new ConditionError('the condition is nested too deeply');
    const token = tokens[at++];
    if (token === undefined) throw new ConditionError('the condition ends too early');
    if (token === '(') {
      const inner = either(depth + 1);
      if (tokens[at++] !== ')') throw new ConditionError('a closing parenthesis is missing');
      return inner;
    }
    if (token === 'not') return { kind: 'not', operand: primary(depth + 1) };
    if (tokens[at] === 'of') {
      if (token !== '1' && token !== 'all' && token !== 'any')
        throw new ConditionError(`"${token} of" does not exist: write "1 of" or "all of"`);
      at++;
      const pattern = tokens[at++];
      if (pattern === undefined) throw new ConditionError(`"${token} of" names no search`);
      return selected(token, pattern);
    }
    if (!names.includes(token)) {
      if (/^(?:not|and|or|all|any)$/i.test(token) && token !== token.toLowerCase())
        throw new ConditionError(`"${token}" must be written in small letters`);
      throw new ConditionError(`there is no search "${token}"`);
    }
    return { kind: 'search', name: token };
  };

  const both = (depth: number): Condition => {
    const operands = [primary(depth)];
    while (tokens[at] === 'and') {
      at++;
      operands.push(primary(depth));
    }
    return operands.length === 1 ? operands[0]! : { kind: 'and', operands };
  };

  const either = (depth: number): Condition => {
    const operands = [both(depth)];
    while (tokens[at] === 'or') {
      at++;
      operands.push(both(depth));
    }
    return operands.length === 1 ? operands[0]! : { kind: 'or', operands };
  };

  const condition = either(0);
  const rest = tokens[at];
  if (rest === '|') throw new ConditionError('"|" is no longer part of Sigma: write a correlation rule instead');
  if (rest !== undefined) {
    const hint = /^(?:and|or)$/i.test(rest) ? ': it must be written in small letters' : ' is not expected here';
    throw new ConditionError(`"${rest}"${hint}`);
  }
  return condition;
}

/** `*` stands for any part of a name. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  if (parts.length === 0) return name === pattern;
  const last = parts.pop()!;
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts) {
    at = name.indexOf(part, at);
    if (at < 0) return false;
    at += part.length;
  }
  return at <= name.length - last.length;
}

/** Names of all searches that a condition looks at. */
export function searchesOf(condition: Condition): string[] {
  switch (condition.kind) {
    case 'search':
      return [condition.name];
    case 'not':
      return searchesOf(condition.operand);
    default:
      return condition.operands.flatMap(searchesOf);
  }
}

/** A condition over the named searches of a rule. */
export type Condition =
  | { readonly kind: 'search'; readonly name: string }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[] };

export class ConditionError extends Error {
  override readonly name = 'ConditionError';
}

const MAX_DEPTH = 50;

/** Grammar: or > and > not > ( … ) | NAME | (1|all) of (them | PATTERN*). Throws `ConditionError`. */
export function parseCondition(text: string, names: readonly string[]): Condition {
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const next = (): string | undefined => tokens[at]?.toLowerCase();

  const selected = (pattern: string): Condition[] => {
    const isThem = pattern.toLowerCase() === 'them';
    const prefix = pattern.replace(/\*$/, '');
    const matching = names.filter((name) =>
      isThem ? !name.startsWith('_') : pattern.endsWith('*') ? name.startsWith(prefix) : name === pattern,
    );
    if (matching.length === 0) throw new ConditionError(`no search matches "${pattern}"`);
    return matching.map((name) => ({ kind: 'search', name }));
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
    const word = token.toLowerCase();
    if (word === 'not') return { kind: 'not', operand: primary(depth + 1) };
    if ((word === '1' || word === 'all' || word === 'any') && next() === 'of') {
      at++;
      const pattern = tokens[at++];
      if (pattern === undefined) throw new ConditionError(`"${token} of" names no search`);
      return { kind: word === 'all' ? 'and' : 'or', operands: selected(pattern) };
    }
    if (!names.includes(token)) throw new ConditionError(`there is no search "${token}"`);
    return { kind: 'search', name: token };
  };

  const both = (depth: number): Condition => {
    const operands = [primary(depth)];
    while (next() === 'and') {
      at++;
      operands.push(primary(depth));
    }
    return operands.length === 1 ? operands[0]! : { kind: 'and', operands };
  };

  const either = (depth: number): Condition => {
    const operands = [both(depth)];
    while (next() === 'or') {
      at++;
      operands.push(both(depth));
    }
    return operands.length === 1 ? operands[0]! : { kind: 'or', operands };
  };

  const condition = either(0);
  if (at < tokens.length) throw new ConditionError(`"${tokens[at]}" is not expected here`);
  return condition;
}

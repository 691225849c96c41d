/** An event as rules see it. Asked for the same field often, so it remembers what it has found. */
export interface EventView {
  /** A field's value; undefined where there is none. */
  value(field: string): unknown;
  /** All texts and numbers of the event, as texts: what keywords are searched in. */
  leaves(): readonly string[];
}

const MAX_LEAVES = 20_000;
const MAX_DEPTH = 32;

/** A JSON event: fields by their name as it stands there, or by the dotted path to them. */
export class JsonEvent implements EventView {
  readonly #event: Readonly<Record<string, unknown>>;
  readonly #found = new Map<string, unknown>();
  #leaves: string[] | null = null;

  constructor(event: Readonly<Record<string, unknown>>) {
    this.#event = event;
  }

  value(field: string): unknown {
    if (this.#found.has(field)) return this.#found.get(field);
    const own = fieldOf(this.#event, field);
    const value = plain(own === undefined ? windowsField(this.#event, field) : own);
    this.#found.set(field, value);
    return value;
  }

  leaves(): readonly string[] {
    if (this.#leaves === null) {
      this.#leaves = [];
      collectLeaves(this.#event, this.#leaves, 0);
    }
    return this.#leaves;
  }

  /** Names in this event; a field with none of these among its `fieldHooks` is not there. */
  hooks(): ReadonlySet<string> {
    const hooks = new Set<string>();
    collectHooks(this.#event, hooks, 0);
    return hooks;
  }
}

/** Under these names of an event the field's value may stand, as `JsonEvent.value` looks for it. */
export function fieldHooks(field: string): readonly string[] {
  const hooks = [firstSegment(field, '.'), field.replaceAll(/[ _]/g, ''), firstSegment(field, '_')];
  const other = OTHER_NAMES.get(field);
  if (other !== undefined) hooks.push(other);
  return [...new Set(hooks)];
}

function firstSegment(name: string, separator: string): string {
  const end = name.indexOf(separator);
  return end < 0 ? name : name.slice(0, end);
}

function collectHooks(value: unknown, into: Set<string>, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const item of value) collectHooks(item, into, depth + 1);
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    into.add(firstSegment(name, '.'));
    if (name.includes(' ')) into.add(name.replaceAll(/[ _]/g, ''));
    if (typeof inner === 'string' && /(?:^|[.@])Name$/.test(name)) into.add(firstSegment(inner, '.'));
    collectHooks(inner, into, depth + 1);
  }
}

/**
 * The field of that name, or the dotted path to it; names may hold dots themselves. In a list of objects, the field of
 * each. Undefined where there is none; inherited properties do not count.
 */
export function fieldOf(value: unknown, path: string, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value)) {
    const found = value.map((item) => fieldOf(item, path, depth + 1)).filter((item) => item !== undefined);
    return found.length === 0 ? undefined : found.length === 1 ? found[0] : found;
  }
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(value, head)) continue;
    const found = fieldOf((value as Record<string, unknown>)[head], path.slice(dot + 1), depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Windows events keep their fields where the event log's XML has them: `Event.System`, `Event.EventData`,
 * `Event.UserData.NAME`; rules name them without this path. `A_B` is the attribute B of the element A.
 */
function windowsField(event: Readonly<Record<string, unknown>>, field: string): unknown {
  const root = objectIn(event, 'Event') ?? event;
  const system = objectIn(root, 'System');
  const eventData = objectIn(root, 'EventData');
  const winlog = objectIn(event, 'winlog');
  const userData = objectIn(root, 'UserData');
  const places = [
    eventData,
    system,
    ...(userData ? [userData, ...Object.values(userData)] : []),
    winlog && objectIn(winlog, 'event_data'),
    winlog && objectIn(winlog, 'user_data'),
    winlog,
  ];
  for (const place of places) {
    const found = fieldOf(place, field);
    if (found !== undefined) return found;
  }
  const named = namedData(eventData, field) ?? spacedField([event, ...places], field);
  if (named !== undefined) return named;
  const split = field.indexOf('_');
  if (system && split > 0) {
    const attributes = objectIn(objectIn(system, field.slice(0, split)) ?? {}, '#attributes');
    const found = fieldOf(attributes, field.slice(split + 1));
    if (found !== undefined) return found;
  }
  const other = OTHER_NAMES.get(field);
  if (other === undefined) return undefined;
  return fieldOf(eventData ?? event, other) ?? spacedField([event, ...places], other);
}

/** What rules call otherwise than the log: Sysmon's names for the security log's event 4688, a virus scanner's for Defender. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['Image', 'NewProcessName'],
  ['ParentImage', 'ParentProcessName'],
  ['Signature', 'ThreatName'],
  ['Filename', 'Path'],
]);

/** `Threat Name`, as some logs have it, is `ThreatName` or `Threat_Name` in rules. */
function spacedField(places: readonly unknown[], field: string): unknown {
  const wanted = field.replaceAll('_', '');
  for (const place of places) {
    if (typeof place !== 'object' || place === null) continue;
    const key = Object.keys(place).find((name) => name.includes(' ') && name.replaceAll(/[ _]/g, '') === wanted);
    if (key !== undefined) return (place as Record<string, unknown>)[key];
  }
  return undefined;
}

/** `<Data Name="X">` that was not yet turned into a field of that name. */
function namedData(eventData: Record<string, unknown> | null, field: string): unknown {
  const data = eventData?.['Data'];
  if (!Array.isArray(data)) return undefined;
  const found = data.find((item) => fieldOf(item, '#attributes.Name') === field || fieldOf(item, '@Name') === field);
  return fieldOf(found, '#text');
}

function objectIn(value: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> | null {
  const inner = Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    ? (inner as Record<string, unknown>)
    : null;
}

/** An XML element with attributes stands for its text. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.hasOwn(value, '#text') ? (value as Record<string, unknown>)['#text'] : value;
}

export function collectLeaves(value: unknown, into: string[], depth: number): void {
  if (into.length >= MAX_LEAVES || depth > MAX_DEPTH) return;
  if (typeof value === 'string') into.push(value);
  else if (typeof value === 'number' || typeof value === 'boolean') into.push(String(value));
  else if (Array.isArray(value)) for (const item of value) collectLeaves(item, into, depth + 1);
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) collectLeaves(item, into, depth + 1);
}

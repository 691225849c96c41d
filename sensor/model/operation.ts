/** What an operation does to a plant, in the order of how much it can hurt. */
export const OPERATION_CLASSES = ['session', 'identify', 'diagnose', 'read', 'write', 'control', 'program'] as const;
export type OperationClass = (typeof OPERATION_CLASSES)[number];

/** One verb of a protocol. Every dissector declares its own, closed list; `index` is its place in that list. */
export interface Operation {
  readonly index: number;
  /** snake_case of the standard's name; finer than the record's function where one function does several things. */
  readonly name: string;
  /** The dissection record's `function` of such messages. */
  readonly function: string;
  readonly class: OperationClass;
  /** For a person: "Write single register". */
  readonly title: string;
}

/** Operations that change what the plant does. */
export function isIntrusive(operationClass: OperationClass): boolean {
  return operationClass === 'write' || operationClass === 'control' || operationClass === 'program';
}
